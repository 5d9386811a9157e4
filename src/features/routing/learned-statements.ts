import { type SQL, sql } from 'drizzle-orm';
import { CALLERS_FAULTS, HOUR_MS, MIN_TOKENS_FOR_SPEED, TEACHING_KEYS } from './hours.ts';
import { lengthStatement } from './lengths-store.ts';

/**
 * Statements that add usage events to the hours: `countedAs` (`hours.ts`) in SQL. `written` is the condition that holds for the rows of `usage_events` that were
 * just written; the statements must run in the transaction that wrote them, after it (`SumStatements` in metering): then an event is counted exactly when it is
 * first stored. The sums can be added to in any order, and by several batches at once.
 */
export function learnedStatements(written: SQL): SQL[] {
  const list = (values: readonly string[]) =>
    sql.join(
      values.map((value) => sql`${value}`),
      sql`, `,
    );
  // Bound numbers are floats in D1, and the hour is to be an integer.
  const whole = (value: number) => sql.raw(String(value));
  // One value a call and figure, null where the call does not tell it: SUM and COUNT pass over nulls.
  return [
    sql`
      INSERT INTO routing_hours (hour, model, task, n, ok, first_n, first_sum, first_sq, token_n, token_sum, token_sq,
        total_n, total_sum, output_n, output_sum, output_sq)
      SELECT hour, model, task, count(*), sum(ok),
        count(first), total(first), total(first * first),
        count(token), total(token), total(token * token),
        count(whole), total(whole),
        count(output), total(output), total(output * output)
      FROM (
        SELECT at - at % ${whole(HOUR_MS)} AS hour, model, coalesce(task, '') AS task, status = 'ok' AS ok,
          CASE WHEN status = 'ok' AND first_token_ms IS NOT NULL THEN ln(max(first_token_ms, 1)) END AS first,
          CASE WHEN status = 'ok' AND latency_ms > first_token_ms AND output_tokens >= ${whole(MIN_TOKENS_FOR_SPEED)}
            THEN ln((latency_ms - first_token_ms) * 1.0 / output_tokens) END AS token,
          CASE WHEN status = 'ok' AND latency_ms > 0 THEN ln(latency_ms) END AS whole,
          CASE WHEN status = 'ok' AND output_tokens > 0 THEN ln(output_tokens) END AS output
        FROM usage_events
        WHERE ${written}
          AND feature <> 'embeddings'
          AND key_strategy IN (${list(TEACHING_KEYS)})
          AND (status = 'ok' OR (status = 'failed' AND coalesce(error_kind, '') NOT IN (${list(CALLERS_FAULTS)})))
      )
      GROUP BY hour, model, task
      ON CONFLICT (hour, model, task) DO UPDATE SET
        n = n + excluded.n,
        ok = ok + excluded.ok,
        first_n = first_n + excluded.first_n,
        first_sum = first_sum + excluded.first_sum,
        first_sq = first_sq + excluded.first_sq,
        token_n = token_n + excluded.token_n,
        token_sum = token_sum + excluded.token_sum,
        token_sq = token_sq + excluded.token_sq,
        total_n = total_n + excluded.total_n,
        total_sum = total_sum + excluded.total_sum,
        output_n = output_n + excluded.output_n,
        output_sum = output_sum + excluded.output_sum,
        output_sq = output_sq + excluded.output_sq`,
    lengthStatement(written),
  ];
}
