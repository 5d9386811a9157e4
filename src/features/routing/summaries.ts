import { and, eq, gt, lt, type SQL, sql } from 'drizzle-orm';
import { platformDb } from '../../platform/db.ts';
import { HOUR_MS, KEPT_MS } from './hours.ts';
import { routingFigures, type routingHours, type routingLengths } from './schema.ts';

/** What isolates read: the hours of the last week summed up with decay, one row for each kind. */
export type SummaryId = 'current' | 'lengths';
/** Where the hours of a kind are. */
type Hours = typeof routingHours | typeof routingLengths;

/** The oldest hour that counts, in milliseconds: the one in which the week begins counts too. */
export function oldestHour(now: number): number {
  return now - KEPT_MS - HOUR_MS;
}

/** For how much an hour counts, in SQL over a column `hour`: `weightOf` (`hours.ts`). */
export function weightSql(now: number, halfLifeMs: number): SQL {
  return sql`exp(${-Math.LN2 / halfLifeMs} * max(0, ${now - HOUR_MS / 2} - hour))`;
}

/** Seven digits: enough for sums of squares to be subtracted, at half the size. */
export function significant(value: number): number {
  return Number(value.toPrecision(7));
}

/** Writes a summary for isolates to read, and forgets hours that no longer count. Repeating it is harmless. */
export async function writeSummary(
  d1: D1Database,
  id: SummaryId,
  now: number,
  pairs: readonly unknown[],
  hours: Hours,
): Promise<{ readonly pairs: number }> {
  const db = platformDb(d1);
  const figures = JSON.stringify(pairs);
  await db.batch([
    db
      .insert(routingFigures)
      .values({ id, at: now, figures })
      .onConflictDoUpdate({
        target: routingFigures.id,
        set: { at: now, figures },
        // Of two crons that run at once the later one's sums hold.
        setWhere: lt(routingFigures.at, now),
      }),
    db.delete(hours).where(lt(hours.hour, oldestHour(now))),
  ]);
  return { pairs: pairs.length };
}

/** A summary as it was written, with its time; undefined when nothing newer than `after` is there. */
export async function readSummary(
  d1: D1Database,
  id: SummaryId,
  after: number,
): Promise<{ readonly at: number; readonly pairs: unknown } | undefined> {
  const [row] = await platformDb(d1)
    .select({ at: routingFigures.at, figures: routingFigures.figures })
    .from(routingFigures)
    .where(and(eq(routingFigures.id, id), gt(routingFigures.at, after)))
    .limit(1);
  return row === undefined ? undefined : { at: row.at, pairs: JSON.parse(row.figures) };
}
