import { and, eq, gt, lt, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { platformDb } from '../../platform/db.ts';
import type { LearnedLengths } from './answer-lengths.ts';
import { LASTING_HALF_LIFE_MS, type LogSums } from './figures.ts';
import { HOUR_MS, KEPT_MS, TEACHING_KEYS } from './hours.ts';
import { routingFigures, routingLengths } from './schema.ts';

/** The row that isolates read, beside the router's own. */
const LENGTHS = 'lengths';
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
  const oldest = now - KEPT_MS - HOUR_MS;
  const weight = sql`exp(${-Math.LN2 / LASTING_HALF_LIFE_MS} * max(0, ${now - HOUR_MS / 2} - hour))`;
  const rows = await db.all<{ model: string; feature: string; n: number; sum: number; sq: number }>(sql`
    SELECT model, feature, total(weight * n) AS n, total(weight * sum) AS sum, total(weight * sq) AS sq
    FROM (SELECT *, ${weight} AS weight FROM routing_lengths WHERE hour >= ${oldest})
    GROUP BY model, feature
    ORDER BY n DESC, model, feature
    LIMIT ${MAX_PAIRS}`);
  const figures = JSON.stringify(
    rows.map(({ model, feature, n, sum, sq }) => [model, feature, ...[n, sum, sq].map(significant)]),
  );
  await db.batch([
    db
      .insert(routingFigures)
      .values({ id: LENGTHS, at: now, figures })
      .onConflictDoUpdate({
        target: routingFigures.id,
        set: { at: now, figures },
        // Of two crons that run at once the later one's sums hold.
        setWhere: lt(routingFigures.at, now),
      }),
    db.delete(routingLengths).where(lt(routingLengths.hour, oldest)),
  ]);
  return { pairs: rows.length };
}

/** What was learned, with its time; undefined when nothing newer than `after` is there. */
export async function readLengths(
  d1: D1Database,
  after: number,
): Promise<{ readonly at: number; readonly learned: LearnedLengths } | undefined> {
  const [row] = await platformDb(d1)
    .select({ at: routingFigures.at, figures: routingFigures.figures })
    .from(routingFigures)
    .where(and(eq(routingFigures.id, LENGTHS), gt(routingFigures.at, after)))
    .limit(1);
  if (row === undefined) return undefined;
  const learned = new Map<string, Map<string, LogSums>>();
  for (const [model, feature, n, sum, sq] of keptSchema.parse(JSON.parse(row.figures))) {
    const features = learned.get(model) ?? new Map<string, LogSums>();
    const all = features.get('') ?? { n: 0, sum: 0, sq: 0 };
    features.set('', { n: all.n + n, sum: all.sum + sum, sq: all.sq + sq });
    features.set(feature, { n, sum, sq });
    learned.set(model, features);
  }
  return { at: row.at, learned };
}

/** Seven digits: enough for sums of squares to be subtracted, at half the size. */
function significant(value: number): number {
  return Number(value.toPrecision(7));
}
