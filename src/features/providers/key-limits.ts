import { limitsIn } from './limit-headers.ts';
import { current, type LimitState, mergeLimits, NO_LIMITS, refuse, take, waitFor } from './limits.ts';

/** The limits that this isolate knows of, by provider, key and model. */
export interface KeyLimits {
  /** Milliseconds until a call of so many tokens may go out; on 0 it is counted as gone. */
  admit(id: string, tokens: number, now: number): number;
  /** Reads an answer's headers. */
  heard(id: string, headers: Headers, now: number): void;
  /** A 429, and when the provider said to come back. */
  refused(id: string, retryAfterMs: number | undefined, now: number): void;
  /** Takes in what another isolate has learned. */
  adopt(id: string, state: LimitState, now: number): void;
  /** What is known and still counts. */
  known(id: string, now: number): LimitState | undefined;
}

const MAX_KNOWN = 1_000;

/** In memory and bounded: past `max` the one unused for longest is forgotten, which is the same as unlimited. */
export function createKeyLimits(max: number = MAX_KNOWN): KeyLimits {
  const states = new Map<string, LimitState>();
  const keep = (id: string, state: LimitState, now: number) => {
    states.delete(id);
    const live = current(state, now);
    if (live === undefined) return;
    const oldest = states.keys().next();
    if (states.size >= max && !oldest.done) states.delete(oldest.value);
    states.set(id, live);
  };
  const of = (id: string) => states.get(id) ?? NO_LIMITS;
  return {
    admit(id, tokens, now) {
      const state = states.get(id);
      if (state === undefined) return 0;
      const waitMs = waitFor(state, tokens, now);
      if (waitMs === 0) keep(id, take(state, tokens, now), now);
      return waitMs;
    },
    heard(id, headers, now) {
      keep(id, mergeLimits(of(id), limitsIn(headers, now)), now);
    },
    refused(id, retryAfterMs, now) {
      keep(id, refuse(of(id), retryAfterMs, now), now);
    },
    adopt(id, state, now) {
      keep(id, mergeLimits(of(id), state), now);
    },
    known(id, now) {
      return current(of(id), now);
    },
  };
}

/** The limits known to this isolate. */
export const isolateKeyLimits: KeyLimits = createKeyLimits();

/**
 * The name of a key's limit with one model: providers count most of them by model, so that one that is used up says nothing of the others. Within one
 * provider; the digest says nothing of the key.
 */
export function limitName(keyDigest: string, model: string): string {
  return `${keyDigest}:${model.slice(0, 200)}`;
}

/** Bodies beyond this many characters carry attachments, or so much text that the provider's own count must decide. */
const MOST_COUNTED = 32_000;
const CHARACTERS_A_TOKEN = 4;

/** What a request's body will be counted as, roughly and rather too low: what is refused here could have been answered. */
export function tokensOf(body: string): number {
  return Math.ceil(Math.min(body.length, MOST_COUNTED) / CHARACTERS_A_TOKEN);
}
