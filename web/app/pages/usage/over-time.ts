import type { Granularity, UsageFigures, UsageGroup, UsageSummary } from '../../../../src/contracts/usage.ts';
import { coloursOf, type Series } from '../../../ui/chart/series.ts';
import { usd } from '../../../ui/format/money.ts';
import { compact, milliseconds } from '../../../ui/format/quantity.ts';
import type { Metric } from './usage-search.ts';

/** How a figure of a span is read, summed and said. */
export interface MetricKind {
  readonly words: string;
  readonly unit: string;
  readonly of: (figures: UsageFigures) => number | null;
  readonly format: (value: number) => string;
  readonly kind: 'bars' | 'lines';
  /** Only whole ones. */
  readonly whole: boolean;
}

export const METRIC_KINDS: Readonly<Record<Metric, MetricKind>> = {
  calls: {
    words: 'Calls',
    unit: 'calls',
    of: ({ calls }) => calls,
    format: compact,
    kind: 'bars',
    whole: true,
  },
  tokens: {
    words: 'Tokens',
    unit: 'tokens, in and out',
    of: ({ input_tokens: sent, output_tokens: got }) => sent + got,
    format: compact,
    kind: 'bars',
    whole: true,
  },
  cost: {
    words: 'Cost',
    unit: 'US dollars at the providers’ prices',
    of: ({ cost_usd: cost }) => cost,
    format: usd,
    kind: 'bars',
    whole: false,
  },
  charge: {
    words: 'Charged',
    unit: 'US dollars of credit',
    of: ({ charge_usd: charge }) => charge,
    format: usd,
    kind: 'bars',
    whole: false,
  },
  latency: {
    words: 'Latency',
    unit: 'time within which 95 % of the answers came',
    of: ({ latency_ms: latency }) => latency?.p95 ?? null,
    format: milliseconds,
    kind: 'lines',
    whole: false,
  },
};

/** When each span of a summary begins, in milliseconds, those without calls included. Pure. */
export function spansOf({
  from,
  to,
  granularity,
}: Pick<UsageSummary, 'from' | 'to' | 'granularity'>): number[] {
  const spans: number[] = [];
  const end = Date.parse(to);
  for (let at = Date.parse(from); at < end && spans.length < 1_500; at = next(at, granularity))
    spans.push(at);
  return spans;
}

function next(at: number, granularity: Granularity): number {
  if (granularity === 'hour') return at + 3_600_000;
  if (granularity === 'day') return at + 86_400_000;
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The value that a row stands for in one group; null for what is in no shown group. Pure. */
export function groupValue(
  row: Pick<UsageSummary['data'][number], 'group'>,
  by: UsageGroup,
): { readonly value: string | null } | null {
  return row.group === null ? null : { value: row.group[by] ?? null };
}

const REST = ' rest';

/** A summary by one group as series over its spans, those that were charged most first. Pure. */
export function seriesOf(
  summary: UsageSummary,
  by: UsageGroup,
  metric: MetricKind,
  nameOf: (value: string | null) => string,
): Series[] {
  const spans = spansOf(summary);
  const place = new Map(spans.map((at, index) => [at, index]));
  const idOf = (row: Pick<UsageSummary['data'][number], 'group'>) => {
    const found = groupValue(row, by);
    return found === null ? REST : (found.value ?? '');
  };
  const values = new Map<string, (number | null)[]>();
  const gap = metric.kind === 'bars' ? 0 : null;
  for (const row of summary.data) {
    const own = values.get(idOf(row)) ?? spans.map(() => gap);
    values.set(idOf(row), own);
    const at = place.get(Date.parse(row.from));
    if (at !== undefined) own[at] = metric.of(row);
  }
  const ids = summary.groups.map(idOf);
  const colours = coloursOf(ids.map((id) => (id === REST ? null : id)));
  return summary.groups.map((group, at) => {
    const id = ids[at] ?? REST;
    return {
      id,
      name: id === REST ? `${summary.groups_left_out} more` : nameOf(id === '' ? null : id),
      colour: colours[at] ?? 'var(--line-3)',
      values: values.get(id) ?? spans.map(() => gap),
      whole: metric.of(group),
    };
  });
}

const UTC = { timeZone: 'UTC' } as const;

/** “14:00”, “4 Mar” or “Mar 2026”, in UTC. Pure. */
export function spanShort(ms: number, granularity: Granularity): string {
  const at = new Date(ms);
  if (granularity === 'hour')
    return at.getUTCHours() === 0
      ? at.toLocaleDateString('en-GB', { ...UTC, day: 'numeric', month: 'short' })
      : at.toLocaleTimeString('en-GB', { ...UTC, hour: '2-digit', minute: '2-digit' });
  if (granularity === 'day')
    return at.toLocaleDateString('en-GB', { ...UTC, day: 'numeric', month: 'short' });
  return at.toLocaleDateString('en-GB', { ...UTC, month: 'short', year: 'numeric' });
}

/** “Wed 4 Mar 2026, 14:00 UTC”. Pure. */
export function spanLong(ms: number, granularity: Granularity): string {
  const at = new Date(ms);
  if (granularity === 'month')
    return at.toLocaleDateString('en-GB', { ...UTC, month: 'long', year: 'numeric' });
  const day = at.toLocaleDateString('en-GB', {
    ...UTC,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  if (granularity === 'day') return day;
  return `${day}, ${at.toLocaleTimeString('en-GB', { ...UTC, hour: '2-digit', minute: '2-digit' })} UTC`;
}
