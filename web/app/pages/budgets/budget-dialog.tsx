import { type ReactNode, useState } from 'react';
import type { BudgetView } from '../../../../src/contracts/budgets.ts';
import { Button } from '../../../ui/button.tsx';
import { Details } from '../../../ui/details.tsx';
import { Confirm, Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Gauge } from '../../../ui/gauge.tsx';
import { Money } from '../../../ui/money.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { type BudgetChanges, deleteBudget, updateBudget } from '../../api/budgets.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import type { NameOf } from '../usage/words.ts';
import { HardChoice, LimitField } from './budget-form.tsx';
import { boundsOf, PERIOD_WORDS } from './words.ts';

/** One budget: how it stands, what can be changed, its end. */
export function BudgetDialog({
  budget,
  nameOf,
  onClose,
}: {
  readonly budget: BudgetView;
  readonly nameOf: NameOf;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const [deleting, setDeleting] = useState(false);
  const remove = useAct(() => deleteBudget(budget.id), {
    changes: [[tenant.id, 'budgets']],
    after: () => {
      say(`${budget.name} is deleted`);
      onClose();
    },
  });
  if (deleting)
    return (
      <Confirm
        open
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.act()}
        title={`Delete ${budget.name}?`}
        action="Delete the budget"
        busy={remove.busy}
        problem={<ProblemNotice problem={remove.problem} />}
      >
        <p>
          It bounds nothing from then on, and what it counted is gone. What was spent stays in usage and on
          receipts.
        </p>
      </Confirm>
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={budget.name}
      description={boundsOf(budget, nameOf)}
      footer={
        may('budgets:write') ? (
          <Button variant="danger" onClick={() => setDeleting(true)}>
            Delete
          </Button>
        ) : undefined
      }
    >
      <div className="flex flex-col gap-5">
        <Gauge
          label={PERIOD_WORDS[budget.period].present}
          used={budget.spent_usd}
          limit={budget.limit_usd}
          format={usd}
        />
        <Details
          items={[
            ['Spent', <Money key="spent" nano={budget.spent_nano_usd} />],
            ['Left', usd(budget.remaining_usd)],
            ['When it is spent', budget.hard ? 'calls are refused' : 'calls go on, people are told'],
            ['Since', <Time key="since" at={budget.period_start} as="exact" />],
            ['Begins anew', <Time key="anew" at={budget.resets_at} as="exact" />],
            ['Made', <Time key="made" at={budget.created_at} as="exact" />],
          ]}
        />
        {may('budgets:write') && (
          <Change key={`${budget.name}/${budget.limit_usd}/${budget.hard}`} budget={budget} />
        )}
      </div>
    </Dialog>
  );
}

const FIELDS = ['name', 'limit_usd'] as const;

function Change({ budget }: { readonly budget: BudgetView }): ReactNode {
  const tenant = useTenant();
  const [hard, setHard] = useState(budget.hard);
  const act = useAct((body: BudgetChanges) => updateBudget(budget.id, body), {
    changes: [[tenant.id, 'budgets']],
    after: () => say('Saved. It holds everywhere within ten seconds.'),
  });
  return (
    <Form
      label="Change the budget"
      className="flex flex-col gap-4 border-line border-t pt-4"
      errors={act.errorsAt(...FIELDS)}
      onSubmit={({ name = '', limit_usd: limit = '' }) => act.act({ name, limit_usd: Number(limit), hard })}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Name"
          name="name"
          required
          maxLength={80}
          defaultValue={budget.name}
          autoComplete="off"
        />
        <LimitField defaultValue={String(budget.limit_usd)} />
      </div>
      <HardChoice hard={hard} onChange={setHard} />
      <ProblemNotice problem={act.problemBeside(...FIELDS)} />
      <div className="flex justify-end">
        <Button type="submit" busy={act.busy}>
          Save
        </Button>
      </div>
    </Form>
  );
}
