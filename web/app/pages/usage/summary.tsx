import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ChartColumn } from 'lucide-react';
import { type ReactNode, useCallback, useMemo } from 'react';
import type { UsageFigures, UsageGroup, UsageSummary } from '../../../../src/contracts/usage.ts';
import { Chart, ChartSkeleton } from '../../../ui/chart/chart.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Figure, Figures } from '../../../ui/figures.tsx';
import { count } from '../../../ui/format/money.ts';
import { compact, milliseconds, percent } from '../../../ui/format/quantity.ts';
import { Money } from '../../../ui/money.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { asProblem } from '../../api/problem.ts';
import { useTenant } from '../../api/session.ts';
import { readSummary } from '../../api/usage.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { filterFor, GroupSelect, UnitSelect, UsageFilters } from './controls.tsx';
import { groupValue, METRIC_KINDS, seriesOf, spanLong, spanShort, spansOf } from './over-time.ts';
import { METRICS, summaryQueryOf, type UsageSearch } from './usage-search.ts';
import { GROUP_WORDS, useNameOf } from './words.ts';

const route = getRouteApi('/in/usage');

/** Groups that are told apart: as many as there are hues. */
const GROUPS = 12;

/** Calls summed up over time and by group. */
export function UsageSummaryPage(): ReactNode {
  const tenant = useTenant();
  const search = route.useSearch();
  const navigate = useNavigate();
  const nameOf = useNameOf();
  const by = search.by ?? 'model';
  const query = { ...summaryQueryOf(search, Date.now()), group_by: by, limit: GROUPS };
  const summary = useQuery({
    queryKey: [tenant.id, 'usage', 'summary', query],
    queryFn: ({ signal }) => readSummary(query, signal),
    placeholderData: keepPreviousData,
  });
  const go = (change: Partial<UsageSearch>) =>
    void navigate({ to: '/usage', search: { ...search, ...change }, replace: true });
  const { data } = summary;
  return (
    <>
      <title>Usage – Parallax</title>
      <UsageFilters search={search} onChange={go} nameOf={nameOf}>
        <GroupSelect value={by} onChange={(next) => go({ by: next })} />
        {data !== undefined && (
          <UnitSelect
            value={data.granularity}
            length={Date.parse(data.to) - Date.parse(data.from)}
            onChange={(unit) => go({ unit })}
          />
        )}
      </UsageFilters>
      {summary.error !== null && data === undefined ? (
        <ProblemNotice
          title="The usage could not be loaded"
          problem={asProblem(summary.error)}
          onRetry={() => void summary.refetch()}
        />
      ) : data?.totals.calls === 0 ? (
        <EmptyState icon={ChartColumn} title="No calls in this time">
          Every call of a model stands here some seconds after it ended, with its tokens, its cost and how
          long it took.
        </EmptyState>
      ) : (
        <>
          <Totals totals={data?.totals} />
          {data === undefined ? (
            <ChartSkeleton />
          ) : (
            <Answered data={data} by={by} search={search} onChange={go} />
          )}
        </>
      )}
    </>
  );
}

function Totals({ totals }: { readonly totals: UsageFigures | undefined }): ReactNode {
  return (
    <Figures many>
      <Figure
        label="Calls"
        note={totals && totals.cached > 0 ? `${count(totals.cached)} kept answers among them` : undefined}
      >
        {totals && <span title={count(totals.calls)}>{compact(totals.calls)}</span>}
      </Figure>
      <Figure
        label="Success rate"
        note={totals && totals.failed > 0 ? `${count(totals.failed)} failed` : undefined}
      >
        {totals && (totals.success_rate === null ? '–' : percent(totals.success_rate))}
      </Figure>
      <Figure
        label="Tokens"
        note={totals && `${compact(totals.input_tokens)} in, ${compact(totals.output_tokens)} out`}
      >
        {totals && compact(totals.input_tokens + totals.output_tokens)}
      </Figure>
      <Figure label="Charged" note={totals && <CostNote totals={totals} />}>
        {totals && <Money nano={totals.charge_nano_usd} />}
      </Figure>
      <Figure label="Time to the answer" note={totals && percentiles(totals.latency_ms)}>
        {totals && (totals.latency_ms === null ? '–' : milliseconds(totals.latency_ms.p50))}
      </Figure>
      <Figure label="Time to first content" note={totals && percentiles(totals.first_token_ms)}>
        {totals && (totals.first_token_ms === null ? '–' : milliseconds(totals.first_token_ms.p50))}
      </Figure>
    </Figures>
  );
}

function CostNote({ totals }: { readonly totals: UsageFigures }): ReactNode {
  return (
    <>
      cost <Money nano={totals.cost_nano_usd} />
      {totals.unpriced_calls > 0 && `, ${count(totals.unpriced_calls)} without a price`}
    </>
  );
}

