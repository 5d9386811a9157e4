import type { Clock } from '../../../platform/clock.ts';
import { deleteOlder } from '../../../platform/db.ts';
import type { Logger } from '../../../platform/log.ts';
import { usageEvents } from '../schema.ts';
import { usageDays, usageHours } from './schema.ts';
import { DAY_MS, HOUR_MS } from './sum-statements.ts';

export interface UsageRetention {
  /** Days that events and hours are kept. */
  readonly eventDays: number;
  /** Days that days are kept. */
  readonly summaryDays: number;
  /** Most statements for each table, if not as many as a deletion has by itself. */
  readonly rounds?: number;
}

/**
 * From when on an event that comes is counted: later than the oldest that is kept by an hour, so that no row is deleted between the look at the
 * clock and the writing. Milliseconds. Pure.
 */
export function countedSince(now: number, eventDays: number): number {
  return now - eventDays * DAY_MS + HOUR_MS;
}

/** Deletes events, hours and days past their age; called by cron. What it does not get done in its time it leaves to the next one, and says so. */
export async function forgetOldUsage(
  d1: D1Database,
  clock: Clock,
  log: Logger,
  { eventDays, summaryDays, rounds }: UsageRetention,
): Promise<void> {
  const now = clock.now();
  const kinds = [
    [usageEvents, usageEvents.at, eventDays],
    [usageHours, usageHours.at, eventDays],
    [usageDays, usageDays.at, summaryDays],
  ] as const;
  for (const [table, at, days] of kinds)
    if (await deleteOlder(d1, table, at, now - days * DAY_MS, rounds))
      log.error('usage past its age is still there; the next cron goes on', { days });
}
