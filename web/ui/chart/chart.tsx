import { ChartColumn, Table2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import { Button } from '../button.tsx';
import { classes } from '../classes.ts';
import { Skeleton } from '../skeleton.tsx';
import type { Column } from '../table/column.ts';
import { Table } from '../table/table.tsx';
import type { Series } from './series.ts';

const Plot = lazy(() => import('./plot.tsx').then(({ Plot: component }) => ({ default: component })));

export interface ChartProps {
  /** What it shows, in which unit, over what: “Calls a day by model”. */
  readonly label: string;
  /** When each span begins, in milliseconds. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly kind?: 'bars' | 'lines';
  readonly format: (value: number) => string;
  /** A moment, short, for the axis; and in full. */
  readonly formatTime: (ms: number) => string;
  readonly formatTimeLong: (ms: number) => string;
  readonly whole?: boolean;
  /** What the legend's figures are of, where no moment is pointed at: “in all”. */
  readonly wholeWords?: string;
  readonly height?: number;
  /** Above it, at its beginning: what it shows is chosen here. */
  readonly controls?: ReactNode;
}

/** Figures over time: drawn, named and totalled beside the drawing, and as a table for whoever would rather read. */
export function Chart({
  label,
  times,
  series,
  kind = 'bars',
  format,
  formatTime,
  formatTimeLong,
  whole = false,
  wholeWords = 'in all',
  height = 240,
  controls,
}: ChartProps): ReactNode {
  const [asTable, setAsTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const seconds = useMemo(() => times.map((ms) => ms / 1_000), [times]);
  const onSeconds = useCallback((second: number) => formatTime(second * 1_000), [formatTime]);
  const pointed = at === null ? undefined : times[at];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        {controls}
        <Button
          size="dense"
          variant="quiet"
          icon={asTable ? ChartColumn : Table2}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'As a chart' : 'As a table'}
        </Button>
      </div>
      {asTable ? (
        <FiguresTable {...{ label, times, series, format, formatTimeLong }} sums={kind === 'bars'} />
      ) : (
        <>
          <div role="img" aria-label={`${label}. The same figures are shown as a table by the button above.`}>
            <Suspense fallback={<div style={{ height }} className="skeleton" />}>
              <Plot
                {...{ series, kind, height, format, whole }}
                times={seconds}
                formatTime={onSeconds}
                onPoint={setAt}
              />
            </Suspense>
          </div>
          <div>
            <p className="pb-1.5 text-12 text-text-3 tabular-nums">
              {pointed === undefined ? wholeWords : formatTimeLong(pointed)}
            </p>
            <ul className="grid gap-x-6 gap-y-1 text-13 sm:grid-cols-2 lg:grid-cols-3">
              {series.map((one) => {
                const value = at === null ? one.whole : (one.values[at] ?? null);
                return (
                  <li key={one.id} className="flex min-w-0 items-center gap-2">
                    <span
                      aria-hidden
                      className="size-2.5 shrink-0 rounded-sm"
                      style={{ background: one.colour }}
                    />
                    <span className="min-w-0 flex-1 truncate" title={one.name}>
                      {one.name}
                    </span>
                    <span className={classes('tabular-nums', value === null && 'text-text-3')}>
                      {value === null ? '–' : format(value)}
                    </span>
                  </li>
                );
              })}
            </ul>
          </div>
        </>
      )}
    </div>
  );
}

interface FiguresRow {
  readonly time: number;
  readonly at: number;
}

function FiguresTable({
  label,
  times,
  series,
  format,
  formatTimeLong,
  sums,
}: Pick<ChartProps, 'label' | 'times' | 'series' | 'format' | 'formatTimeLong'> & {
  readonly sums: boolean;
}): ReactNode {
  const said = (value: number | null | undefined) =>
    value === null || value === undefined ? <span className="text-text-3">–</span> : format(value);
  const columns: readonly Column<FiguresRow>[] = [
    { id: 'time', header: 'Time', cell: ({ time }) => formatTimeLong(time) },
    ...(sums && series.length > 1
      ? [
          {
            id: 'all',
            header: 'All',
            align: 'right' as const,
            cell: ({ at }: FiguresRow) =>
              said(series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)),
          },
        ]
      : []),
    ...series.map((one) => ({
      id: one.id,
      header: one.name,
      align: 'right' as const,
      cell: ({ at }: FiguresRow) => said(one.values[at]),
    })),
  ];
  return (
    <Table
      label={label}
      columns={columns}
      rows={times.map((time, at) => ({ time, at })).reverse()}
      keyOf={({ time }) => String(time)}
      empty={<p className="text-text-2">There is nothing in this time.</p>}
    />
  );
}

/** The shape of a chart that comes. */
export function ChartSkeleton({ height = 240 }: { readonly height?: number }): ReactNode {
  return (
    <output aria-label="Loading the figures" className="flex flex-col gap-3">
      <div style={{ height }} className="skeleton" />
      <Skeleton className="w-64" />
      <Skeleton className="w-48" />
    </output>
  );
}
