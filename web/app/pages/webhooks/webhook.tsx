import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, Ellipsis, Pencil, Power, RotateCw, Send, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { WebhookEndpointView } from '../../../../src/contracts/webhooks.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Details } from '../../../ui/details.tsx';
import { Confirm } from '../../../ui/dialog.tsx';
import { Menu, MenuItem, MenuLine } from '../../../ui/menu.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { deleteEndpoint, readEndpoint, sendTestEvent, updateEndpoint } from '../../api/webhooks.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { Deliveries } from './deliveries.tsx';
import { ChangeEndpoint } from './endpoint-form.tsx';
import { RotateSecret } from './signing-secret.tsx';
import { EndpointStatus, Events } from './webhooks.tsx';
import { whyOff } from './words.ts';

const route = getRouteApi('/in/webhooks/$endpointId');

/** One endpoint: how it is, what can be done with it, and what was posted there. */
export function WebhookPage(): ReactNode {
  const { endpointId } = route.useParams();
  const tenant = useTenant();
  const endpoint = useQuery({
    queryKey: [tenant.id, 'webhooks', endpointId],
    queryFn: ({ signal }) => readEndpoint(endpointId, signal),
  });
  const problem = endpoint.error === null ? null : asProblem(endpoint.error);
  // What was known of it is of no use once it is deleted.
  const shown = problem?.status === 404 ? undefined : endpoint.data;
  return (
    <PageBody>
      <p className="pb-3 text-13">
        <Link to="/webhooks" className="inline-flex items-center gap-1 text-text-2 hover:text-text">
          <ArrowLeft size={14} aria-hidden />
          Webhooks
        </Link>
      </p>
      {shown === undefined && problem !== null && (
        <ProblemNotice
          title="The webhook could not be loaded"
          problem={problem}
          onRetry={() => void endpoint.refetch()}
        />
      )}
      {endpoint.isPending && <SkeletonLines lines={3} label="Loading the webhook" />}
      {shown !== undefined && (
        <>
          <Endpoint endpoint={shown} />
          <Deliveries endpointId={endpointId} />
        </>
      )}
    </PageBody>
  );
}

function Endpoint({ endpoint }: { readonly endpoint: WebhookEndpointView }): ReactNode {
  const tenant = useTenant();
  const writes = useMay()('webhooks:write');
  const [step, setStep] = useState<'look' | 'change' | 'rotate' | 'delete'>('look');
  const look = () => setStep('look');
  const test = useAct(() => sendTestEvent(endpoint.id), {
    changes: [[tenant.id, 'webhooks', endpoint.id, 'deliveries']],
    after: () => say('The test event is on its way'),
    failed: ({ message }) => sayFailure('The test event was not sent', message),
  });
  const turn = useTurn(endpoint);
  return (
    <>
      <Header
        title={endpoint.name}
        description={<EndpointStatus endpoint={endpoint} />}
        {...(writes
          ? {
              action: (
                <Button variant="primary" icon={Send} busy={test.busy} onClick={() => test.act()}>
                  Send a test event
                </Button>
              ),
              aside: (
                <>
                  <Button icon={Pencil} onClick={() => setStep('change')}>
                    Change
                  </Button>
                  <Menu
                    align="end"
                    trigger={<IconButton icon={Ellipsis} label="What else can be done with it" />}
                  >
                    <MenuItem icon={RotateCw} onSelect={() => setStep('rotate')}>
                      Rotate the secret
                    </MenuItem>
                    <MenuItem icon={Power} onSelect={() => turn(!endpoint.enabled)}>
                      {endpoint.enabled ? 'Turn off' : 'Turn on'}
                    </MenuItem>
                    <MenuLine />
                    <MenuItem danger icon={Trash2} onSelect={() => setStep('delete')}>
                      Delete
                    </MenuItem>
                  </Menu>
                </>
              ),
            }
          : {})}
      />
      <Trouble endpoint={endpoint} onTurnOn={writes ? () => turn(true) : undefined} />
      <Details
        items={[
          ['Address', <Copyable key="url" text={endpoint.url} what="the address" />],
          ['Events', <Events key="events" events={endpoint.events} />],
          ['Id', <Copyable key="id" text={endpoint.id} what="the id" />],
          ['Made', <Time key="made" at={endpoint.created_at} as="exact" />],
        ]}
      />
      {step === 'change' && <ChangeEndpoint endpoint={endpoint} onClose={look} />}
      {step === 'rotate' && <RotateSecret endpoint={endpoint} onClose={look} />}
      <DeleteEndpoint endpoint={endpoint} open={step === 'delete'} onClose={look} />
    </>
  );
}

/** Turns it on or off at once. A press takes the latter back: events would be missed. */
function useTurn({ id, name }: WebhookEndpointView): (on: boolean) => void {
  const tenant = useTenant();
  const { act } = useAct((enabled: boolean) => updateEndpoint(id, { enabled }), {
    changes: [[tenant.id, 'webhooks']],
    after: (_, enabled) =>
      enabled ? say(`${name} is turned on`) : say(`${name} is turned off`, () => act(true)),
    failed: ({ message }, enabled) => sayFailure(`${name} was not turned ${enabled ? 'on' : 'off'}`, message),
  });
  return act;
}

/** Says why nothing arrives, where nothing does. */
function Trouble({
  endpoint,
  onTurnOn,
}: {
  readonly endpoint: WebhookEndpointView;
  readonly onTurnOn: (() => void) | undefined;
}): ReactNode {
  const { failing_since: since, off_because: off } = endpoint;
  const why = whyOff(endpoint);
  if (why === null && since === null) return null;
  return (
    <div className="pb-6">
      {why === null ? (
        <Notice tone="warning" title="Nothing arrives there">
          {since !== null && (
            <>
              No post was taken since <Time at={since} as="exact" />. The deliveries below say what was
              answered; after five days it is turned off.
            </>
          )}
        </Notice>
      ) : (
        <Notice
          tone={off === 'person' ? 'info' : 'warning'}
          title="It is off"
          {...(onTurnOn === undefined
            ? {}
            : {
                action: (
                  <Button size="dense" onClick={onTurnOn}>
                    Turn on
                  </Button>
                ),
              })}
        >
          {why} What happens meanwhile is not posted, not even later. A test event still is.
        </Notice>
      )}
    </div>
  );
}

function DeleteEndpoint({
  endpoint,
  open,
  onClose,
}: {
  readonly endpoint: WebhookEndpointView;
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useAct(() => deleteEndpoint(endpoint.id), {
    after: () => {
      say(`${endpoint.name} is deleted`);
      // The list alone: what this page shows of it is not there to be asked for any more.
      client.removeQueries({ queryKey: [tenant.id, 'webhooks'], exact: true });
      void navigate({ to: '/webhooks' });
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      onConfirm={() => remove.act()}
      title={`Delete ${endpoint.name}?`}
      action="Delete the webhook"
      busy={remove.busy}
      problem={<ProblemNotice problem={remove.problem} />}
    >
      <p>
        What is under way to it is dropped, and its deliveries and its secret are deleted with it. Nothing
        brings them back.
      </p>
    </Confirm>
  );
}
