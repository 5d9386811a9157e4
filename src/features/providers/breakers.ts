import {
  type Admission,
  abandon,
  admit,
  BREAKER_SETTINGS,
  type BreakerSettings,
  type BreakerState,
  CLOSED,
  fail,
  phaseAt,
  succeed,
} from './breaker.ts';

/** How a call ended, as the breaker sees it. */
export type BreakerOutcome = 'succeeded' | 'failed' | 'abandoned';

/** The breakers of one isolate, by provider and key. */
export interface Breakers {
  admit(id: string, now: number): Admission;
  /** Reports a call that was admitted. Returns the phase before and after, so that a change can be told. */
  report(id: string, outcome: BreakerOutcome, probe: boolean, now: number): PhaseChange;
  phase(id: string, now: number): BreakerState['phase'];
}

export interface PhaseChange {
  readonly before: BreakerState['phase'];
  readonly after: BreakerState['phase'];
  /** When an open circuit lets the next call through; undefined when it is not open. */
  readonly openUntil: number | undefined;
}

const MAX_BREAKERS = 1_000;

/**
 * In memory and bounded: past `max` the one unused for longest is forgotten, which is the same as closed. Each isolate learns for itself;
 * a hop to share it would stand on every call's way.
 */
export function createBreakers(
  settings: BreakerSettings = BREAKER_SETTINGS,
  max: number = MAX_BREAKERS,
): Breakers {
  const states = new Map<string, BreakerState>();
  const keep = (id: string, state: BreakerState) => {
    states.delete(id);
    const oldest = states.keys().next();
    if (states.size >= max && !oldest.done) states.delete(oldest.value);
    states.set(id, state);
  };
  return {
    admit(id, now) {
      const known = states.get(id);
      if (known === undefined) return { allowed: true, probe: false };
      const { state, admission } = admit(known, now, settings);
      keep(id, state);
      return admission;
    },
    report(id, outcome, probe, now) {
      const state = states.get(id) ?? CLOSED;
      const next =
        outcome === 'succeeded'
          ? succeed(state, now, probe, settings)
          : outcome === 'failed'
            ? fail(state, now, probe, settings)
            : abandon(state, now, probe);
      keep(id, next);
      return {
        before: state.phase,
        after: next.phase,
        openUntil: next.phase === 'open' ? next.until : undefined,
      };
    },
    phase(id, now) {
      return phaseAt(states.get(id) ?? CLOSED, now);
    },
  };
}

/** The breakers of this isolate. */
export const isolateBreakers: Breakers = createBreakers();

/** The id of a breaker: provider and key, and the model where each model is a server of its own. */
export function breakerId(providerId: string, keyDigest: string, model: string | undefined): string {
  return model === undefined ? `${providerId}:${keyDigest}` : `${providerId}:${keyDigest}:${model}`;
}
