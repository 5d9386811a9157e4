import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { BudgetPeriod, BudgetScope } from '../../../../src/contracts/budgets.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form } from '../../../ui/field.tsx';
import { SelectField } from '../../../ui/select.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { say } from '../../../ui/toaster.tsx';
import { createBudget, type NewBudget } from '../../api/budgets.ts';
import { useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { FIELDS, HardField, LimitField, NameField, readTyped, type Wrong } from './budget-fields.tsx';
import { type SubjectScope, useSubjects } from './subjects.ts';
import { PERIOD_WORDS, SCOPE_WORDS } from './words.ts';

const SCOPES = (Object.keys(SCOPE_WORDS) as BudgetScope[]).map((value) => ({
  value,
  label: SCOPE_WORDS[value].name,
  note: SCOPE_WORDS[value].what,
}));

const PERIODS = (Object.keys(PERIOD_WORDS) as BudgetPeriod[]).map((value) => ({
  value,
  label: PERIOD_WORDS[value].name,
}));

const STARTS: Readonly<Record<BudgetPeriod, string>> = {
  daily: 'From midnight, UTC.',
  weekly: 'From Monday, UTC.',
  monthly: 'From the first, UTC.',
};

/** Makes a budget of the whole tenant, a member, an API key or a provider key. */
export function MakeBudget({ onClose }: { readonly onClose: () => void }): ReactNode {
  const tenant = useTenant();
  const client = useQueryClient();
  const list = [tenant.id, 'budgets'];
  const [scope, setScope] = useState<BudgetScope>('tenant');
  const [subject, setSubject] = useState<string>();
  const [period, setPeriod] = useState<BudgetPeriod>('monthly');
  const [hard, setHard] = useState(true);
  const [wrong, setWrong] = useState<Wrong>();
  const act = useAct((body: NewBudget) => createBudget(body), {
    changes: [list],
    after: ({ name }) => {
      say(`${name} counts from now on`);
      onClose();
    },
    // The answer may have been lost and not the budget: the list behind shows which.
    failed: ({ status }) => status === 0 && void client.invalidateQueries({ queryKey: list }),
  });
  const submit = (values: Readonly<Record<string, string>>) => {
    if (act.busy) return;
    const typed = readTyped(values);
    const found: Wrong = {
      ...('wrong' in typed ? typed.wrong : {}),
      ...(scope !== 'tenant' && subject === undefined ? { subject: CHOOSE[scope] } : {}),
    };
    act.reset();
    setWrong(found);
    if ('wrong' in typed || found.subject !== undefined) return;
    const { name, usd: limit_usd } = typed;
    act.act({ name, scope, ...(subject === undefined ? {} : { subject }), period, limit_usd, hard });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Make a budget"
      description="It counts from now on. Owners and admins are told how far it is."
    >
      <Form
        className="flex flex-col gap-4"
        errors={{ ...wrong, ...act.errorsAt(...FIELDS) }}
        onSubmit={submit}
      >
        <NameField focus />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Whose spending"
            name="scope"
            choices={SCOPES}
            value={scope}
            onChange={(next) => {
              setScope(next);
              setSubject(undefined);
              setWrong(({ subject: _, ...others } = {}) => others);
            }}
            help={SCOPE_WORDS[scope].what}
          />
          {scope !== 'tenant' && (
            <SubjectField key={scope} scope={scope} value={subject} onChange={setSubject} />
          )}
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <LimitField />
          <SelectField
            label="In each"
            name="period"
            choices={PERIODS}
            value={period}
            onChange={setPeriod}
            help={STARTS[period]}
          />
        </div>
        <HardField hard={hard} onChange={setHard} />
        <ProblemNotice problem={act.problemBeside(...FIELDS)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={act.busy}>
            Make the budget
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

const PICKERS: Readonly<Record<SubjectScope, string>> = {
  member: 'Member',
  key: 'API key',
  provider_key: 'Provider key',
};

const CHOOSE: Readonly<Record<SubjectScope, string>> = {
  member: 'Choose a member.',
  key: 'Choose an API key.',
  provider_key: 'Choose a provider key.',
};

const LINK = 'underline decoration-line-3 underline-offset-3 hover:decoration-current';

/** Whom or which one: a picker of what the tenant has. */
function SubjectField({
  scope,
  value,
  onChange,
}: {
  readonly scope: SubjectScope;
  readonly value: string | undefined;
  readonly onChange: (subject: string) => void;
}): ReactNode {
  const subjects = useSubjects([scope]);
  const choices = subjects.choicesOf(scope);
  const problem = subjects.problemOf(scope);
  if (problem !== null) return <ProblemNotice problem={problem} onRetry={() => subjects.retry(scope)} />;
  if (choices === undefined)
    return (
      <output aria-label="Loading what there is to choose from" className="flex flex-col gap-2">
        <Skeleton className="w-20" />
        <Skeleton className="h-8 w-full" />
      </output>
    );
  return (
    <SelectField
      label={PICKERS[scope]}
      name="subject"
      choices={choices}
      placeholder={choices.length === 0 ? 'There is none yet' : 'Choose one'}
      disabled={choices.length === 0}
      {...(value === undefined ? {} : { value })}
      onChange={onChange}
      help={
        choices.length > 0 ? undefined : scope === 'key' ? (
          <Link to="/api-keys" search={{ create: true }} className={LINK}>
            Make an API key first
          </Link>
        ) : scope === 'provider_key' ? (
          <Link to="/provider-keys" className={LINK}>
            Add a provider key first
          </Link>
        ) : undefined
      }
    />
  );
}
