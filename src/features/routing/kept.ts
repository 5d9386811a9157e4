import type { Logger } from '../../platform/log.ts';
import { within } from '../../platform/within.ts';

/** How long a request waits for the database before it goes on with what is known, in milliseconds. */
const DATABASE_TIMEOUT_MS = 1_500;
/** When the database is asked again after it did not answer. */
const RETRY_MS = 10_000;

/** Something read from the database that an isolate keeps for a while. */
export interface Kept<T> {
  value: T;
  /** When it was last asked for, in milliseconds. */
  checkedAt: number;
  /** Whether it was ever read. */
  read: boolean;
}

/** Keeps a promise going after its request was answered, as `ExecutionContext.waitUntil` does. */
export type WaitUntil = (work: Promise<unknown>) => void;

export interface Reading<T> {
  readonly now: number;
  readonly maxAgeMs: number;
  /** Reads it anew; given what is kept, so that nothing needs to be sent that is known already. */
  readonly read: (kept: T) => Promise<T>;
  /** Where it is there, nobody waits for a refresh. */
  readonly waitUntil?: WaitUntil | undefined;
  readonly log: Logger;
  readonly what: string;
}

export function notYetRead<T>(value: T): Kept<T> {
  return { value, checkedAt: Number.NEGATIVE_INFINITY, read: false };
}

/**
 * What is kept, read anew when it is older than it may be. Meanwhile, and when the database does not answer, what is kept serves; only the very
 * first requests of an isolate wait, each on a reading of its own, since the runtime lets no request wait for another's. Never throws.
 */
export async function fresh<T>(kept: Kept<T>, reading: Reading<T>): Promise<T> {
  if (reading.now - kept.checkedAt < reading.maxAgeMs) return kept.value;
  // Set before waiting: the requests that come meanwhile go on with what is there.
  if (kept.read) kept.checkedAt = reading.now;
  const work = refresh(kept, reading);
  if (kept.read && reading.waitUntil !== undefined) reading.waitUntil(work);
  else await work;
  return kept.value;
}

async function refresh<T>(kept: Kept<T>, { now, maxAgeMs, read, log, what }: Reading<T>): Promise<void> {
  try {
    kept.value = await within(DATABASE_TIMEOUT_MS, read(kept.value));
    kept.checkedAt = now;
    kept.read = true;
  } catch (error) {
    log.warn(`${what} could not be read; what is known serves`, { error });
    kept.checkedAt = now - maxAgeMs + Math.min(RETRY_MS, maxAgeMs);
  }
}
