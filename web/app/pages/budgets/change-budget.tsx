import { type ReactNode, useState } from 'react';
import type { BudgetView } from '../../../../src/contracts/budgets.ts';
import { Button } from '../../../ui/button.tsx';
import { Confirm, Dialog } from '../../../ui/dialog.tsx';
import { Form } from '../../../ui/field.tsx';
import { usd } from '../../../ui/format/money.ts';
import { say } from '../../../ui/toaster.tsx';
import { type BudgetChanges, deleteBudget, updateBudget } from '../../api/budgets.ts';
import { useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import {
  FIELDS,
  HardField,
  LimitField,
  NameField,
  readTyped,
  type Typed,
  type Wrong,
} from './budget-fields.tsx';
import { PERIOD_WORDS, readLimit } from './words.ts';

/** Changes what a budget is called, its limit, and what happens beyond it. Whose it is and its period stay. */
export function ChangeBudget({
  budget,
  whose,
  onClose,
  onRemove,
}: {
  readonly budget: BudgetView;
  readonly whose: string | undefined;
  readonly onClose: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [hard, setHard] = useState(budget.hard);
  const [limit, setLimit] = useState(String(budget.limit_usd));
  const [wrong, setWrong] = useState<Wrong>();
  const act = useAct((changes: BudgetChanges) => updateBudget(budget.id, changes), {
    changes: [[tenant.id, 'budgets']],
    after: ({ name }) => {
      say(`${name} is changed`);
      onClose();
    },
  });
  const submit = (values: Readonly<Record<string, string>>) => {
    const typed = readTyped(values);
    act.reset();
    setWrong('wrong' in typed ? typed.wrong : undefined);
    if ('wrong' in typed) return;
    const changes = changesOf(budget, typed, hard);
    if (Object.keys(changes).length === 0) onClose();
    else act.act(changes);
  };
  const { each, present } = PERIOD_WORDS[budget.period];
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Change ${budget.name}`}
      description={`${whose ?? 'Somebody'}, each ${PERIOD_WORDS[budget.period].name.toLowerCase()}. What was spent stays counted.`}
    >
      <Form
        className="flex flex-col gap-4"
        errors={{ ...wrong, ...act.errorsAt(...FIELDS) }}
        onSubmit={submit}
      >
        <NameField of={budget.name} />
        <LimitField
          label={`Limit ${each}`}
          of={budget.limit_usd}
          onChange={setLimit}
          help={`${usd(budget.spent_usd)} is spent ${present}.${refusesAtOnce(budget, limit, hard) ? ' Under this limit calls are refused at once.' : ''}`}
        />
        <HardField hard={hard} onChange={setHard} />
        <ProblemNotice problem={act.problemBeside(...FIELDS)} />
        <div className="flex flex-wrap justify-end gap-2">
          <span className="mr-auto">
            <Button variant="danger" onClick={onRemove}>
              Delete
            </Button>
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={act.busy}>
            Save
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

/** Whether calls would be refused as soon as this is saved. Pure. */
function refusesAtOnce(budget: BudgetView, typed: string, hard: boolean): boolean {
  const limit = readLimit(typed);
  return hard && !('wrong' in limit) && Math.round(limit.usd * 1e9) <= budget.spent_nano_usd;
}

/** What of a budget is another than it was. Pure. */
function changesOf(budget: BudgetView, { name, usd: limit }: Typed, hard: boolean): BudgetChanges {
  return {
    ...(name === budget.name ? {} : { name }),
    ...(limit === budget.limit_usd ? {} : { limit_usd: limit }),
    ...(hard === budget.hard ? {} : { hard }),
  };
}

/** Asks before a budget is deleted: its count goes with it. */
export function RemoveBudget({
  budget,
  onClose,
  onDone,
}: {
  readonly budget: BudgetView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const tenant = useTenant();
  const { present } = PERIOD_WORDS[budget.period];
  const act = useAct(() => deleteBudget(budget.id), {
    changes: [[tenant.id, 'budgets']],
    after: () => {
      say(`${budget.name} is deleted`);
      onDone();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      onConfirm={() => act.act()}
      title={`Delete ${budget.name}?`}
      action="Delete the budget"
      busy={act.busy}
      problem={<ProblemNotice problem={act.problem} />}
    >
      <p>
        {budget.hard
          ? 'It refuses nothing any more, everywhere within ten seconds.'
          : 'It counts nothing any more, and tells nobody.'}{' '}
        That {usd(budget.spent_usd)} was spent {present} is forgotten with it: a new budget begins at zero.
        Your usage stays as it is.
      </p>
    </Confirm>
  );
}
