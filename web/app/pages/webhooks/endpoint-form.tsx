import { type ReactNode, useState } from 'react';
import {
  WEBHOOK_EVENTS,
  type WebhookEndpointView,
  type WebhookEvent,
} from '../../../../src/contracts/webhooks.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { say } from '../../../ui/toaster.tsx';
import { Checkbox } from '../../../ui/toggle.tsx';
import { useTenant } from '../../api/session.ts';
import { type Act, useAct } from '../../api/use-act.ts';
import { type CreatedEndpoint, createEndpoint, updateEndpoint } from '../../api/webhooks.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { ShowSecret } from './signing-secret.tsx';
import { EVENT_HELP, TYPE_NAMES } from './words.ts';

interface Wish {
  readonly name: string;
  readonly url: string;
  readonly events: WebhookEvent[];
}

/** Makes an endpoint, and shows its signing secret this once. */
export function AddEndpoint({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  /** Told of its id once the secret was kept. */
  readonly onMade: (id: string) => void;
}): ReactNode {
  const tenant = useTenant();
  const [made, setMade] = useState<CreatedEndpoint | null>(null);
  const act = useAct((body: Wish) => createEndpoint(body), {
    changes: [[tenant.id, 'webhooks']],
    after: setMade,
  });
  if (made !== null) {
    return (
      <ShowSecret
        endpoint={made}
        title="The signing secret"
        description={`${made.name} is on. Every post to it is signed with this.`}
        onDone={() => onMade(made.id)}
      />
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a webhook"
      description="Events are posted there as JSON, signed with a secret of its own."
    >
      <EndpointForm act={act} action="Add the webhook" onClose={onClose} />
    </Dialog>
  );
}

/** Changes where an endpoint is, what it is called and what it is told. */
export function ChangeEndpoint({
  endpoint,
  onClose,
}: {
  readonly endpoint: WebhookEndpointView;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const act = useAct((body: Wish) => updateEndpoint(endpoint.id, body), {
    changes: [[tenant.id, 'webhooks']],
    after: ({ name }) => {
      say(`${name} is changed`);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={`Change ${endpoint.name}`} description="Its secret stays as it is.">
      <EndpointForm act={act} endpoint={endpoint} action="Save" onClose={onClose} />
    </Dialog>
  );
}

const FIELDS = ['name', 'url'] as const;

function EndpointForm({
  act,
  endpoint,
  action,
  onClose,
}: {
  readonly act: Act<Wish, unknown>;
  readonly endpoint?: WebhookEndpointView;
  readonly action: string;
  readonly onClose: () => void;
}): ReactNode {
  const [events, setEvents] = useState<ReadonlySet<WebhookEvent>>(
    () => new Set(endpoint?.events ?? WEBHOOK_EVENTS),
  );
  return (
    <Form
      className="flex flex-col gap-4"
      errors={act.errorsAt(...FIELDS)}
      onSubmit={({ name = '', url = '' }) =>
        events.size > 0 && act.act({ name, url: url.trim(), events: [...events] })
      }
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={80}
        autoFocus
        autoComplete="off"
        placeholder="Pager"
        {...(endpoint === undefined ? {} : { defaultValue: endpoint.name })}
      />
      <TextField
        label="Address"
        name="url"
        type="url"
        mono
        required
        maxLength={500}
        autoComplete="off"
        placeholder="https://example.com/hooks/parallax"
        help="Public and https. Redirects are not followed."
        {...(endpoint === undefined ? {} : { defaultValue: endpoint.url })}
      />
      <fieldset>
        <legend className="pb-1.5 text-13 font-medium">Events</legend>
        <div className="flex flex-col gap-2">
          {WEBHOOK_EVENTS.map((event) => (
            <Checkbox
              key={event}
              label={
                <>
                  {TYPE_NAMES[event]} <code className="pl-1 font-mono text-12 text-text-3">{event}</code>
                </>
              }
              help={EVENT_HELP[event]}
              checked={events.has(event)}
              onChange={(on) => {
                const next = new Set(events);
                if (on) next.add(event);
                else next.delete(event);
                setEvents(next);
              }}
            />
          ))}
        </div>
        {events.size === 0 && <p className="pt-1.5 text-13 text-danger">Choose at least one.</p>}
      </fieldset>
      <ProblemNotice problem={act.problemBeside(...FIELDS)} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={act.busy} disabled={events.size === 0}>
          {action}
        </Button>
      </div>
    </Form>
  );
}
