import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Receipt } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '../../../ui/badge.tsx';
import { buttonClass } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Figure, Figures } from '../../../ui/figures.tsx';
import { Money } from '../../../ui/money.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { listTransactions, type Transaction } from '../../api/billing.ts';
import { readCredits } from '../../api/credits.ts';
import { usePages } from '../../api/pages-of.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { Quotas } from './quotas.tsx';

export const BUCKET_WORDS = {
  allocation: 'Monthly credit of the plan',
  promotional: 'Credit to begin with',
  bonus: 'Bonus',
  purchased: 'Bought',
} as const;

const TYPES: Readonly<Record<Transaction['type'], readonly [string, Tone]>> = {
  purchase: ['Bought', 'success'],
  usage: ['Call', 'neutral'],
  refund: ['Refund', 'warning'],
  bonus: ['Bonus', 'success'],
  allocation: ['Plan', 'success'],
  adjustment: ['Adjusted', 'info'],
};

type Bucket = Awaited<ReturnType<typeof readCredits>>['buckets'][number];

const BUCKETS: readonly Column<Bucket>[] = [
  { id: 'kind', header: 'Where it came from', cell: ({ kind }) => BUCKET_WORDS[kind] },
  {
    id: 'ends',
    header: 'Ends',
    cell: ({ expires_at: end }) =>
      end === null ? <span className="text-text-3">never</span> : <Time at={end} as="date" />,
  },
  { id: 'left', header: 'Left', cell: ({ left_nano_usd: left }) => <Money nano={left} />, align: 'right' },
];

/** The run that a line belongs to, where it is one's call: `run_…/3`. Pure. */
export function runOf({ reference }: Pick<Transaction, 'reference'>): string | null {
  return /^(run_[^/]+)(?:\/|$)/.exec(reference.id)?.[1] ?? null;
}

const TRANSACTIONS: readonly Column<Transaction>[] = [
  { id: 'reason', header: 'What', cell: (line) => <What line={line} /> },
  {
    id: 'type',
    header: 'Kind',
    cell: ({ type }) => <Badge tone={TYPES[type][1]}>{TYPES[type][0]}</Badge>,
    from: 'sm',
  },
  {
    id: 'amount',
    header: 'Amount',
    cell: ({ amount_nano_usd: amount, uncollected_nano_usd: open }) => (
      <>
        <Money nano={amount} />
        {open > 0 && (
          <span className="text-text-3">
            {' '}
            of <Money nano={amount - open} />
          </span>
        )}
      </>
    ),
    align: 'right',
  },
  {
    id: 'balance',
    header: 'Balance after',
    cell: ({ balance_after_nano_usd: balance }) => <Money nano={balance} />,
    align: 'right',
    from: 'md',
  },
  {
    id: 'number',
    header: 'No.',
    cell: ({ number }) => <span className="text-text-3">{number}</span>,
    align: 'right',
    from: 'lg',
  },
  { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} />, align: 'right', from: 'sm' },
];

const LINK = 'underline decoration-line-3 underline-offset-3 hover:decoration-current';

/** A charge leads to its receipt. */
function What({ line }: { readonly line: Transaction }): ReactNode {
  const run = runOf(line);
  if (run === null) return <span title={`${line.reference.type} ${line.reference.id}`}>{line.reason}</span>;
  return (
    <Link to="/usage/runs/$runId" params={{ runId: run }} className={LINK} title={line.reference.id}>
      {line.reason}
    </Link>
  );
}

/** What credit there is, where it came from and when it ends; and every change of it. */
export function CreditsPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const credits = useQuery({
    queryKey: [tenant.id, 'credits'],
    queryFn: ({ signal }) => readCredits(signal),
  });
  const transactions = usePages([tenant.id, 'transactions', 'all'], listTransactions);
  const { data } = credits;
  return (
    <PageBody>
      <Header
        title="Credit"
        description="What there is, where it came from and when it ends; and every change of it, from the ledger itself."
        aside={
          may('billing:write') ? (
            <Link to="/billing" search={{}} className={buttonClass()}>
              Buy credit
            </Link>
          ) : undefined
        }
      />
      {credits.error !== null && data === undefined && (
        <div className="pb-6">
          <ProblemNotice
            title="The balance could not be loaded"
            problem={asProblem(credits.error)}
            onRetry={() => void credits.refetch()}
          />
        </div>
      )}
      {(data !== undefined || credits.isPending) && (
        <Figures>
          <Figure label="Available" note={data?.unlimited === true ? 'no end to it' : undefined}>
            {data && (data.unlimited ? 'Unlimited' : <Money nano={data.available_nano_usd} />)}
          </Figure>
          <Figure label="Balance">{data && <Money nano={data.balance_nano_usd} />}</Figure>
          <Figure label="Reserved" note="for calls under way">
            {data && <Money nano={data.reserved_nano_usd} />}
          </Figure>
          {data !== undefined && data.owed_nano_usd > 0 && (
            <Figure label="Owed" note="the next credit pays it first">
              <Money nano={data.owed_nano_usd} />
            </Figure>
          )}
        </Figures>
      )}
      <h2 className="pb-3 text-14 font-semibold">In the order in which it is spent</h2>
      <Table
        label="Credit by where it came from"
        columns={BUCKETS}
        rows={data?.buckets ?? (credits.error === null ? undefined : [])}
        keyOf={({ id }) => id}
        skeletons={2}
        empty={<p className="text-13 text-text-2">There is none.</p>}
      />
      <Quotas />
      <h2 className="pt-6 pb-3 text-14 font-semibold">Changes</h2>
      <Table
        label="Changes of the credit"
        columns={TRANSACTIONS}
        rows={transactions.rows}
        keyOf={({ id }) => id}
        more={transactions.more}
        skeletons={6}
        failure={
          transactions.problem === null ? undefined : (
            <ProblemNotice
              title="The changes could not be loaded"
              problem={transactions.problem}
              onRetry={transactions.retry}
            />
          )
        }
        empty={
          <EmptyState icon={Receipt} title="Nothing has changed yet">
            Every purchase, call and refund is a line here.
          </EmptyState>
        }
      />
    </PageBody>
  );
}
