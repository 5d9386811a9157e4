import { type ReactNode, useState } from 'react';
import type { VaultSecretView } from '../../../../src/contracts/vault.ts';
import { Button } from '../../../ui/button.tsx';
import { Details } from '../../../ui/details.tsx';
import { Confirm, Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { addSecret, deleteSecret, rotateSecret } from '../../api/vaults.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Openings } from './openings.tsx';

const FIELDS = ['name', 'value', 'expires_at'] as const;

/** Puts a secret into a vault. */
export function AddSecret({
  vaultId,
  onClose,
}: {
  readonly vaultId: string;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [key] = useState(() => crypto.randomUUID());
  const act = useAct((body: Parameters<typeof addSecret>[1]) => addSecret(vaultId, body, key), {
    changes: [[tenant.id, 'vaults', vaultId]],
    after: ({ name }) => {
      say(`${name} is kept`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a secret"
      description="It is sealed at once, and nobody can read it again."
    >
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt(...FIELDS)}
        onSubmit={({ name = '', value = '', expires_at: end = '' }) =>
          act.act({ name, value, ...(end === '' ? {} : { expires_at: `${end}T00:00:00.000Z` }) })
        }
      >
        <TextField
          label="Name"
          name="name"
          mono
          required
          maxLength={100}
          autoComplete="off"
          autoFocus
          help="Letters, digits, “_”, “.” and “-”."
        />
        <PasswordField label="Value" name="value" autoComplete="new-password" />
        <TextField
          label="Ends"
          name="expires_at"
          type="date"
          optional
          help="At the beginning of that day, UTC."
        />
        <ProblemNotice problem={act.problemBeside(...FIELDS)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={act.busy}>
            Keep it
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

/** One secret: what is known of it, its openings, its replacement and its end. */
export function SecretDialog({
  secret,
  onClose,
}: {
  readonly secret: VaultSecretView;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const [step, setStep] = useState<'look' | 'rotate' | 'delete'>('look');
  const changes = [[tenant.id, 'vaults', secret.vault_id]];
  const remove = useAct(() => deleteSecret(secret), {
    changes,
    after: () => {
      say(`${secret.name} is deleted`);
      onClose();
    },
  });
  const rotate = useAct((value: string) => rotateSecret(secret, value), {
    changes,
    after: () => {
      say('The new value is in its place');
      onClose();
    },
  });
  if (step === 'delete') {
    return (
      <Confirm
        open
        onClose={() => setStep('look')}
        onConfirm={() => remove.act()}
        title={`Delete ${secret.name}?`}
        action="Delete the secret"
        busy={remove.busy}
        problem={<ProblemNotice problem={remove.problem} />}
      >
        <p>What uses it fails from then on. Its name can be used again.</p>
      </Confirm>
    );
  }
  if (step === 'rotate') {
    return (
      <Dialog
        open
        onClose={() => setStep('look')}
        width="narrow"
        title={`Replace ${secret.name}`}
        description="The new value holds at once; name and end stay."
      >
        <Form
          className="flex flex-col gap-4"
          errors={rotate.errorsAt('value')}
          onSubmit={({ value = '' }) => rotate.act(value)}
        >
          <PasswordField label="New value" name="value" autoComplete="new-password" autoFocus />
          <ProblemNotice problem={rotate.problemBeside('value')} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setStep('look')}>Back</Button>
            <Button type="submit" variant="primary" busy={rotate.busy}>
              Replace
            </Button>
          </div>
        </Form>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={secret.name}
      footer={
        may('vaults:write') ? (
          <>
            <Button variant="danger" onClick={() => setStep('delete')}>
              Delete
            </Button>
            <Button onClick={() => setStep('rotate')}>Replace the value</Button>
          </>
        ) : undefined
      }
    >
      <div className="flex flex-col gap-5">
        <Details
          items={[
            [
              'Value',
              <code key="value" className="font-mono">
                {secret.preview}
              </code>,
            ],
            ['Version', secret.version],
            [
              'Ends',
              secret.expires_at === null ? 'never' : <Time key="ends" at={secret.expires_at} as="exact" />,
            ],
            ['Added', <Time key="added" at={secret.created_at} as="exact" />],
            ['Changed', <Time key="changed" at={secret.updated_at} as="exact" />],
          ]}
        />
        <Openings id={secret.id} />
      </div>
    </Dialog>
  );
}
