import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { platformDb } from '../../platform/db.ts';
import type { LearnedLengths } from './answer-lengths.ts';
import { LASTING_HALF_LIFE_MS, type LogSums } from './figures.ts';
import { HOUR_MS, TEACHING_KEYS } from './hours.ts';
import { routingLengths } from './schema.ts';
import { oldestHour, readSummary, significant, weightSql, writeSummary } from './summaries.ts';

/** Pairs of model and feature that are kept, the most used ones. */
const MAX_PAIRS = 5_000;

/** A pair as it is kept: model, feature, count, sum of logarithms, sum of their squares. */
const keptSchema = z.array(z.tuple([z.string(), z.string(), z.number(), z.number(), z.number()]));

/**
 * The statement that adds answers to the hours: one for the rows of `usage_events` for which `written` holds, run in the transaction that wrote them (`learned-statements.ts`).
 * Answers that their provider or we cut off, and calls with tenants' own keys, teach nothing.
 */
export function lengthStatement(written: SQL): SQL {
  const keys = sql.join(
    TEACHING_KEYS.map((value) => sql`${value}`),
    sql`, `,
  );
  return sql`
    INSERT INTO routing_lengths (hour, model, feature, n, sum, sq)
    SELECT hour, model, feature, count(*), total(output), total(output * output)
    FROM (
      SELECT at - at % ${sql.raw(String(HOUR_MS))} AS hour, model, feature, ln(output_tokens) AS output
      FROM usage_events
      WHERE ${written} AND status = 'ok' AND error_kind IS NULL AND output_tokens > 0
        AND feature <> 'embeddings' AND key_strategy IN (${keys})
    )
    GROUP BY hour, model, feature
    ON CONFLICT (hour, model, feature) DO UPDATE SET
      n = n + excluded.n, sum = sum + excluded.sum, sq = sq + excluded.sq`;
}

/** Sums the hours of the last week up with decay, writes the result for isolates to read, and forgets older hours. Repeating it is harmless. */
export async function writeLengths(d1: D1Database, now: number): Promise<{ readonly pairs: number }> {
  const db = platformDb(d1);
  const rows = await db.all<{ model: string; feature: string; n: number; sum: number; sq: number }>(sql`
    SELECT model, feature, total(weight * n) AS n, total(weight * sum) AS sum, total(weight * sq) AS sq
    FROM (SELECT *, ${weightSql(now, LASTING_HALF_LIFE_MS)} AS weight FROM routing_lengths WHERE hour >= ${oldestHour(now)})
    GROUP BY model, feature
    ORDER BY n DESC, model, feature
    LIMIT ${MAX_PAIRS}`);
  const pairs = rows.map(({ model, feature, n, sum, sq }) => [
    model,
    feature,
    ...[n, sum, sq].map(significant),
  ]);
  return writeSummary(d1, 'lengths', now, pairs, routingLengths);
}

/** What was learned, with its time; undefined when nothing newer than `after` is there. */
export async function readLengths(
  d1: D1Database,
  after: number,
): Promise<{ readonly at: number; readonly learned: LearnedLengths } | undefined> {
  const newer = await readSummary(d1, 'lengths', after);
  if (newer === undefined) return undefined;
  const learned = new Map<string, Map<string, LogSums>>();
  for (const [model, feature, n, sum, sq] of keptSchema.parse(newer.pairs)) {
    const features = learned.get(model) ?? new Map<string, LogSums>();
    const all = features.get('') ?? { n: 0, sum: 0, sq: 0 };
    features.set('', { n: all.n + n, sum: all.sum + sum, sq: all.sq + sq });
    features.set(feature, { n, sum, sq });
    learned.set(model, features);
  }
  return { at: newer.at, learned };
}
