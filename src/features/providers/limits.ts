/**
 * What a provider lets one key do with one model: how much is left, when it is whole again, and until when it refuses. Pure: the time is always
 * given. Times are milliseconds since 1970.
 */

/** A limit that refills, as a provider told of it. */
export interface Allowance {
  /** What it holds when whole; absent where the provider does not say. */
  readonly limit?: number;
  /** What was left at `at`. */
  readonly remaining: number;
  readonly at: number;
  /** When it is whole again. */
  readonly wholeAt: number;
}

export interface LimitState {
  readonly requests?: Allowance;
  readonly tokens?: Allowance;
  /** The provider has refused a call and said to come back then. */
  readonly blockedUntil?: number;
}

export const NO_LIMITS: LimitState = {};

/** No word of a provider is believed for longer than this: a mistake, or a limit that was raised, must not shut its models for a day. */
export const BELIEVED_MS = 60_000;
/** A call waits this long at most for a limit to come back; beyond, another target or the person decides. */
export const QUEUE_MS = 2_000;
/** How long a 429 that does not say when to come back holds the next call. */
export const SILENT_REFUSAL_MS = 1_000;

/**
 * Milliseconds until a call of so many tokens fits, 0 when it does. The limits of OpenAI and Anthropic are token buckets that refill steadily and are whole at
 * the time told (platform.openai.com/docs/guides/rate-limits, docs.anthropic.com/en/api/rate-limits): so the part that a call needs is back sooner than the
 * whole. Where the size of the limit is unknown, it is back when whole.
 */
export function waitFor(state: LimitState, tokens: number, now: number): number {
  const ready = Math.max(
    state.blockedUntil ?? 0,
    state.requests === undefined ? 0 : readyAt(state.requests, 1),
    state.tokens === undefined ? 0 : readyAt(state.tokens, tokens),
  );
  return Math.max(0, Math.ceil(ready - now));
}

/** The state after a call of so many tokens has gone out: what is not yet in the provider's figures is counted here. */
export function take(state: LimitState, tokens: number, now: number): LimitState {
  const requests = state.requests === undefined ? undefined : without(state.requests, 1, now);
  const left = state.tokens === undefined ? undefined : without(state.tokens, tokens, now);
  return stateOf(requests, left, state.blockedUntil);
}

/** The state after a 429. `retryAfterMs` is what the provider asked for. */
export function refuse(state: LimitState, retryAfterMs: number | undefined, now: number): LimitState {
  const until = now + Math.min(retryAfterMs ?? SILENT_REFUSAL_MS, BELIEVED_MS);
  return stateOf(state.requests, state.tokens, Math.max(until, state.blockedUntil ?? 0));
}

/** Two views of the same limits as one: of each part the later; of a refusal the longer. In any order, any number of times. */
export function mergeLimits(a: LimitState, b: LimitState): LimitState {
  return stateOf(
    laterOf(a.requests, b.requests),
    laterOf(a.tokens, b.tokens),
    a.blockedUntil === undefined
      ? b.blockedUntil
      : b.blockedUntil === undefined
        ? a.blockedUntil
        : Math.max(a.blockedUntil, b.blockedUntil),
  );
}

/** Without what says nothing any more; undefined when nothing is left. */
export function current(state: LimitState, now: number): LimitState | undefined {
  const alive = (one: Allowance | undefined) => (one !== undefined && now < one.wholeAt ? one : undefined);
  const blocked =
    state.blockedUntil !== undefined && now < state.blockedUntil ? state.blockedUntil : undefined;
  const requests = alive(state.requests);
  const tokens = alive(state.tokens);
  return requests === undefined && tokens === undefined && blocked === undefined
    ? undefined
    : stateOf(requests, tokens, blocked);
}

/** With less than this share left, other isolates should know. */
const TIGHT = 0.2;

/** Whether a state is worth telling others. */
export function isTight(state: LimitState, now: number): boolean {
  const low = (one: Allowance | undefined) =>
    one !== undefined && now < one.wholeAt && one.remaining < (one.limit ?? 100) * TIGHT;
  return (state.blockedUntil ?? 0) > now || low(state.requests) || low(state.tokens);
}

function readyAt(allowance: Allowance, wanted: number): number {
  const { limit, remaining, at, wholeAt } = allowance;
  // What can never fit is the provider's to refuse.
  const need = limit === undefined ? wanted : Math.min(wanted, limit);
  if (remaining >= need) return at;
  const ready =
    limit === undefined ? wholeAt : at + ((need - remaining) / (limit - remaining)) * (wholeAt - at);
  return Math.min(ready, at + BELIEVED_MS);
}

function without(allowance: Allowance, taken: number, now: number): Allowance | undefined {
  const { limit, remaining, at, wholeAt } = allowance;
  // Whole again, or too old: how fast it refills is not known any more, and the answer to this call will say.
  if (now >= wholeAt || now >= at + BELIEVED_MS) return undefined;
  if (now < at || limit === undefined || remaining >= limit)
    return { ...allowance, remaining: Math.max(0, remaining - taken) };
  const perMs = (limit - remaining) / (wholeAt - at);
  const left = Math.max(0, remaining + perMs * (now - at) - taken);
  return { limit, remaining: left, at: now, wholeAt: now + (limit - left) / perMs };
}

function laterOf(a: Allowance | undefined, b: Allowance | undefined): Allowance | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  // A total order, so that the order of merging does not matter; of the same moment the stricter counts.
  const difference =
    a.at - b.at || b.remaining - a.remaining || a.wholeAt - b.wholeAt || (a.limit ?? 0) - (b.limit ?? 0);
  return difference >= 0 ? a : b;
}

function stateOf(
  requests: Allowance | undefined,
  tokens: Allowance | undefined,
  blockedUntil: number | undefined,
): LimitState {
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(blockedUntil === undefined ? {} : { blockedUntil }),
  };
}
