import { type SQL, sql } from 'drizzle-orm';
import type { Granularity, UsageGroup, UsageSummary, UsageSummaryQuery } from '../../../contracts/usage.ts';
import { iso } from '../../../platform/clock.ts';
import { platformBatch } from '../../../platform/db.ts';
import { addedUp, figuresOf, NOTHING, type Sums } from './figures.ts';
import { MAX_ROWS, spanCount, type Window } from './period.ts';
import type { Sketch } from './sketch.ts';
import { SUM_COLUMNS } from './sum-statements.ts';
import type { Whose } from './whose.ts';

/** The column of each group and filter. */
const COLUMN_OF: Readonly<Record<UsageGroup, string>> = {
  model: 'model',
  provider: 'provider',
  feature: 'feature',
  key: 'key_id',
  user: 'user_id',
  key_strategy: 'key_strategy',
  provider_key: 'provider_key_id',
};

export interface SummaryQuestion {
  readonly whose: Whose;
  readonly filters: Pick<
    UsageSummaryQuery,
    'model' | 'provider' | 'feature' | 'key_id' | 'provider_key_id' | 'key_strategy'
  >;
  readonly groupBy: readonly UsageGroup[];
  readonly limit: number;
  readonly window: Window;
}

/** A tenant's calls summed up over time and by group, from the hours or the days. All of it is as of one moment. */
export async function summarize(
  d1: D1Database,
  tenantId: string,
  question: SummaryQuestion,
): Promise<UsageSummary> {
  const { groupBy, window, whose } = question;
  const shown = Math.max(1, Math.min(question.limit, Math.floor(MAX_ROWS / spanCount(window)) - 1));
  const rows = rowsOf(tenantId, question);
  const part = sql.raw('CASE WHEN part IN (SELECT part FROM top) THEN part END');
  const within = sql`WITH rows AS (${rows}), top AS (
    SELECT part FROM rows GROUP BY part
    ORDER BY sum(charge_nano) DESC, sum(cost_nano) DESC, sum(calls) DESC, part LIMIT ${shown})`;
  const sums = sql.raw(SUM_COLUMNS.map((name) => `sum(${name}) AS ${name}`).join(', '));
  const [summed = [], sketched = [], [parts] = []] = await platformBatch(d1, [
    sql`${within} SELECT span, ${part} AS shown, ${sums} FROM rows GROUP BY 1, 2 ORDER BY 1`,
    sql`${within} SELECT span, shown, json_group_object(bucket, count) AS times FROM (
      SELECT span, ${part} AS shown, one.key AS bucket, sum(one.value) AS count
      FROM rows, json_each(rows.times) AS one GROUP BY 1, 2, 3) GROUP BY 1, 2`,
    sql`WITH rows AS (${rows}) SELECT count(DISTINCT part) AS count FROM rows`,
  ]);
  const times = new Map(
    sketched.map((row) => [placeOf(row), JSON.parse(String(row.times)) as Sketch] as const),
  );
  const data = summed.map((row) => ({
    from: Number(row.span),
    part: row.shown === null ? null : String(row.shown),
    sums: {
      counts: Object.fromEntries(SUM_COLUMNS.map((name) => [name, Number(row[name])])) as Sums['counts'],
      times: times.get(placeOf(row)) ?? {},
    },
  }));
  const groups = new Map<string | null, Sums>();
  for (const { part: of, sums: own } of data) groups.set(of, addedUp(groups.get(of) ?? NOTHING, own));
  const group = (of: string | null) => groupView(of, groupBy);
  return {
    object: 'usage_summary',
    of: whose === null ? 'tenant' : 'user',
    from: iso(window.from),
    to: iso(window.to),
    time_zone: 'UTC',
    granularity: window.granularity,
    group_by: [...groupBy],
    totals: figuresOf([...groups.values()].reduce(addedUp, NOTHING)),
    groups:
      groupBy.length === 0
        ? []
        : inOrder(groups).map(([of, own]) => ({ group: group(of), ...figuresOf(own) })),
    groups_left_out: Math.max(0, Number(parts?.count ?? 0) - shown),
    data: data.map(({ from, part: of, sums: own }) => ({
      from: iso(from),
      group: group(of),
      ...figuresOf(own),
    })),
  };
}

/** The rows of hours or days that are meant, each with the span it lies in and the group it is part of. */
function rowsOf(tenantId: string, { whose, filters, groupBy, window }: SummaryQuestion): SQL {
  const { model, provider, feature, key_id, provider_key_id, key_strategy } = filters;
  const wanted = {
    user_id: whose ?? undefined,
    model,
    provider,
    feature,
    key_id,
    provider_key_id,
    key_strategy,
  };
  const conditions = Object.entries(wanted).flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.raw(column)} = ${value}`],
  );
  const { from, to, granularity } = window;
  const part = `json_array(${groupBy.map((name) => COLUMN_OF[name]).join(', ')})`;
  const table = sql.raw(granularity === 'hour' ? 'usage_hours' : 'usage_days');
  const where = [sql`tenant_id = ${tenantId}`, sql`at >= ${from}`, sql`at < ${to}`, ...conditions];
  return sql`SELECT ${sql.raw(SPAN[granularity])} AS span, ${sql.raw(part)} AS part,
    ${sql.raw(SUM_COLUMNS.join(', '))}, times FROM ${table} WHERE ${sql.join(where, sql` AND `)}`;
}

/** When the span of a row begins. */
const SPAN: Readonly<Record<Granularity, string>> = {
  hour: 'at',
  day: 'at',
  month: "CAST(strftime('%s', at / 1000, 'unixepoch', 'start of month') AS INTEGER) * 1000",
};

const placeOf = ({ span, shown }: Record<string, unknown>) => `${span} ${shown ?? ''}`;

function groupView(
  part: string | null,
  groupBy: readonly UsageGroup[],
): UsageSummary['data'][number]['group'] {
  if (part === null || groupBy.length === 0) return null;
  const values = JSON.parse(part) as string[];
  return Object.fromEntries(groupBy.map((name, i) => [name, values[i] === '' ? null : values[i]]));
}

/** What was charged most first, then what cost most, then what was called most; the rest comes last. */
function inOrder(groups: ReadonlyMap<string | null, Sums>): [string | null, Sums][] {
  const by = ({ counts }: Sums) => [counts.charge_nano, counts.cost_nano, counts.calls] as const;
  return [...groups].sort(([a, one], [b, other]) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const [x, y] = [by(one), by(other)];
    return y[0] - x[0] || y[1] - x[1] || y[2] - x[2] || (a < b ? -1 : 1);
  });
}
