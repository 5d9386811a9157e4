import { type ReactNode, useState } from 'react';
import type { ProviderView } from '../../../../src/contracts/models.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form, TextAreaField, TextField } from '../../../ui/field.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { SelectField } from '../../../ui/select.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { Checkbox } from '../../../ui/toggle.tsx';
import { useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { addProviderKey, type NewProviderKey } from '../../api/vault.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

const FIELDS = ['provider', 'key', 'name', 'base_url', 'settings', 'monthly_budget_usd', 'priority'] as const;

/** Providers that most people have a key of stand first. */
const FIRST = ['openai', 'anthropic', 'google', 'gemini', 'openrouter'];

export function AddProviderKey({
  open,
  onClose,
  providers,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly providers: readonly ProviderView[];
}): ReactNode {
  const tenant = useTenant();
  const act = useAct((body: NewProviderKey) => addProviderKey(body), {
    changes: [[tenant.id, 'provider-keys']],
    after: (key) => {
      if (key.status === 'refused')
        sayFailure(`${key.name} is kept, but the provider refuses it`, key.status_message ?? undefined);
      else
        say(
          key.status === 'valid' ? `${key.name} is kept, and the provider accepts it` : `${key.name} is kept`,
        );
      onClose();
    },
  });
  return (
    <Dialog
      open={open}
      onClose={() => {
        act.reset();
        onClose();
      }}
      title="Add a provider key"
      description="It is sealed at once and never shown again."
    >
      <AddForm act={act} providers={providers.filter(({ id }) => id !== 'local')} />
    </Dialog>
  );
}

function AddForm({
  act,
  providers,
}: {
  readonly act: ReturnType<typeof useAct<NewProviderKey, unknown>>;
  readonly providers: readonly ProviderView[];
}): ReactNode {
  const rank = (id: string) =>
    (FIRST.indexOf(id) + FIRST.length + 1) % (FIRST.length + 1) || FIRST.length + 1;
  const sorted = [...providers].sort((a, b) => rank(a.id) - rank(b.id) || a.name.localeCompare(b.name));
  const [provider, setProvider] = useState('openai');
  const [more, setMore] = useState(false);
  const [fallback, setFallback] = useState(true);
  const [check, setCheck] = useState(true);
  const submit = (values: Readonly<Record<string, string>>) => {
    const {
      key = '',
      name = '',
      base_url: address = '',
      monthly_budget_usd: budget = '',
      priority = '',
      settings = '',
    } = values;
    act.act({
      provider,
      key: key.trim(),
      ...(name.trim() === '' ? {} : { name }),
      ...(address.trim() === '' ? {} : { base_url: address.trim() }),
      ...(settings.trim() === '' ? {} : { settings: settingsOf(settings) }),
      ...(budget.trim() === '' ? {} : { monthly_budget_usd: Number(budget) }),
      ...(priority.trim() === '' ? {} : { priority: Number(priority) }),
      platform_fallback: fallback,
      validate: check,
    });
  };
  return (
    <Form className="flex flex-col gap-4" errors={act.errorsAt(...FIELDS)} onSubmit={submit}>
      <SelectField
        label="Provider"
        name="provider"
        choices={sorted.map(({ id, name }) => ({ value: id, label: name }))}
        value={provider}
        onChange={setProvider}
      />
      <PasswordField
        label="Key"
        name="key"
        autoComplete="new-password"
        help="The API key, or the JSON of a Google service account."
      />
      <TextField
        label="Name"
        name="name"
        optional
        maxLength={100}
        placeholder="Team account"
        autoComplete="off"
      />
      <Checkbox
        label="Ask the provider at once whether it accepts the key"
        checked={check}
        onChange={setCheck}
      />
      <Checkbox
        label="Where no key of yours can serve, use the platform’s against your credit"
        help="Without it such calls are refused. One key that says no decides for its provider."
        checked={fallback}
        onChange={setFallback}
      />
      <Checkbox label="Budget, order and address" checked={more} onChange={setMore} />
      {more && (
        <div className="flex flex-col gap-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="Budget a month"
              name="monthly_budget_usd"
              type="number"
              inputMode="decimal"
              min={0.01}
              step={0.01}
              before="$"
              optional
              help="Beyond it the next key is used."
            />
            <TextField
              label="Order"
              name="priority"
              type="number"
              inputMode="numeric"
              min={0}
              max={1000}
              step={1}
              optional
              help="Of several the lowest comes first; 100 unless said."
            />
          </div>
          <TextField
            label="Address"
            name="base_url"
            mono
            optional
            placeholder="https://proxy.example.com/v1"
            help="Of a compatible provider, or a proxy before one. Public https addresses only."
          />
          <TextAreaField
            label="Settings"
            name="settings"
            mono
            rows={2}
            optional
            placeholder="AWS_REGION=eu-central-1"
            help="What else the provider needs, one NAME=value a line."
          />
        </div>
      )}
      <ProblemNotice problem={act.problemBeside(...FIELDS)} />
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={act.busy}>
          Add the key
        </Button>
      </div>
    </Form>
  );
}

/** `NAME=value` lines as an object. Pure. */
function settingsOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return found;
}
