import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { PiggyBank, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { BudgetView } from '../../../../src/contracts/budgets.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { count } from '../../../ui/format/money.ts';
import { PageBody } from '../../../ui/page-header.tsx';
import { Select } from '../../../ui/select.tsx';
import { FilterBar, SearchBox } from '../../../ui/table/filter-bar.tsx';
import { listBudgets } from '../../api/budgets.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { BudgetDialog, RemoveBudget } from './budget-dialog.tsx';
import { BudgetItem, BudgetSkeleton } from './budget-item.tsx';
import { MakeBudget } from './make-budget.tsx';
import { useSubjects } from './subjects.ts';
import { inOrder, ORDERS, type Order } from './words.ts';

const route = getRouteApi('/in/budgets');

/** Calls are counted a second after their end; who watches the page sees it within this. */
const LOOK_AGAIN_MS = 15_000;

/** From so many on they are looked through and put in another order. */
const MANY = 6;

const ORDER_WORDS: Readonly<Record<Order, string>> = {
  fullest: 'Fullest first',
  name: 'By name',
  next: 'Next to begin anew',
};

/** What may be spent, by whom, and how far it is. */
export function BudgetsPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const budgets = useQuery({
    queryKey: [tenant.id, 'budgets'],
    queryFn: ({ signal }) => listBudgets(signal),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const [removing, setRemoving] = useState<BudgetView>();
  const all = budgets.data?.data;
  const subjects = useSubjects(all?.map(({ scope }) => scope) ?? []);
  const writes = may('budgets:write');
  const go = (change: Partial<typeof search>) =>
    void navigate({ search: { ...search, ...change }, replace: true });
  const make = writes ? (
    <Button variant="primary" icon={Plus} onClick={() => go({ create: true })}>
      Make a budget
    </Button>
  ) : undefined;
  const order = ORDERS.find((one) => one === search.sort) ?? 'fullest';
  const wanted = (search.q ?? '').toLowerCase();
  const shown =
    all &&
    inOrder(all, order).filter((budget) =>
      `${budget.name} ${subjects.nameOf(budget) ?? ''}`.toLowerCase().includes(wanted),
    );
  const open = all?.find(({ id }) => id === search.budget);
  const remove = (budget: BudgetView) => {
    go({ budget: undefined });
    setRemoving(budget);
  };
  return (
    <PageBody>
      <Header
        title="Budgets"
        description={
          writes
            ? 'What may be spent in a day, a week or a month: by all, by one member or with one key.'
            : 'What may be spent in a day, a week or a month: by all, and by you. Owners and admins set it.'
        }
        action={make}
      />
      {((all?.length ?? 0) >= MANY || wanted !== '') && (
        <FilterBar>
          <SearchBox
            label="Find a budget"
            value={search.q ?? ''}
            onChange={(q) => go({ q: q === '' ? undefined : q })}
          />
          <Select
            label="In which order"
            className="w-48!"
            choices={ORDERS.map((value) => ({ value, label: ORDER_WORDS[value] }))}
            value={order}
            onChange={(sort) => go({ sort: sort === 'fullest' ? undefined : sort })}
          />
        </FilterBar>
      )}
      {budgets.error !== null && all === undefined && (
        <ProblemNotice
          title="The budgets could not be loaded"
          problem={asProblem(budgets.error)}
          onRetry={() => void budgets.refetch()}
        />
      )}
      {budgets.isPending && (
        <ul aria-label="Budgets" aria-busy className={BOX}>
          <BudgetSkeleton />
          <BudgetSkeleton />
          <BudgetSkeleton />
        </ul>
      )}
      {all?.length === 0 && <NoBudgets make={make} />}
      {all !== undefined && all.length > 0 && shown?.length === 0 && (
        <EmptyState
          icon={PiggyBank}
          title="No budget is like that"
          action={<Button onClick={() => go({ q: undefined })}>Show all budgets</Button>}
        >
          Names are looked through, of budgets and of whom they bound.
        </EmptyState>
      )}
      {shown !== undefined && shown.length > 0 && (
        <>
          <ul aria-label="Budgets" className={BOX}>
            {shown.map((budget) => (
              <BudgetItem
                key={budget.id}
                budget={budget}
                whose={subjects.nameOf(budget)}
                onOpen={() => go({ budget: budget.id })}
                onRemove={writes ? () => remove(budget) : undefined}
              />
            ))}
          </ul>
          <p className="pt-2 text-12 text-text-3">
            {count(shown.length)} in all. Days, weeks and months are those of UTC.
          </p>
        </>
      )}
      {search.create === true && writes && <MakeBudget onClose={() => go({ create: undefined })} />}
      {open !== undefined && (
        <BudgetDialog
          key={open.id}
          budget={open}
          whose={subjects.nameOf(open)}
          onClose={() => go({ budget: undefined })}
          onRemove={() => remove(open)}
        />
      )}
      {removing !== undefined && <RemoveBudget budget={removing} onClose={() => setRemoving(undefined)} />}
    </PageBody>
  );
}

const BOX = 'divide-y divide-line overflow-hidden rounded-md border border-line';

function NoBudgets({ make }: { readonly make: ReactNode | undefined }): ReactNode {
  return make === undefined ? (
    <EmptyState icon={PiggyBank} title="No budget bounds you">
      Owners and admins make budgets. One that bounds the whole tenant or you stands here, with what is left
      of it. What you have spent stands in{' '}
      <Link
        to="/usage"
        search={{}}
        className="underline decoration-line-3 underline-offset-3 hover:decoration-current"
      >
        usage
      </Link>
      .
    </EmptyState>
  ) : (
    <EmptyState icon={PiggyBank} title="No budgets yet" action={make}>
      A budget keeps a bill from surprising anybody: calls are counted in it as they cost, on your credit and
      on your own provider keys alike. Owners and admins are told at 50, 80, 90 and 100 %; beyond it calls are
      refused or go on, as you choose. Begin with one for the whole tenant; add others for a member or a key.
    </EmptyState>
  );
}
