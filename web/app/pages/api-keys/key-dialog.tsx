import { type ReactNode, useState } from 'react';
import type { ApiKeyView } from '../../../../src/contracts/identity.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { SecretOnce } from '../../../ui/code.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Details } from '../../../ui/details.tsx';
import { Confirm, Dialog } from '../../../ui/dialog.tsx';
import { country } from '../../../ui/format/country.ts';
import { count, usd } from '../../../ui/format/money.ts';
import { SelectField } from '../../../ui/select.tsx';
import { Time, useNow } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { Checkbox } from '../../../ui/toggle.tsx';
import { type CreatedKey, renameKey, revokeKey, rotateKey } from '../../api/keys.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Rename } from '../../frame/rename.tsx';
import { scopeName } from '../../scopes.ts';
import { KeyStatus, stateOf } from './api-keys.tsx';

/** One key: what is known of it, and what can be done with it. */
export function KeyDialog({
  apiKey,
  onClose,
}: {
  readonly apiKey: ApiKeyView;
  readonly onClose: () => void;
}): ReactNode {
  const may = useMay();
  const [step, setStep] = useState<'look' | 'rotate' | 'revoke'>('look');
  const live = !stateOf(apiKey, useNow()).ended;
  if (step === 'revoke')
    return <RevokeKey apiKey={apiKey} onClose={() => setStep('look')} onDone={onClose} />;
  if (step === 'rotate')
    return <RotateKey apiKey={apiKey} onClose={() => setStep('look')} onDone={onClose} />;
  return (
    <Dialog
      open
      onClose={onClose}
      title={apiKey.name}
      description={<KeyStatus apiKey={apiKey} />}
      footer={
        may('api_keys:write') && live ? (
          <>
            <Button variant="danger" onClick={() => setStep('revoke')}>
              Revoke
            </Button>
            <Button disabled={apiKey.replaced_by !== null} onClick={() => setStep('rotate')}>
              Rotate
            </Button>
          </>
        ) : undefined
      }
    >
      <div className="flex flex-col gap-5">
        {may('api_keys:write') && live && <RenameKey apiKey={apiKey} />}
        <Details
          items={[
            [
              'Key',
              <code key="key" className="font-mono text-13">{`${apiKey.prefix}…${apiKey.last4}`}</code>,
            ],
            ['Id', <Copyable key="id" text={apiKey.id} what="the id" />],
            [
              'May',
              <span key="scopes" className="flex flex-wrap gap-1">
                {apiKey.scopes.length === 0
                  ? 'open the widget'
                  : apiKey.scopes.map((scope) => <Badge key={scope}>{scopeName(scope)}</Badge>)}
              </span>,
            ],
            ...(apiKey.allowed_origins.length > 0
              ? [['Pages', apiKey.allowed_origins.join(', ')] as const]
              : []),
            ['Requests a minute', apiKey.rate_limit === null ? 'as its user' : count(apiKey.rate_limit)],
            ['Monthly limit', apiKey.monthly_limit_usd === null ? 'none' : usd(apiKey.monthly_limit_usd)],
            ['Made', <Time key="made" at={apiKey.created_at} as="exact" />],
            [
              'Ends',
              apiKey.expires_at === null ? 'never' : <Time key="ends" at={apiKey.expires_at} as="exact" />,
            ],
            ...(apiKey.revoked_at === null
              ? []
              : [['Revoked', <Time key="revoked" at={apiKey.revoked_at} as="exact" />] as const]),
            [
              'Last used',
              apiKey.last_used_at === null ? (
                'never'
              ) : (
                <span key="used">
                  <Time at={apiKey.last_used_at} />
                  {apiKey.last_used_country !== null && ` from ${country(apiKey.last_used_country)}`}
                </span>
              ),
            ],
          ]}
        />
      </div>
    </Dialog>
  );
}

function RenameKey({ apiKey }: { readonly apiKey: ApiKeyView }): ReactNode {
  const tenant = useTenant();
  const act = useAct((name: string) => renameKey(apiKey.id, name), {
    changes: [[tenant.id, 'api-keys']],
    after: () => say('The key has its new name'),
  });
  return <Rename name={apiKey.name} act={act} />;
}

const OVERLAPS = [
  { value: '0', label: 'Ends at once' },
  { value: '3600', label: 'Works for another hour' },
  { value: '86400', label: 'Works for another day' },
  { value: '604800', label: 'Works for another week' },
] as const;

function RotateKey({
  apiKey,
  onClose,
  onDone,
}: {
  readonly apiKey: ApiKeyView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('86400');
  const [made, setMade] = useState<CreatedKey | null>(null);
  const act = useAct(() => rotateKey(apiKey.id, Number(overlap)), {
    changes: [[tenant.id, 'api-keys']],
    after: setMade,
  });
  if (made !== null) {
    return (
      <Dialog
        open
        onClose={onDone}
        dismissible={false}
        title="The new key"
        description={`In place of ${apiKey.prefix}…${apiKey.last4}, with the same name, scopes and limits.`}
        footer={
          <Button variant="primary" onClick={onDone}>
            I have kept it
          </Button>
        }
      >
        <SecretOnce secret={made.key} what="the key" />
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      width="narrow"
      title={`Rotate ${apiKey.name}`}
      description="A new key with the same name, scopes and limits takes its place."
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button variant="primary" busy={act.busy} onClick={() => act.act()}>
            Make the new key
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <SelectField
          label="The old key"
          name="overlap"
          choices={OVERLAPS}
          value={overlap}
          onChange={setOverlap}
          help="Until it ends both draw on the same limits."
        />
        <ProblemNotice problem={act.problem} />
      </div>
    </Dialog>
  );
}

function RevokeKey({
  apiKey,
  onClose,
  onDone,
}: {
  readonly apiKey: ApiKeyView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [now, setNow] = useState(false);
  const act = useAct(() => revokeKey(apiKey.id, now), {
    changes: [[tenant.id, 'api-keys']],
    after: () => {
      say(`${apiKey.name} is revoked`);
      onDone();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      onConfirm={() => act.act()}
      title={`Revoke ${apiKey.name}?`}
      action="Revoke the key"
      busy={act.busy}
      problem={<ProblemNotice problem={act.problem} />}
    >
      <p>Programs that use it are refused within five seconds, everywhere. It cannot be brought back.</p>
      <Checkbox
        label="Wait until it works nowhere any more"
        help="The answer then comes a few seconds later."
        checked={now}
        onChange={setNow}
      />
    </Confirm>
  );
}
