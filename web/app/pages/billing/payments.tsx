import { useQuery } from '@tanstack/react-query';
import { CreditCard, Receipt } from 'lucide-react';
import type { ReactNode } from 'react';
import { Status, type Tone } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Money } from '../../../ui/money.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { listNewestTransactions, listPurchases, type Purchase, type Transaction } from '../../api/billing.ts';
import { asProblem } from '../../api/problem.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

const KINDS: Readonly<Record<Purchase['kind'], string>> = {
  credit: 'Credit',
  plan: 'Plan',
};
const STATUSES: Readonly<Record<Purchase['status'], readonly [string, Tone]>> = {
  paid: ['Paid', 'success'],
  partly_refunded: ['Partly refunded', 'neutral'],
  refunded: ['Refunded', 'neutral'],
  disputed: ['Disputed', 'warning'],
  lost: ['Dispute lost', 'danger'],
  refused: ['Refused', 'danger'],
};

const PURCHASE_COLUMNS: readonly Column<Purchase>[] = [
  { id: 'kind', header: 'What', cell: ({ kind }) => <span className="font-medium">{KINDS[kind]}</span> },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => <Status tone={STATUSES[status][1]}>{STATUSES[status][0]}</Status>,
  },
  { id: 'paid', header: 'Paid', cell: ({ paid_cents: cents }) => usd(cents / 100), align: 'right' },
  { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} />, from: 'sm' },
];

interface ListProps {
  readonly tenantId: string;
  /** When to look again by itself. */
  readonly refetchInterval: (query: { state: { dataUpdateCount: number } }) => number | false;
}

/** What was paid, and what became of it. */
export function Payments({ tenantId, refetchInterval }: ListProps): ReactNode {
  const purchases = useQuery({
    queryKey: [tenantId, 'purchases'],
    queryFn: ({ signal }) => listPurchases(signal),
    refetchInterval,
  });
  return (
    <div className="border-line border-t py-6">
      <h2 className="pb-3 text-14 font-semibold">Payments</h2>
      <Table
        label="Payments"
        columns={PURCHASE_COLUMNS}
        rows={purchases.data?.data}
        keyOf={({ id }) => id}
        failure={
          purchases.error === null || purchases.data !== undefined ? undefined : (
            <ProblemNotice
              title="The payments could not be loaded"
              problem={asProblem(purchases.error)}
              onRetry={() => void purchases.refetch()}
            />
          )
        }
        empty={
          <EmptyState icon={CreditCard} title="Nothing was bought yet">
            Each payment stands here, with what was refunded of it.
          </EmptyState>
        }
      />
    </div>
  );
}

const TRANSACTION_COLUMNS: readonly Column<Transaction>[] = [
  {
    id: 'reason',
    header: 'What',
    cell: ({ reason, reference }) => <span title={`${reference.type} ${reference.id}`}>{reason}</span>,
  },
  {
    id: 'amount',
    header: 'Amount',
    cell: ({ amount_nano_usd: amount }) => <Money nano={amount} />,
    align: 'right',
  },
  {
    id: 'balance',
    header: 'Balance after',
    cell: ({ balance_after_nano_usd: balance }) => <Money nano={balance} />,
    align: 'right',
    from: 'sm',
  },
  { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} />, from: 'md' },
];

/** The newest changes of the credit, as the ledger has them. */
export function Transactions({ tenantId, refetchInterval }: ListProps): ReactNode {
  const transactions = useQuery({
    queryKey: [tenantId, 'transactions', 'newest'],
    queryFn: ({ signal }) => listNewestTransactions(signal),
    refetchInterval,
  });
  return (
    <div className="border-line border-t py-6">
      <h2 className="pb-3 text-14 font-semibold">Newest changes of the credit</h2>
      <Table
        label="Newest changes of the credit"
        columns={TRANSACTION_COLUMNS}
        rows={transactions.data?.data}
        keyOf={({ id }) => id}
        failure={
          transactions.error === null || transactions.data !== undefined ? undefined : (
            <ProblemNotice
              title="The changes could not be loaded"
              problem={asProblem(transactions.error)}
              onRetry={() => void transactions.refetch()}
            />
          )
        }
        empty={
          <EmptyState icon={Receipt} title="Nothing has changed yet">
            Every purchase, call and refund is a line here.
          </EmptyState>
        }
      />
    </div>
  );
}
