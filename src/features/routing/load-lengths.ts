import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger, type Logger } from '../../platform/log.ts';
import { type AnswerLengths, answerLengths, USUAL_LENGTHS } from './answer-lengths.ts';
import { fresh, type Kept, notYetRead, type WaitUntil } from './kept.ts';
import { readLengths, writeLengths } from './lengths-store.ts';

/** How old what an isolate knows may be, in milliseconds; the cron writes every five minutes. */
const MAX_AGE_MS = 60_000;

interface Known {
  readonly at: number;
  readonly lengths: AnswerLengths;
}

/** By the settings object, of which a deployment's isolate has one (`configOf`). */
const known = new WeakMap<Config, Kept<Known>>();

/**
 * How long answers are, as this isolate knows it. Never fails and, where `waitUntil` is given, never waits: what is usual serves an isolate's first requests, and what
 * is known serves while it is read anew.
 */
export async function loadAnswerLengths(
  env: Pick<Env, 'DB'>,
  config: Config,
  clock: Clock,
  waitUntil?: WaitUntil,
): Promise<AnswerLengths> {
  let kept = known.get(config);
  if (kept === undefined) {
    kept = { ...notYetRead<Known>({ at: 0, lengths: USUAL_LENGTHS }), read: waitUntil !== undefined };
    known.set(config, kept);
  }
  const { lengths } = await fresh(kept, {
    now: clock.now(),
    maxAgeMs: MAX_AGE_MS,
    async read(before) {
      const newer = await readLengths(env.DB, before.at);
      return newer === undefined ? before : { at: newer.at, lengths: answerLengths(newer.learned) };
    },
    waitUntil,
    log: createLogger({ part: 'routing' }),
    what: 'how long answers are',
  });
  return lengths;
}

/** Sums up how long answers are, for cron: every five minutes. Throws what the database throws. */
export async function refreshAnswerLengths(env: Pick<Env, 'DB'>, clock: Clock, log: Logger): Promise<void> {
  const { pairs } = await writeLengths(env.DB, clock.now());
  log.info('the lengths of answers are summed up', { pairs });
}