function percentiles(of: UsageFigures['latency_ms']): string {
  if (of === null) return 'nothing was timed';
  return `p50; p95 ${milliseconds(of.p95)}, p99 ${milliseconds(of.p99)}`;
}

const METRIC_CHOICES = METRICS.map((value) => ({ value, label: METRIC_KINDS[value].words }));

function Answered({
  data,
  by,
  search,
  onChange,
}: {
  readonly data: UsageSummary;
  readonly by: UsageGroup;
  readonly search: UsageSearch;
  readonly onChange: (change: Partial<UsageSearch>) => void;
}): ReactNode {
  const nameOf = useNameOf();
  const metric = METRIC_KINDS[search.metric ?? 'calls'];
  // While another grouping is on its way, what is shown is still of the one before.
  const shownBy = data.group_by[0] ?? by;
  const series = seriesOf(data, shownBy, metric, (value) => nameOf(shownBy, value));
  // Names come later than figures, and only what has changed is drawn anew.
  const key = JSON.stringify(series);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says whether they differ
  const stable = useMemo(() => series, [key]);
  const times = useMemo(() => spansOf(data), [data]);
  const { granularity } = data;
  const short = useCallback((ms: number) => spanShort(ms, granularity), [granularity]);
  const long = useCallback((ms: number) => spanLong(ms, granularity), [granularity]);
  return (
    <>
      <Chart
        label={`${metric.words} by ${granularity} and ${GROUP_WORDS[shownBy].toLowerCase()}, in ${metric.unit}`}
        times={times}
        series={stable}
        kind={metric.kind}
        whole={metric.whole}
        format={metric.format}
        formatTime={short}
        formatTimeLong={long}
        wholeWords={metric.kind === 'bars' ? `In all, ${metric.unit}` : `The whole time: ${metric.unit}`}
        controls={
          <Segmented
            label="What is shown"
            choices={METRIC_CHOICES}
            value={search.metric ?? 'calls'}
            onChange={(next) => onChange({ metric: next })}
          />
        }
      />
      <Groups data={data} by={shownBy} onFilter={(value) => onChange(filterFor(shownBy, value))} />
    </>
  );
}

type Group = UsageSummary['groups'][number];

/** The groups with all their figures: what the chart is drawn from. */
function Groups({
  data,
  by,
  onFilter,
}: {
  readonly data: UsageSummary;
  readonly by: UsageGroup;
  readonly onFilter: (value: string) => void;
}): ReactNode {
  const nameOf = useNameOf();
  const name = (row: Group) => {
    const found = groupValue(row, by);
    return found === null ? `${data.groups_left_out} more` : nameOf(by, found.value);
  };
  const columns: readonly Column<Group>[] = [
    { id: 'name', header: GROUP_WORDS[by], cell: name },
    { id: 'calls', header: 'Calls', cell: ({ calls }) => count(calls), align: 'right' },
    {
      id: 'success',
      header: 'Success',
      cell: ({ success_rate: rate }) => (rate === null ? '–' : percent(rate)),
      align: 'right',
      from: 'md',
    },
    {
      id: 'in',
      header: 'Tokens in',
      cell: ({ input_tokens: tokens }) => compact(tokens),
      align: 'right',
      from: 'lg',
    },
    {
      id: 'out',
      header: 'Tokens out',
      cell: ({ output_tokens: tokens }) => compact(tokens),
      align: 'right',
      from: 'lg',
    },
    {
      id: 'p50',
      header: 'p50',
      cell: ({ latency_ms: latency }) => (latency === null ? '–' : milliseconds(latency.p50)),
      align: 'right',
      from: 'lg',
    },
    {
      id: 'p95',
      header: 'p95',
      cell: ({ latency_ms: latency }) => (latency === null ? '–' : milliseconds(latency.p95)),
      align: 'right',
      from: 'sm',
    },
    {
      id: 'p99',
      header: 'p99',
      cell: ({ latency_ms: latency }) => (latency === null ? '–' : milliseconds(latency.p99)),
      align: 'right',
      from: 'xl',
    },
    {
      id: 'cost',
      header: 'Cost',
      cell: ({ cost_nano_usd: nano }) => <Money nano={nano} />,
      align: 'right',
      from: 'sm',
    },
    {
      id: 'charge',
      header: 'Charged',
      cell: ({ charge_nano_usd: nano }) => <Money nano={nano} />,
      align: 'right',
    },
  ];
  return (
    <section className="pt-8" aria-label={`By ${GROUP_WORDS[by].toLowerCase()}`}>
      <Table
        label={`Usage by ${GROUP_WORDS[by].toLowerCase()}`}
        columns={columns}
        rows={data.groups}
        keyOf={(row) => JSON.stringify(row.group)}
        onOpen={(row) => {
          const found = groupValue(row, by);
          if (found !== null && found.value !== null && found.value !== '') onFilter(found.value);
        }}
        empty={null}
      />
    </section>
  );
}
