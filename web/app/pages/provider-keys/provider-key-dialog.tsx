import { type ReactNode, useState } from 'react';
import type { ProviderKeyView } from '../../../../src/contracts/vault.ts';
import { Button } from '../../../ui/button.tsx';
import { Details } from '../../../ui/details.tsx';
import { Confirm, Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Notice } from '../../../ui/notice.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { Time } from '../../../ui/time.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { Switch } from '../../../ui/toggle.tsx';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import {
  deleteProviderKey,
  rotateProviderKey,
  updateProviderKey,
  validateProviderKey,
} from '../../api/vault.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Openings } from '../vaults/openings.tsx';
import { ProviderKeyStatus } from './provider-keys.tsx';

/** One provider key: how it is, its settings, its openings, its end. */
export function ProviderKeyDialog({
  providerKey,
  providerName,
  onClose,
}: {
  readonly providerKey: ProviderKeyView;
  readonly providerName: string;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const changes = [[tenant.id, 'provider-keys']];
  const [step, setStep] = useState<'look' | 'rotate' | 'delete'>('look');
  const check = useAct(() => validateProviderKey(providerKey.id), {
    changes,
    after: ({ status, status_message: message }) =>
      status === 'refused'
        ? sayFailure('The provider refuses the key', message ?? undefined)
        : say(status === 'valid' ? 'The provider accepts the key' : 'The provider did not say'),
  });
  const remove = useAct(() => deleteProviderKey(providerKey.id), {
    changes,
    after: () => {
      say(`${providerKey.name} is removed`);
      onClose();
    },
  });
  if (step === 'rotate') return <Rotate providerKey={providerKey} onClose={() => setStep('look')} />;
  if (step === 'delete') {
    return (
      <Confirm
        open
        onClose={() => setStep('look')}
        onConfirm={() => remove.act()}
        title={`Remove ${providerKey.name}?`}
        action="Remove the key"
        busy={remove.busy}
        problem={<ProblemNotice problem={remove.problem} />}
      >
        <p>
          Calls do without it within five seconds. The provider goes on accepting it until you end it there.
        </p>
      </Confirm>
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={providerKey.name}
      description={
        <span className="flex items-center gap-3">
          {providerName} <ProviderKeyStatus status={providerKey.status} />
        </span>
      }
      footer={
        may('provider_keys:write') ? (
          <>
            <Button variant="danger" onClick={() => setStep('delete')}>
              Remove
            </Button>
            <Button onClick={() => setStep('rotate')}>Replace the secret</Button>
            <Button busy={check.busy} onClick={() => check.act()}>
              Check it
            </Button>
          </>
        ) : undefined
      }
    >
      <div className="flex flex-col gap-5">
        {providerKey.status_message !== null && (
          <Notice tone={providerKey.status === 'refused' ? 'danger' : 'info'}>
            {providerKey.status_message}
          </Notice>
        )}
        <ProblemNotice problem={check.problem} />
        <Details
          items={[
            [
              'Key',
              <code key="key" className="font-mono">
                {providerKey.preview}
              </code>,
            ],
            [
              'This month',
              `${usd(providerKey.spent_this_month_usd)}${providerKey.monthly_budget_usd === null ? '' : ` of ${usd(providerKey.monthly_budget_usd)}`}`,
            ],
            ...(providerKey.base_url === null
              ? []
              : [
                  [
                    'Address',
                    <code key="at" className="font-mono">
                      {providerKey.base_url}
                    </code>,
                  ] as const,
                ]),
            [
              'Checked',
              providerKey.checked_at === null ? (
                'never'
              ) : (
                <Time key="checked" at={providerKey.checked_at} as="exact" />
              ),
            ],
            [
              'Ends',
              providerKey.expires_at === null ? (
                'never'
              ) : (
                <Time key="ends" at={providerKey.expires_at} as="exact" />
              ),
            ],
            ['Added', <Time key="added" at={providerKey.created_at} as="exact" />],
          ]}
        />
        {may('provider_keys:write') && <Settings key={providerKey.updated_at} providerKey={providerKey} />}
        {may('vaults:read') && <Openings id={providerKey.id} />}
      </div>
    </Dialog>
  );
}

const FIELDS = ['name', 'monthly_budget_usd', 'priority'] as const;

function Settings({ providerKey }: { readonly providerKey: ProviderKeyView }): ReactNode {
  const tenant = useTenant();
  const changes = [[tenant.id, 'provider-keys']];
  const act = useAct(
    (body: Parameters<typeof updateProviderKey>[1]) => updateProviderKey(providerKey.id, body),
    {
      changes,
      after: () => say('Saved'),
    },
  );
  const fallback = useAct((on: boolean) => updateProviderKey(providerKey.id, { platform_fallback: on }), {
    changes,
    after: ({ platform_fallback: on }) =>
      say(
        on
          ? 'The platform’s key may serve where none of yours can'
          : 'Only your own keys serve this provider',
      ),
    failed: ({ message }) => sayFailure('It stays as it was', message),
  });
  return (
    <Form
      className="flex flex-col gap-4 border-line border-t pt-4"
      errors={act.errorsAt(...FIELDS)}
      onSubmit={({ name = '', monthly_budget_usd: budget = '', priority = '' }) =>
        act.act({
          name,
          monthly_budget_usd: budget.trim() === '' ? null : Number(budget),
          priority: Number(priority),
        })
      }
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        defaultValue={providerKey.name}
        autoComplete="off"
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Budget a month"
          name="monthly_budget_usd"
          type="number"
          min={0.01}
          step={0.01}
          before="$"
          optional
          defaultValue={providerKey.monthly_budget_usd === null ? '' : String(providerKey.monthly_budget_usd)}
        />
        <TextField
          label="Order"
          name="priority"
          type="number"
          min={0}
          max={1000}
          step={1}
          required
          defaultValue={String(providerKey.priority)}
          help="The lowest comes first."
        />
      </div>
      <ProblemNotice problem={act.problemBeside(...FIELDS)} />
      <div className="flex justify-end">
        <Button type="submit" busy={act.busy}>
          Save
        </Button>
      </div>
      <Switch
        label="The platform’s key may serve where none of yours can"
        help="Against your credit. Off: such calls are refused."
        checked={providerKey.platform_fallback}
        disabled={fallback.busy}
        onChange={(on) => fallback.act(on)}
      />
    </Form>
  );
}

function Rotate({
  providerKey,
  onClose,
}: {
  readonly providerKey: ProviderKeyView;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const act = useAct((key: string) => rotateProviderKey(providerKey.id, key), {
    changes: [[tenant.id, 'provider-keys']],
    after: ({ status, status_message: message }) => {
      if (status === 'refused')
        sayFailure('The new secret is kept, but the provider refuses it', message ?? undefined);
      else say('The new secret is in its place');
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      width="narrow"
      title={`Replace the secret of ${providerKey.name}`}
      description="Name, order and budget stay. The provider is asked whether it accepts the new one."
    >
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt('key')}
        onSubmit={({ key = '' }) => act.act(key.trim())}
      >
        <PasswordField label="New key" name="key" autoComplete="new-password" autoFocus />
        <ProblemNotice problem={act.problemBeside('key')} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" variant="primary" busy={act.busy}>
            Replace
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
