import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Coins } from 'lucide-react';
import { type ReactNode, useCallback, useMemo } from 'react';
import { Chart, ChartSkeleton } from '../../../ui/chart/chart.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Figure, Figures } from '../../../ui/figures.tsx';
import { count, usd } from '../../../ui/format/money.ts';
import { Money } from '../../../ui/money.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { asProblem } from '../../api/problem.ts';
import { useTenant } from '../../api/session.ts';
import { readSummary } from '../../api/usage.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { UnitSelect, UsageFilters } from './controls.tsx';
import { type Costs, costsByGroup, costsBySpan, costsInAll } from './cost-parts.ts';
import { spanLong, spanShort } from './over-time.ts';
import { summaryQueryOf, type UsageSearch } from './usage-search.ts';
import { GROUP_WORDS, useNameOf } from './words.ts';

const route = getRouteApi('/in/usage');

/** What a line of the table is of. */
const BY = ['day', 'model', 'feature'] as const;
type By = (typeof BY)[number];

/** Groups, each with who pays: as many as are told apart. */
const GROUPS = 40;

/** What was charged, out of what the providers take and what the plan adds; and what other accounts paid. */
export function CostsPage(): ReactNode {
  const tenant = useTenant();
  const search = route.useSearch();
  const navigate = useNavigate();
  const nameOf = useNameOf();
  const by: By = search.by === 'model' || search.by === 'feature' ? search.by : 'day';
  const query = {
    ...summaryQueryOf(search, Date.now()),
    group_by: by === 'day' ? 'key_strategy' : `${by},key_strategy`,
    limit: GROUPS,
  };
  const summary = useQuery({
    queryKey: [tenant.id, 'usage', 'summary', query],
    queryFn: ({ signal }) => readSummary(query, signal),
    placeholderData: keepPreviousData,
  });
  const go = (change: Partial<UsageSearch>) =>
    void navigate({ to: '/usage/costs', search: { ...search, ...change }, replace: true });
  const { data } = summary;
  // While another grouping is on its way, what is shown is still of the one before.
  const shownBy: By =
    data?.group_by.length === 2 ? (data.group_by[0] === 'feature' ? 'feature' : 'model') : 'day';
  const granularity = data?.granularity ?? 'day';
  const short = useCallback((ms: number) => spanShort(ms, granularity), [granularity]);
  const long = useCallback((ms: number) => spanLong(ms, granularity), [granularity]);
  const spans = useMemo(() => (data === undefined ? [] : costsBySpan(data)), [data]);
  const times = useMemo(() => spans.map(({ at }) => at), [spans]);
  const series = useMemo(() => {
    const all = data === undefined ? null : costsInAll(data);
    return PARTS.map(({ id, words, colour }) => ({
      id,
      name: words,
      colour,
      values: spans.map(({ costs }) => costs[id] / 1e9),
      whole: all === null ? null : all[id] / 1e9,
    }));
  }, [spans, data]);
  const rows =
    data === undefined
      ? []
      : shownBy === 'day'
        ? spans
            .filter(({ costs }) => costs.calls > 0)
            .map(({ at, costs }) => ({ id: String(at), name: spanLong(at, granularity), costs }))
            .reverse()
        : costsByGroup(data, shownBy).map(({ value, costs }) => ({
            id: value ?? ' rest',
            name: value === null ? 'Others' : nameOf(shownBy, value),
            costs,
          }));
  const all = data && costsInAll(data);
  return (
    <>
      <title>Costs – Parallax</title>
      <UsageFilters search={search} onChange={go} nameOf={nameOf}>
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
          title="The costs could not be loaded"
          problem={asProblem(summary.error)}
          onRetry={() => void summary.refetch()}
        />
      ) : data?.totals.calls === 0 ? (
        <EmptyState icon={Coins} title="No calls in this time">
          What calls cost at the providers’ prices, what your plan adds, and what your credit was charged, by
          day, model and feature.
        </EmptyState>
      ) : (
        <>
          <Figures>
            <Figure label="Charged to your credit">{all && <Money nano={all.charged} />}</Figure>
            <Figure label="Of that: the providers’ prices">{all && <Money nano={all.provider} />}</Figure>
            <Figure label="Of that: what your plan adds">{all && <Money nano={all.added} />}</Figure>
            <Figure
              label="Paid elsewhere"
              note={
                data !== undefined && data.totals.unpriced_calls > 0
                  ? `${count(data.totals.unpriced_calls)} calls without a price`
                  : 'by your own keys'
              }
            >
              {all && <Money nano={all.own} />}
            </Figure>
          </Figures>
          {data === undefined ? (
            <ChartSkeleton />
          ) : (
            <>
              <Chart
                label={`Costs by ${granularity}, in US dollars`}
                times={times}
                series={series}
                format={usd}
                formatTime={short}
                formatTimeLong={long}
                wholeWords="In all, US dollars"
                controls={<h2 className="text-14 font-semibold">By {granularity}</h2>}
              />
              <div className="pt-8 pb-3">
                <Segmented
                  label="A line for each"
                  choices={BY.map((value) => ({
                    value,
                    label: value === 'day' ? 'Time' : GROUP_WORDS[value],
                  }))}
                  value={by}
                  onChange={(next) => go({ by: next === 'day' ? undefined : next })}
                />
              </div>
              <Table
                label={`Costs by ${shownBy}`}
                columns={columnsFor(shownBy === 'day' ? 'Time' : GROUP_WORDS[shownBy])}
                rows={rows}
                keyOf={({ id }) => id}
                empty={null}
              />
            </>
          )}
        </>
      )}
    </>
  );
}

const PARTS = [
  { id: 'provider', words: 'Charged: the providers’ prices', colour: 'var(--hue-6)' },
  { id: 'added', words: 'Charged: what your plan adds', colour: 'var(--hue-2)' },
  { id: 'own', words: 'Paid elsewhere: your own keys', colour: 'var(--line-3)' },
] as const satisfies readonly { id: keyof Costs; words: string; colour: string }[];

interface Row {
  readonly id: string;
  readonly name: string;
  readonly costs: Costs;
}

function columnsFor(header: string): readonly Column<Row>[] {
  return [
    { id: 'name', header, cell: ({ name }) => name },
    { id: 'calls', header: 'Calls', cell: ({ costs }) => count(costs.calls), align: 'right', from: 'md' },
    {
      id: 'provider',
      header: 'Providers’ prices',
      cell: ({ costs }) => <Money nano={costs.provider} />,
      align: 'right',
      from: 'sm',
    },
    {
      id: 'added',
      header: 'Plan adds',
      cell: ({ costs }) => <Money nano={costs.added} />,
      align: 'right',
      from: 'sm',
    },
    {
      id: 'charged',
      header: 'Charged',
      cell: ({ costs }) => (
        <span className="font-medium">
          <Money nano={costs.charged} />
        </span>
      ),
      align: 'right',
    },
    {
      id: 'own',
      header: 'Paid elsewhere',
      cell: ({ costs }) => <Money nano={costs.own} />,
      align: 'right',
      from: 'md',
    },
  ];
}
