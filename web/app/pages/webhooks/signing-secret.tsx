import { type ReactNode, useState } from 'react';
import type { WebhookEndpointView } from '../../../../src/contracts/webhooks.ts';
import { Button } from '../../../ui/button.tsx';
import { Code, SecretOnce } from '../../../ui/code.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { type CreatedEndpoint, rotateSigningSecret } from '../../api/webhooks.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

const CHECK = `import { Webhook } from 'standardwebhooks';

// The body as it came. Throws if it is not ours.
const event = new Webhook(secret).verify(body, headers);`;

/** A signing secret, this once, and what to do with it. */
export function ShowSecret({
  endpoint,
  title,
  description,
  onDone,
  children,
}: {
  readonly endpoint: CreatedEndpoint;
  readonly title: string;
  readonly description: string;
  readonly onDone: () => void;
  /** More about how long which secret signs. */
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <Dialog
      open
      onClose={onDone}
      dismissible={false}
      title={title}
      description={description}
      footer={
        <Button variant="primary" onClick={onDone}>
          I have kept it
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <SecretOnce secret={endpoint.secret} what="the signing secret">
          Keep it where your receiver reads its secrets: it is shown this once and is not shown again.
          {children}
        </SecretOnce>
        <Code code={CHECK} language="ts" label="How your receiver checks a post" what="the check" />
      </div>
    </Dialog>
  );
}

/** Asks, puts another secret in the place of the endpoint's, and shows it. */
export function RotateSecret({
  endpoint,
  onClose,
}: {
  readonly endpoint: WebhookEndpointView;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [made, setMade] = useState<CreatedEndpoint | null>(null);
  const act = useAct(() => rotateSigningSecret(endpoint.id), {
    changes: [[tenant.id, 'webhooks']],
    after: setMade,
  });
  if (made !== null) {
    return (
      <ShowSecret
        endpoint={made}
        title="The new signing secret"
        description={`${endpoint.name} is signed with it from now on.`}
        onDone={onClose}
      >
        {' For a day the old one signs as well: change your receiver over within it.'}
      </ShowSecret>
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      width="narrow"
      title="Rotate the secret"
      description={`${endpoint.name} gets a new signing secret.`}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button variant="primary" busy={act.busy} onClick={() => act.act()}>
            Make the new secret
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-text-2">
          For a day both sign: each post carries two signatures, by the old secret and by the new, so that
          nothing is refused while you change over. Rotated again within the day, the oldest of the three ends
          at once.
        </p>
        <ProblemNotice problem={act.problem} />
      </div>
    </Dialog>
  );
}
