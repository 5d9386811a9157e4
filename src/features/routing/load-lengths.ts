import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { type AnswerLengths, answerLengths, USUAL_LENGTHS } from './answer-lengths.ts';
import { readLengths, writeLengths } from './lengths-store.ts';
import { summaryLoader } from './load-summary.ts';

/**
 * How long answers are, as this isolate knows it. Never fails and, where `waitUntil` is given, never waits: what is usual serves an isolate's first requests, and what
 * is known serves while it is read anew.
 */
export const loadAnswerLengths = summaryLoader<AnswerLengths>({
  what: 'how long answers are',
  unread: USUAL_LENGTHS,
  neverWaits: true,
  async read(env, after) {
    const newer = await readLengths(env.DB, after);
    return newer && { at: newer.at, value: answerLengths(newer.learned) };
  },
});

/** Sums up how long answers are, for cron: every five minutes. Throws what the database throws. */
export async function refreshAnswerLengths(env: Pick<Env, 'DB'>, clock: Clock, log: Logger): Promise<void> {
  const { pairs } = await writeLengths(env.DB, clock.now());
  log.info('the lengths of answers are summed up', { pairs });
}
