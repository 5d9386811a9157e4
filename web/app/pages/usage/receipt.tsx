import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, Printer } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Run } from '../../../../src/contracts/perspectives.ts';
import type { KeyStrategy } from '../../../../src/contracts/usage.ts';
import { Button, buttonClass } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Details } from '../../../ui/details.tsx';
import { count } from '../../../ui/format/money.ts';
import { Money } from '../../../ui/money.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { asProblem } from '../../api/problem.ts';
import { type ReceiptLine, readRun } from '../../api/runs.ts';
import { useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { RunStatus } from './runs.tsx';
import { STRATEGY_WORDS } from './words.ts';

const route = getRouteApi('/in/usage/runs/$runId');

const PURPOSES: Readonly<Record<ReceiptLine['purpose'], string>> = {
  perspective: 'Answer',
  merge: 'Merge',
  debate: 'Debate',
};

/** Looks again while the run is under way: its lines come as its calls end. */
const LOOK_AGAIN_MS = 3_000;

/** What a run's calls used, cost and were charged, line by line. */
export function ReceiptPage(): ReactNode {
  const { runId } = route.useParams();
  const tenant = useTenant();
  const run = useQuery({
    queryKey: [tenant.id, 'runs', runId],
    queryFn: ({ signal }) => readRun(runId, signal),
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? LOOK_AGAIN_MS : false),
  });
  return (
    <PageBody>
      <p className="pb-3 text-13 print:hidden">
        <Link to="/usage/runs" className="inline-flex items-center gap-1 text-text-2 hover:text-text">
          <ArrowLeft size={14} aria-hidden />
          Runs
        </Link>
      </p>
      <Header
        title="Receipt"
        description="What each call of a run used, at the providers’ prices, and what your credit was charged."
        aside={
          <span className="flex flex-wrap gap-2 print:hidden">
            <Link to="/usage/calls" search={{ run: runId }} className={buttonClass()}>
              Its calls
            </Link>
            <Button icon={Printer} onClick={() => window.print()}>
              Print
            </Button>
          </span>
        }
      />
      {run.error !== null && run.data === undefined && (
        <ProblemNotice
          title={
            asProblem(run.error).status === 404 ? 'There is no such run' : 'The receipt could not be loaded'
          }
          problem={asProblem(run.error)}
          onRetry={() => void run.refetch()}
        />
      )}
      {run.isPending && <SkeletonLines lines={5} label="Loading the receipt" />}
      {run.data !== undefined && <Receipt run={run.data} />}
    </PageBody>
  );
}

function Receipt({ run }: { readonly run: Run }): ReactNode {
  const { lines } = run.receipt;
  const cost = sum(lines, ({ cost_nano_usd: nano }) => nano);
  const charge = sum(lines, chargeOf);
  const own = sum(lines, (line) => (chargeOf(line) === 0 ? line.cost_nano_usd : 0));
  const unpriced = lines.filter(({ priced }) => !priced).length;
  return (
    <div className="flex flex-col gap-6">
      <Details
        items={[
          [
            'Question',
            <span key="q" className="line-clamp-3 max-w-[72ch]">
              {run.prompt}
            </span>,
          ],
          ['Status', <RunStatus key="s" status={run.status} />],
          ['Asked', <Time key="a" at={run.created_at} as="exact" />],
          [
            'Ended',
            run.completed_at === null ? 'still under way' : <Time key="e" at={run.completed_at} as="exact" />,
          ],
          ['Run', <Copyable key="r" text={run.id} what="the run’s id" />],
        ]}
      />
      <Table
        label="Lines of the receipt"
        columns={COLUMNS}
        rows={lines.map((line, at) => ({ ...line, at }))}
        keyOf={({ at }) => String(at)}
        empty={
          <p className="text-text-2">
            {run.status === 'running' ? 'No call has ended yet.' : 'No call of this run used anything.'}
          </p>
        }
      />
      <dl className="ml-auto grid w-full max-w-[400px] grid-cols-[1fr_max-content] gap-y-1.5 text-13">
        <dt className="text-text-2">Cost at the providers’ prices</dt>
        <dd className="text-right">
          <Money nano={cost} />
        </dd>
        {own > 0 && (
          <>
            <dt className="text-text-2">Not charged here: your own keys, local models</dt>
            <dd className="text-right">
              −<Money nano={own} />
            </dd>
          </>
        )}
        <dt className="text-text-2">What your plan adds</dt>
        <dd className="text-right">
          <Money nano={charge - (cost - own)} />
        </dd>
        <dt className="border-line border-t pt-2 font-semibold">Charged to your credit</dt>
        <dd className="border-line border-t pt-2 text-right font-semibold">
          <Money nano={charge} />
        </dd>
      </dl>
      {unpriced > 0 && (
        <p className="text-12 text-text-3">
          No price is known for {count(unpriced)} of the lines; they are in none of the sums.
        </p>
      )}
    </div>
  );
}

const chargeOf = ({ charge_nano_usd: nano }: ReceiptLine) => nano ?? 0;

function sum<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((all, row) => all + of(row), 0);
}

const COLUMNS: readonly Column<ReceiptLine & { readonly at: number }>[] = [
  { id: 'model', header: 'Model', cell: ({ model }) => model },
  { id: 'purpose', header: 'For', cell: ({ purpose }) => PURPOSES[purpose], from: 'sm' },
  {
    id: 'paid',
    header: 'Paid by',
    cell: ({ key_strategy: strategy }) => STRATEGY_WORDS[strategy as KeyStrategy] ?? strategy,
    from: 'md',
  },
  {
    id: 'in',
    header: 'Tokens in',
    cell: ({ input_tokens: tokens, cached_input_tokens: cached }) => (
      <span title={cached > 0 ? `${count(cached)} from the cache` : undefined}>{count(tokens)}</span>
    ),
    align: 'right',
    from: 'lg',
  },
  {
    id: 'out',
    header: 'Tokens out',
    cell: ({ output_tokens: tokens, reasoning_tokens: thoughts, estimated }) => (
      <span title={thoughts > 0 ? `${count(thoughts)} thoughts` : undefined}>
        {estimated && '≈ '}
        {count(tokens)}
      </span>
    ),
    align: 'right',
    from: 'lg',
  },
  {
    id: 'cost',
    header: 'Cost',
    cell: ({ cost_nano_usd: nano, priced }) =>
      priced ? <Money nano={nano} /> : <span className="text-text-3">no price</span>,
    align: 'right',
  },
  {
    id: 'charge',
    header: 'Charged',
    cell: (line) => <Money nano={chargeOf(line)} />,
    align: 'right',
  },
];
