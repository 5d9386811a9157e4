import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PiggyBank, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { BudgetView } from '../../../../src/contracts/budgets.ts';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Gauge } from '../../../ui/gauge.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { listBudgets } from '../../api/budgets.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { useNameOf } from '../usage/words.ts';
import { BudgetDialog } from './budget-dialog.tsx';
import { AddBudget } from './budget-form.tsx';
import { boundsOf, budgetState, PERIOD_WORDS } from './words.ts';

/** What may be spent, by whom and in what time, and what was. */
export function BudgetsPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const nameOf = useNameOf();
  const [adding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const budgets = useQuery({
    queryKey: [tenant.id, 'budgets'],
    queryFn: ({ signal }) => listBudgets(signal),
    refetchInterval: 15_000,
  });
  const open = budgets.data?.data.find(({ id }) => id === openId);
  const add = may('budgets:write') ? (
    <Button variant="primary" icon={Plus} onClick={() => setAdding(true)}>
      Make a budget
    </Button>
  ) : undefined;
  const columns: readonly Column<BudgetView>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: (budget) => (
        <>
          <span className="block">{budget.name}</span>
          <span className="block text-12 text-text-3">{boundsOf(budget, nameOf)}</span>
        </>
      ),
    },
    {
      id: 'spent',
      header: 'Spent',
      cell: ({ name, period, spent_usd: spent, limit_usd: limit }) => (
        <Gauge
          label={`${name}: ${PERIOD_WORDS[period].present.toLowerCase()}`}
          used={spent}
          limit={limit}
          format={usd}
          wordless
        />
      ),
      width: 'w-2/5',
    },
    {
      id: 'status',
      header: 'Status',
      cell: (budget) => {
        const { word, tone } = budgetState(budget);
        return <Status tone={tone}>{word}</Status>;
      },
      from: 'sm',
    },
    {
      id: 'period',
      header: 'How often',
      cell: ({ period }) => PERIOD_WORDS[period].every,
      from: 'lg',
    },
    {
      id: 'anew',
      header: 'Begins anew',
      cell: ({ resets_at: at }) => <Time at={at} />,
      from: 'md',
    },
  ];
  return (
    <PageBody>
      <Header
        title="Budgets"
        description={
          may('budgets:write')
            ? 'What may be spent in a day, a week or a month, in all, by one member or with one key. Owners and admins are told at 50, 80, 90 and 100 %.'
            : 'The budgets that bound your calls. Owners and admins make them.'
        }
        action={add}
      />
      <Table
        label="Budgets"
        columns={columns}
        rows={budgets.data?.data}
        keyOf={({ id }) => id}
        onOpen={({ id }) => setOpenId(id)}
        skeletons={3}
        failure={
          budgets.error === null || budgets.data !== undefined ? undefined : (
            <ProblemNotice
              title="The budgets could not be loaded"
              problem={asProblem(budgets.error)}
              onRetry={() => void budgets.refetch()}
            />
          )
        }
        empty={
          add === undefined ? (
            <EmptyState icon={PiggyBank} title="No budget bounds your calls">
              Owners and admins can make one. What you have spent stands in{' '}
              <Link to="/usage" className="underline decoration-line-3 underline-offset-3">
                usage
              </Link>
              .
            </EmptyState>
          ) : (
            <EmptyState icon={PiggyBank} title="No budgets yet" action={add}>
              A budget keeps a bill from surprising anybody: calls are counted in it as they cost, on your
              credit and on your own provider keys alike, and it can refuse what does not fit any more.
            </EmptyState>
          )
        }
      />
      {adding && <AddBudget onClose={() => setAdding(false)} />}
      {open !== undefined && <BudgetDialog budget={open} nameOf={nameOf} onClose={() => setOpenId(null)} />}
    </PageBody>
  );
}
