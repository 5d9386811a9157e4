import type { RunStatus } from '../../src/features/perspectives/index.ts';

/** How long after its end a run's deltas are kept for clients that resume; later they get each answer whole. */
export const DELTAS_KEPT_MS = 60 * 60 * 1000;
/** How soon the alarm looks after a run that is under way, in case the machine stopped. */
export const WATCH_MS = 10_000;
/** Drives that may throw before a run is given up; what it has by then is kept. */
export const MAX_FAILURES = 3;

export interface Upkeep {
  readonly status: RunStatus;
  readonly completedAt: number | null;
  readonly recorded: boolean;
  readonly deltasKept: boolean;
  readonly retentionMs: number;
}

export type Duty = 'drive' | 'record' | 'drop-deltas' | 'delete';

/** What a run needs next and when, in milliseconds since 1970. There is always something until it is deleted. */
export function nextDuty(upkeep: Upkeep, now: number): { readonly duty: Duty; readonly at: number } {
  if (upkeep.status === 'running' || upkeep.completedAt === null)
    return { duty: 'drive', at: now + WATCH_MS };
  const end = upkeep.completedAt + upkeep.retentionMs;
  if (now >= end) return { duty: 'delete', at: now };
  if (!upkeep.recorded) return { duty: 'record', at: now + WATCH_MS };
  if (upkeep.deltasKept) {
    const at = upkeep.completedAt + DELTAS_KEPT_MS;
    if (at < end) return { duty: 'drop-deltas', at };
  }
  return { duty: 'delete', at: end };
}

/**
 * What is due now. An alarm may come late, early, or twice: one that was set while the run was under way can ring when it has just
 * finished, and must not drop its deltas or delete it then.
 */
export function dutyNow(upkeep: Upkeep, now: number): Duty | null {
  const { duty, at } = nextDuty(upkeep, now);
  return duty === 'drive' || duty === 'record' || at <= now ? duty : null;
}
