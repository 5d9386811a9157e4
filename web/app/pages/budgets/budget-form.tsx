import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import {
  BUDGET_PERIODS,
  BUDGET_SCOPES,
  type BudgetPeriod,
  type BudgetScope,
  type BudgetView,
} from '../../../../src/contracts/budgets.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { type Choice, SelectField } from '../../../ui/select.tsx';
import { say } from '../../../ui/toaster.tsx';
import { RadioChoices } from '../../../ui/toggle.tsx';
import { createBudget, type NewBudget } from '../../api/budgets.ts';
import { listKeys } from '../../api/keys.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { listMembers } from '../../api/tenants.ts';
import { useAct } from '../../api/use-act.ts';
import { listProviderKeys } from '../../api/vault.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { PERIOD_WORDS, SCOPE_WORDS } from './words.ts';

const FIELDS = ['name', 'limit_usd', 'subject'] as const;

/** Whether a budget refuses, as a form asks for it. */
export function HardChoice({
  hard,
  onChange,
}: {
  readonly hard: boolean;
  readonly onChange: (hard: boolean) => void;
}): ReactNode {
  return (
    <RadioChoices
      label="When it is spent"
      value={hard ? 'refuse' : 'count'}
      onChange={(value) => onChange(value === 'refuse')}
      choices={[
        { value: 'refuse', label: 'Refuse', help: 'A call that may not fit into it is refused.' },
        { value: 'count', label: 'Only tell', help: 'Calls go on; owners and admins are told.' },
      ]}
    />
  );
}

export function LimitField({ defaultValue }: { readonly defaultValue?: string }): ReactNode {
  return (
    <TextField
      label="Limit"
      name="limit_usd"
      type="number"
      inputMode="decimal"
      min={0.01}
      max={1_000_000}
      step={0.01}
      before="$"
      required
      {...(defaultValue === undefined ? {} : { defaultValue })}
    />
  );
}

export function AddBudget({ onClose }: { readonly onClose: () => void }): ReactNode {
  const tenant = useTenant();
  const [scope, setScope] = useState<BudgetScope>('tenant');
  const [subject, setSubject] = useState<string>();
  const [period, setPeriod] = useState<BudgetPeriod>('monthly');
  const [hard, setHard] = useState(true);
  const subjects = useSubjects(scope);
  const chosen = subject ?? subjects.choices[0]?.value;
  const act = useAct((body: NewBudget) => createBudget(body), {
    changes: [[tenant.id, 'budgets']],
    after: ({ name }: BudgetView) => {
      say(`${name} counts from now on`);
      onClose();
    },
  });
  const scopes = useScopes();
  return (
    <Dialog
      open
      onClose={onClose}
      title="Make a budget"
      description="It counts from now on. Owners and admins are told at 50, 80, 90 and 100 %."
    >
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt(...FIELDS)}
        onSubmit={({ name = '', limit_usd: limit = '' }) =>
          act.act({
            name,
            scope,
            ...(scope === 'tenant' || chosen === undefined ? {} : { subject: chosen }),
            period,
            limit_usd: Number(limit),
            hard,
          })
        }
      >
        <TextField
          label="Name"
          name="name"
          required
          maxLength={80}
          placeholder="All of it"
          autoComplete="off"
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="What it bounds"
            name="scope"
            choices={scopes.map((value) => ({ value, label: SCOPE_WORDS[value] }))}
            value={scope}
            onChange={(next) => {
              setScope(next);
              setSubject(undefined);
            }}
          />
          {scope !== 'tenant' && (
            <SelectField
              key={scope}
              label="Which"
              name="subject"
              choices={subjects.choices}
              {...(chosen === undefined ? {} : { value: chosen })}
              onChange={setSubject}
              help={subjects.help}
            />
          )}
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <LimitField />
          <SelectField
            label="How often"
            name="period"
            choices={BUDGET_PERIODS.map((value) => ({ value, label: PERIOD_WORDS[value].every }))}
            value={period}
            onChange={setPeriod}
            help="By the calendar, UTC."
          />
        </div>
        <HardChoice hard={hard} onChange={setHard} />
        <ProblemNotice problem={act.problemBeside(...FIELDS)} />
        <div className="flex justify-end">
          <Button
            type="submit"
            variant="primary"
            busy={act.busy}
            disabled={scope !== 'tenant' && chosen === undefined}
          >
            Make the budget
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

/** What a budget can bound: provider keys only for who may see them. */
function useScopes(): readonly BudgetScope[] {
  const may = useMay();
  return BUDGET_SCOPES.filter((scope) => scope !== 'provider_key' || may('provider_keys:read'));
}

/** The members, keys or provider keys to choose from; what is said where there is none, or more than are shown. */
function useSubjects(scope: BudgetScope): {
  readonly choices: readonly Choice<string>[];
  readonly help: string | undefined;
} {
  const tenant = useTenant();
  const members = useQuery({
    queryKey: [tenant.id, 'members', 'names'],
    queryFn: ({ signal }) => listMembers(undefined, signal),
    enabled: scope === 'member',
    staleTime: 0,
  });
  const keys = useQuery({
    queryKey: [tenant.id, 'keys', 'names'],
    queryFn: ({ signal }) => listKeys(undefined, signal),
    enabled: scope === 'key',
    staleTime: 0,
  });
  const providerKeys = useQuery({
    queryKey: [tenant.id, 'provider-keys'],
    queryFn: ({ signal }) => listProviderKeys(signal),
    enabled: scope === 'provider_key',
    staleTime: 0,
  });
  const found: Readonly<Record<BudgetScope, readonly Choice<string>[] | undefined>> = {
    tenant: [],
    member: members.data?.data.map(({ user_id: value, name, email }) => ({
      value,
      label: name,
      note: email,
    })),
    key: keys.data?.data
      .filter(({ revoked_at: revoked }) => revoked === null)
      .map(({ id: value, name, prefix, last4 }) => ({ value, label: name, note: `${prefix}…${last4}` })),
    provider_key: providerKeys.data?.data.map(({ id: value, name, provider: note }) => ({
      value,
      label: name,
      note,
    })),
  };
  const choices = found[scope];
  const more =
    (scope === 'member' && members.data?.has_more === true) ||
    (scope === 'key' && keys.data?.has_more === true);
  return {
    choices: choices ?? [],
    help:
      choices?.length === 0
        ? 'There is none yet.'
        : more
          ? 'The first hundred. The API takes any other, by its id.'
          : undefined,
  };
}
