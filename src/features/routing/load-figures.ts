import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { type LearnedFigures, NOTHING_LEARNED } from './figures.ts';
import { readFigures, writeFigures } from './figures-store.ts';
import { summaryLoader } from './load-summary.ts';

/** What was learned of the models, as this isolate knows it. Never fails: without the database what is known serves, or nothing, which are the priors. */
export const loadFigures = summaryLoader<LearnedFigures>({
  what: 'what was learned of the models',
  unread: NOTHING_LEARNED,
  neverWaits: false,
  async read(env, after) {
    const newer = await readFigures(env.DB, after);
    return newer && { at: newer.at, value: newer.learned };
  },
});

/** Sums up what was learned, for cron: every five minutes. Throws what the database throws. */
export async function refreshFigures(env: Pick<Env, 'DB'>, clock: Clock, log: Logger): Promise<void> {
  const { pairs } = await writeFigures(env.DB, clock.now());
  log.info('the learned figures are summed up', { pairs });
}
