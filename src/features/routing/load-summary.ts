import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger } from '../../platform/log.ts';
import { fresh, type Kept, notYetRead, type WaitUntil } from './kept.ts';

/** How old what an isolate knows may be, in milliseconds; the cron writes every five minutes. */
const MAX_AGE_MS = 60_000;

/** What a summary says, and when it was summed up. */
interface Known<T> {
  readonly at: number;
  readonly value: T;
}

/** One kind of summary, as isolates keep it. */
export interface SummaryKind<T> {
  /** For the log: `what was learned of the models`. */
  readonly what: string;
  /** What holds until something is read. */
  readonly unread: T;
  /** Whether even an isolate's first requests go on with `unread`, where `waitUntil` is given. */
  readonly neverWaits: boolean;
  /** Reads what is newer than `after`, in milliseconds. */
  readonly read: (env: Pick<Env, 'DB'>, after: number) => Promise<Known<T> | undefined>;
}

export type LoadSummary<T> = (
  env: Pick<Env, 'DB'>,
  config: Config,
  clock: Clock,
  waitUntil?: WaitUntil,
) => Promise<T>;

/** A way to a summary as this isolate knows it. It never fails: without the database what is known serves, or `unread`. */
export function summaryLoader<T>({ what, unread, neverWaits, read }: SummaryKind<T>): LoadSummary<T> {
  /** By the settings object, of which a deployment's isolate has one (`configOf`). */
  const known = new WeakMap<Config, Kept<Known<T>>>();
  return async (env, config, clock, waitUntil) => {
    let kept = known.get(config);
    if (kept === undefined) {
      kept = notYetRead<Known<T>>({ at: 0, value: unread });
      kept.read = neverWaits && waitUntil !== undefined;
      known.set(config, kept);
    }
    const { value } = await fresh(kept, {
      now: clock.now(),
      maxAgeMs: MAX_AGE_MS,
      read: async (before) => (await read(env, before.at)) ?? before,
      waitUntil,
      log: createLogger({ part: 'routing' }),
      what,
    });
    return value;
  };
}
