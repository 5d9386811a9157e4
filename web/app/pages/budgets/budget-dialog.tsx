import { type ReactNode, useState } from 'react';
import type { BudgetView } from '../../../../src/contracts/budgets.ts';
import { Button } from '../../../ui/button.tsx';
import { Details } from '../../../ui/details.tsx';
import { Confirm, Dialog } from '../../../ui/dialog.tsx';
import { Form } from '../../../ui/field.tsx';
import { nanoToUsd, usd } from '../../../ui/format/money.ts';
import { Gauge } from '../../../ui/gauge.tsx';
import { Money } from '../../../ui/money.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { type BudgetChanges, deleteBudget, updateBudget } from '../../api/budgets.ts';
import { useMay, useTenant } from '../../api/session.ts';
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
import { limitNano, PERIOD_WORDS, readLimit, shareWords } from './words.ts';

/** One budget: how it stands, and for who may change it, what can be changed. */
export function BudgetDialog({
  budget,
  whose,
  onClose,
  onRemove,
}: {
  readonly budget: BudgetView;
  /** Whom or what it bounds; undefined while that is loaded. */
  readonly whose: string | undefined;
  readonly onClose: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const writes = useMay()('budgets:write');
  const { spent_nano_usd: spent, period_start: start, created_at: made } = budget;
  const limit = limitNano(budget);
  const since = made > start ? made : start;
  return (
    <Dialog open onClose={onClose} title={budget.name} description={whose}>
      <div className="flex flex-col gap-5">
        <Gauge
          label={`${PERIOD_WORDS[budget.period].present}, ${shareWords(budget)}`}
          used={spent}
          limit={limit}
          format={(nano) => usd(nanoToUsd(nano))}
        />
        <Details
          items={[
            [spent > limit ? 'Over' : 'Left', <Money key="left" nano={Math.abs(limit - spent)} />],
            ...(writes
              ? []
              : [['Beyond the limit', budget.hard ? 'Calls are refused' : 'Calls go on'] as const]),
            ['Counts since', <Time key="since" at={since} as="exact" />],
            ['Begins anew', <Time key="anew" at={budget.resets_at} as="exact" />],
          ]}
        />
        {writes && (
          <Change
            key={`${budget.name}/${budget.limit_usd}/${budget.hard}`}
            budget={budget}
            onRemove={onRemove}
          />
        )}
      </div>
    </Dialog>
  );
}

function Change({
  budget,
  onRemove,
}: {
  readonly budget: BudgetView;
  readonly onRemove: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [hard, setHard] = useState(budget.hard);
  const [limit, setLimit] = useState(String(budget.limit_usd));
  const [wrong, setWrong] = useState<Wrong>();
  const act = useAct((changes: BudgetChanges) => updateBudget(budget.id, changes), {
    changes: [[tenant.id, 'budgets']],
    after: () => say('Saved. It holds everywhere within ten seconds.'),
  });
  const submit = (values: Readonly<Record<string, string>>) => {
    if (act.busy) return;
    const typed = readTyped(values);
    act.reset();
    setWrong('wrong' in typed ? typed.wrong : undefined);
    if ('wrong' in typed) return;
    const changes = changesOf(budget, typed, hard);
    if (Object.keys(changes).length > 0) act.act(changes);
    else say('It is as it was');
  };
  return (
    <Form
      label="Change the budget"
      className="flex flex-col gap-4 border-line border-t pt-4"
      errors={{ ...wrong, ...act.errorsAt(...FIELDS) }}
      onSubmit={submit}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <NameField of={budget.name} />
        <LimitField
          label={`Limit ${PERIOD_WORDS[budget.period].each}`}
          of={budget.limit_usd}
          onChange={setLimit}
          help={refusesAtOnce(budget, limit, hard) ? 'Under this calls are refused at once.' : undefined}
        />
      </div>
      <HardField hard={hard} onChange={setHard} />
      <ProblemNotice problem={act.problemBeside(...FIELDS)} />
      <div className="flex justify-between gap-2">
        <Button variant="danger" onClick={onRemove}>
          Delete
        </Button>
        <Button type="submit" variant="primary" busy={act.busy}>
          Save
        </Button>
      </div>
    </Form>
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
}: {
  readonly budget: BudgetView;
  /** Told when it is over, either way. */
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const act = useAct(() => deleteBudget(budget.id), {
    changes: [[tenant.id, 'budgets']],
    after: () => {
      say(`${budget.name} is deleted`);
      onClose();
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
        It bounds nothing any more, everywhere within ten seconds. What it counted is gone: a new budget
        begins at zero. What was spent stays in usage and on receipts.
      </p>
    </Confirm>
  );
}
