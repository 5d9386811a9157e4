import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger, type Logger } from '../../platform/log.ts';
import { type LearnedFigures, NOTHING_LEARNED } from './figures.ts';
import { readFigures, writeFigures } from './figures-store.ts';
import { fresh, type Kept, notYetRead, type WaitUntil } from './kept.ts';

/** How old what an isolate knows may be, in milliseconds; the cron writes every five minutes. */
const MAX_AGE_MS = 60_000;

interface Known {
  readonly at: number;
  readonly learned: LearnedFigures;
}

/** By the settings object, of which a deployment's isolate has one (`configOf`). */
const known = new WeakMap<Config, Kept<Known>>();

/** What was learned of the models, as this isolate knows it. Never fails: without the database what is known serves, or nothing, which are the priors. */
export async function loadFigures(
  env: Pick<Env, 'DB'>,
  config: Config,
  clock: Clock,
  waitUntil?: WaitUntil,
): Promise<LearnedFigures> {
  let kept = known.get(config);
  if (kept === undefined) {
    kept = notYetRead<Known>({ at: 0, learned: NOTHING_LEARNED });
    known.set(config, kept);
  }
  const { learned } = await fresh(kept, {
    now: clock.now(),
    maxAgeMs: MAX_AGE_MS,
    read: async (before) => (await readFigures(env.DB, before.at)) ?? before,
    waitUntil,
    log: createLogger({ part: 'routing' }),
    what: 'what was learned of the models',
  });
  return learned;
}

/** Sums up what was learned, for cron: every five minutes. Throws what the database throws. */
export async function refreshFigures(env: Pick<Env, 'DB'>, clock: Clock, log: Logger): Promise<void> {
  const { pairs } = await writeFigures(env.DB, clock.now());
  log.info('the learned figures are summed up', { pairs });
}
