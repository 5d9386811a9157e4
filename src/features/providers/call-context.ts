import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger, type Logger } from '../../platform/log.ts';
import { type Breakers, isolateBreakers } from './breakers.ts';
import { createGoogleTokens, type GoogleTokens } from './google-token.ts';
import { createHealthReporter, type HealthReporter } from './health-reporter.ts';
import { isolateKeyLimits, type KeyLimits } from './key-limits.ts';
import type { CallContext } from './model-call.ts';
import { type KeySource, platformKeySource } from './provider-key.ts';

/**
 * What a call uses besides the contract's `CallContext`; each is the isolate's own unless given. A context made by hand
 * (`{config, clock, log, random, sleep}`) is enough to call with: it then reports no health.
 */
export interface CallSurroundings extends CallContext {
  readonly keySources?: readonly KeySource[];
  readonly breakers?: Breakers;
  readonly keyLimits?: KeyLimits;
  readonly googleTokens?: GoogleTokens;
  readonly health?: HealthReporter;
}

/** Keeps work alive after the answer: `ctx.waitUntil` of a Worker or a Durable Object. */
export type WaitUntil = (work: Promise<unknown>) => void;

const isolateGoogleTokens = createGoogleTokens(systemClock);

/**
 * The context of calls made on this deployment: its settings, the machine's clock and dice, health reported to `ProviderHealth`.
 * Without `waitUntil` the reports that are due after the answer may be lost with the invocation; a Durable Object, which outlives
 * its requests, does well without. `tenantKeys` are asked before the platform's.
 */
export function createCallContext(
  env: Pick<Env, 'PROVIDER_HEALTH'>,
  config: Config,
  log: Logger = createLogger(),
  waitUntil?: WaitUntil,
  tenantKeys?: KeySource,
): CallSurroundings {
  return {
    config,
    clock: systemClock,
    log,
    random: Math.random,
    sleep,
    keySources:
      tenantKeys === undefined ? [platformKeySource(config)] : [tenantKeys, platformKeySource(config)],
    breakers: isolateBreakers,
    keyLimits: isolateKeyLimits,
    googleTokens: isolateGoogleTokens,
    health: createHealthReporter(env.PROVIDER_HEALTH, {
      clock: systemClock,
      log,
      sleep,
      keyLimits: isolateKeyLimits,
      ...(waitUntil === undefined ? {} : { waitUntil }),
    }),
  };
}

/** The surroundings with everything that a call needs filled in. */
export function surroundingsOf(
  context: CallContext,
): Required<Omit<CallSurroundings, 'health'>> & Pick<CallSurroundings, 'health'> {
  const given: CallSurroundings = context;
  return {
    config: given.config,
    clock: given.clock,
    log: given.log,
    random: given.random,
    sleep: given.sleep,
    keySources: given.keySources ?? [platformKeySource(given.config)],
    breakers: given.breakers ?? isolateBreakers,
    keyLimits: given.keyLimits ?? isolateKeyLimits,
    googleTokens: given.googleTokens ?? isolateGoogleTokens,
    health: given.health,
  };
}

/** Waits; throws the signal's reason when it aborts first. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
