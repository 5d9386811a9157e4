import { type SQL, sql } from 'drizzle-orm';
import { LN_GAMMA, SKETCHED } from './sketch.ts';

export const HOUR_MS = 60 * 60 * 1000;
export const DAY_MS = 24 * HOUR_MS;

/** A table of sums, and how much time one of its rows stands for. */
export const SUM_TABLES = [
  { table: 'usage_hours', spanMs: HOUR_MS },
  { table: 'usage_days', spanMs: DAY_MS },
] as const;
export type SumTable = (typeof SUM_TABLES)[number];

/** What a row is of, besides its time. */
const KEY = ['user_id', 'key_id', 'provider_key_id', 'model', 'provider', 'key_strategy', 'feature'] as const;
/** What is added up, each as it is counted from one event. */
const SUMS = {
  calls: '1',
  succeeded: "status = 'ok'",
  failed: "status = 'failed'",
  cancelled: "status = 'cancelled'",
  cached: "status = 'cached'",
  unpriced: 'NOT priced',
  input_tokens: 'input_tokens',
  cached_input_tokens: 'cached_input_tokens',
  cache_write_tokens: 'cache_write_tokens',
  output_tokens: 'output_tokens',
  reasoning_tokens: 'reasoning_tokens',
  cost_nano: 'cost_nano',
  charge_nano: 'charge_nano',
} as const;
/** Columns that are added up. */
export const SUM_COLUMNS = Object.keys(SUMS) as readonly (keyof typeof SUMS)[];

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
const COLUMNS = ['tenant_id', 'at', ...KEY, ...SUM_COLUMNS, 'times'];

/**
 * The bucket of a time, as `bucketOf` says it. The two may differ by one bucket where a time lies within the last digits of a bucket's end, which is
 * as good: such a time is as far from the one as from the other. Calls of a merge are not timed one by one, and say 0: they are left out.
 */
const bucket = (kind: string, time: string) =>
  `'${kind}' || CAST(ceil(ln(max(${time}, 1)) / ${LN_GAMMA}) AS INTEGER)`;

/** The sums of events, one row for each of what they are of: a `SELECT` with the columns of the table. */
function sumsOf({ spanMs }: SumTable, written: SQL): SQL {
  const keys = KEY.map((name) => `coalesce(${name}, '') AS "${name}"`).join(', ');
  const sums = Object.entries(SUMS);
  const nothing = sums.map(([name]) => `0 AS "${name}"`).join(', ');
  const names = listed(['tenant_id', 'at', ...KEY]);
  const timed = (kind: string, time: string) => `SELECT ${names}, ${nothing}, ${bucket(kind, time)} AS bucket
      FROM events WHERE status = 'ok' AND ${time} IS NOT NULL AND latency_ms > 0`;
  // One row an event with its sums, and one for each of its times with the bucket; then one for each sum and bucket; then all of one key together.
  return sql`WITH events AS (
      SELECT tenant_id, at - at % ${sql.raw(String(spanMs))} AS at, ${sql.raw(keys)}, status, priced, latency_ms, first_token_ms,
        ${sql.raw(SUM_COLUMNS.filter((name) => /_tokens$|_nano$/.test(name)).join(', '))}
      FROM usage_events WHERE ${written}
    ), parts AS (
      SELECT ${sql.raw(`${names}, ${sums.map(([name, of]) => `${of} AS "${name}"`).join(', ')}`)}, NULL AS bucket FROM events
      UNION ALL ${sql.raw(timed(SKETCHED.latency, 'latency_ms'))}
      UNION ALL ${sql.raw(timed(SKETCHED.firstToken, 'first_token_ms'))}
    ), counted AS (
      SELECT ${sql.raw(names)}, bucket, count(*) AS times, ${sql.raw(sums.map(([name]) => `sum("${name}") AS "${name}"`).join(', '))}
      FROM parts GROUP BY ${sql.raw(names)}, bucket
    )
    SELECT ${sql.raw(names)}, ${sql.raw(sums.map(([name]) => `sum("${name}")`).join(', '))},
      json_group_object(bucket, times) FILTER (WHERE bucket IS NOT NULL)
    FROM counted WHERE true GROUP BY ${sql.raw(names)}`;
}

/**
 * Statements that add usage events to the hours and days. `written` is the condition that holds for the rows of `usage_events` that were just written; they must run in
 * the transaction that wrote them, after it: then an event is counted exactly when it is first stored. Sums and sketches commute, so batches may come in
 * any order, and several at once.
 */
export function usageSumStatements(written: SQL): SQL[] {
  return SUM_TABLES.map((into) => {
    const name = sql.raw(into.table);
    const added = SUM_COLUMNS.map(
      (column) => `"${column}" = ${into.table}."${column}" + excluded."${column}"`,
    );
    const sketch = `(SELECT json_group_object(bucket, times) FROM (
      SELECT bucket, sum(times) AS times FROM (
        SELECT key AS bucket, value AS times FROM json_each(${into.table}.times)
        UNION ALL SELECT key, value FROM json_each(excluded.times)
      ) GROUP BY bucket))`;
    return sql`INSERT INTO ${name} (${sql.raw(listed(COLUMNS))}) ${sumsOf(into, written)}
      ON CONFLICT DO UPDATE SET ${sql.raw(added.join(', '))}, times = ${sql.raw(sketch)}`;
  });
}
