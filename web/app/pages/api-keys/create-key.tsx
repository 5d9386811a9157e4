import { type ReactNode, useState } from 'react';
import type { Scope } from '../../../../src/contracts/principal.ts';
import { Button } from '../../../ui/button.tsx';
import { SecretOnce } from '../../../ui/code.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form, TextAreaField, TextField } from '../../../ui/field.tsx';
import { SelectField } from '../../../ui/select.tsx';
import { Checkbox, RadioChoices } from '../../../ui/toggle.tsx';
import { type CreatedKey, createKey, type NewKey } from '../../api/keys.ts';
import { useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { KEY_SCOPES, scopeName, scopeWords } from '../../scopes.ts';

const ENDS = [
  { value: 'never', label: 'Never' },
  { value: '7', label: 'In a week' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
] as const;
type End = (typeof ENDS)[number]['value'];

const FIELDS = ['name', 'rate_limit', 'monthly_limit_usd', 'allowed_origins'] as const;

/** Makes a key, and shows its text this once. */
export function CreateKeyDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [made, setMade] = useState<CreatedKey | null>(null);
  const [retryKey, setRetryKey] = useState(() => crypto.randomUUID());
  const act = useAct((body: NewKey) => createKey(body, retryKey), {
    changes: [[tenant.id, 'api-keys']],
    after: (key) => setMade(key),
    // A changed form must not be taken for a repetition of the refused one.
    failed: ({ status }) => status !== 0 && setRetryKey(crypto.randomUUID()),
  });
  const close = () => {
    setMade(null);
    setRetryKey(crypto.randomUUID());
    act.reset();
    onClose();
  };
  if (made !== null) {
    return (
      <Dialog
        open={open}
        onClose={close}
        dismissible={false}
        title="Your key"
        description={`${made.name}: ready to use.`}
        footer={
          <Button variant="primary" onClick={close}>
            I have kept it
          </Button>
        }
      >
        <SecretOnce secret={made.key} what="the key">
          Keep it now, in a password manager or your program’s secrets: it is shown this once and cannot be
          had again.
        </SecretOnce>
      </Dialog>
    );
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title="Make an API key"
      description="Give each program its own: then one can end without the others."
    >
      <KeyForm act={act} />
    </Dialog>
  );
}

function KeyForm({ act }: { readonly act: ReturnType<typeof useAct<NewKey, CreatedKey>> }): ReactNode {
  const [kind, setKind] = useState<'secret' | 'publishable'>('secret');
  const [end, setEnd] = useState<End>('never');
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(() => new Set(KEY_SCOPES));
  const [limited, setLimited] = useState(false);
  const submit = (values: Readonly<Record<string, string>>) => {
    const {
      name = '',
      rate_limit: rate = '',
      monthly_limit_usd: limit = '',
      allowed_origins: origins = '',
    } = values;
    act.act({
      name,
      kind,
      ...(kind === 'secret'
        ? { scopes: [...scopes] }
        : { allowed_origins: origins.split(/[\s,]+/).filter((origin) => origin !== '') }),
      ...(end === 'never'
        ? {}
        : { expires_at: new Date(Date.now() + Number(end) * 86_400_000).toISOString() }),
      ...(limited && rate.trim() !== '' ? { rate_limit: Number(rate) } : {}),
      ...(limited && limit.trim() !== '' ? { monthly_limit_usd: Number(limit) } : {}),
    });
  };
  return (
    <Form className="flex flex-col gap-4" errors={act.errorsAt(...FIELDS)} onSubmit={submit}>
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        autoFocus
        placeholder="Build server"
        autoComplete="off"
      />
      <RadioChoices
        label="Kind"
        value={kind}
        onChange={setKind}
        choices={[
          {
            value: 'secret',
            label: 'Secret',
            help: 'For servers, scripts and coding agents. Nobody else may see it.',
          },
          {
            value: 'publishable',
            label: 'Publishable',
            help: 'Stands in a public page and opens the chat widget there, nothing else.',
          },
        ]}
      />
      {kind === 'publishable' ? (
        <TextAreaField
          label="Pages it works on"
          name="allowed_origins"
          rows={2}
          required
          mono
          placeholder="https://example.com"
          help="One origin a line: scheme and host, without a path."
        />
      ) : (
        <fieldset>
          <legend className="flex w-full items-baseline justify-between pb-1.5 text-13 font-medium">
            What it may do
          </legend>
          <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
            {KEY_SCOPES.map((scope) => (
              <Checkbox
                key={scope}
                label={scopeName(scope)}
                help={<span className="text-12">{scopeWords(scope)}</span>}
                checked={scopes.has(scope)}
                onChange={(on) => {
                  const next = new Set(scopes);
                  if (on) next.add(scope);
                  else next.delete(scope);
                  setScopes(next);
                }}
              />
            ))}
          </div>
          {scopes.size === 0 && <p className="pt-1.5 text-13 text-danger">Choose at least one.</p>}
        </fieldset>
      )}
      <SelectField label="Ends" name="ends" choices={ENDS} value={end} onChange={setEnd} />
      <Checkbox
        label="Limits of its own"
        help="Your own limits hold in any case."
        checked={limited}
        onChange={setLimited}
      />
      {limited && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Requests a minute"
            name="rate_limit"
            type="number"
            inputMode="numeric"
            min={1}
            max={100_000}
            step={1}
            optional
            help="A fifth of them at once."
          />
          <TextField
            label="Spend a month"
            name="monthly_limit_usd"
            type="number"
            inputMode="decimal"
            min={0.01}
            max={1_000_000}
            step={0.01}
            before="$"
            optional
            help="Of the tenant’s credit, by calendar month in UTC."
          />
        </div>
      )}
      <ProblemNotice problem={act.problemBeside(...FIELDS)} />
      <div className="flex justify-end">
        <Button
          type="submit"
          variant="primary"
          busy={act.busy}
          disabled={kind === 'secret' && scopes.size === 0}
        >
          Make the key
        </Button>
      </div>
    </Form>
  );
}
