import { useNavigate } from '@tanstack/react-router';
import { Layers } from 'lucide-react';
import type { ReactNode } from 'react';
import { Status, type Tone } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { usd } from '../../../ui/format/money.ts';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { usePages } from '../../api/pages-of.ts';
import { listRuns, type RunLine } from '../../api/runs.ts';
import { useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

const STATUSES: Readonly<Record<string, readonly [string, Tone]>> = {
  running: ['Under way', 'info'],
  completed: ['Completed', 'success'],
  partial: ['Some failed', 'warning'],
  failed: ['Failed', 'danger'],
};

export function RunStatus({ status }: { readonly status: string }): ReactNode {
  const [words, tone] = STATUSES[status] ?? [status, 'neutral'];
  return <Status tone={tone}>{words}</Status>;
}

const STRATEGIES: Readonly<Record<string, string>> = {
  consensus: 'Consensus',
  best_of: 'Best of',
  synthesize: 'Synthesis',
  debate: 'Debate',
};

const COLUMNS: readonly Column<RunLine>[] = [
  { id: 'prompt', header: 'Question', cell: ({ prompt_preview: prompt }) => prompt },
  {
    id: 'models',
    header: 'Models',
    cell: ({ models }) => <span title={models.join('\n')}>{models.length}</span>,
    align: 'right',
    from: 'sm',
  },
  {
    id: 'merge',
    header: 'Merged',
    cell: ({ strategy }) =>
      strategy === null ? <span className="text-text-3">no</span> : (STRATEGIES[strategy] ?? strategy),
    from: 'lg',
  },
  { id: 'status', header: 'Status', cell: ({ status }) => <RunStatus status={status} />, from: 'md' },
  { id: 'cost', header: 'Cost', cell: ({ cost_usd: cost }) => usd(cost), align: 'right' },
  { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} />, align: 'right', from: 'sm' },
];

/** Runs, newest first, each with its receipt. */
export function RunsPage(): ReactNode {
  const tenant = useTenant();
  const navigate = useNavigate();
  const runs = usePages([tenant.id, 'runs'], listRuns);
  return (
    <>
      <title>Runs – Parallax</title>
      <Table
        label="Runs"
        columns={COLUMNS}
        rows={runs.rows}
        keyOf={({ id }) => id}
        onOpen={({ id }) => void navigate({ to: '/usage/runs/$runId', params: { runId: id } })}
        more={runs.more}
        skeletons={8}
        failure={
          runs.problem === null ? undefined : (
            <ProblemNotice title="The runs could not be loaded" problem={runs.problem} onRetry={runs.retry} />
          )
        }
        empty={
          <EmptyState icon={Layers} title="No runs yet">
            A run asks several models the same question. Each has a receipt here: what every model’s call and
            the merging used, cost and were charged.
          </EmptyState>
        }
      />
    </>
  );
}
