import type { UpstreamErrorInfo } from './conversation.ts';
import { isRetryable, mayAnotherTarget } from './upstream-failure.ts';

/** First wait without a word from the provider, doubled with each attempt up to the cap. Milliseconds. */
export const BASE_WAIT_MS = 250;
export const MAX_WAIT_MS = 8_000;
/** With another target at hand, a longer wait than this is not worth it. */
export const PATIENCE_WITH_FALLBACK_MS = 2_000;

export interface FailedAttempt {
  readonly info: UpstreamErrorInfo;
  readonly shouldRetry?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Attempts made at this target so far, at least 1. */
  readonly made: number;
  /** Attempts allowed at one target. */
  readonly allowed: number;
  /** Milliseconds left of the whole call. */
  readonly remainingMs: number;
  readonly hasFallback: boolean;
}

export type NextStep =
  | { readonly kind: 'retry'; readonly waitMs: number }
  | { readonly kind: 'next_target' }
  | { readonly kind: 'give_up' };

/**
 * What follows a failed attempt. Full jitter (a wait drawn evenly from 0 to the doubled bound, "Exponential Backoff And Jitter",
 * AWS Architecture Blog), so that callers who failed together do not come back together; on top of what the provider asked for when
 * it did. A wait that does not fit into what is left of the call is not begun. `random` is 0 ≤ x < 1. Pure.
 */
export function nextStep(attempt: FailedAttempt, random: number): NextStep {
  const { info, made, allowed, remainingMs, hasFallback } = attempt;
  const elsewhere: NextStep =
    hasFallback && mayAnotherTarget(info) ? { kind: 'next_target' } : { kind: 'give_up' };
  if (made >= allowed || !isRetryable(info, attempt.shouldRetry)) return elsewhere;
  const waitMs = waitBefore(made, attempt.retryAfterMs, random);
  if (waitMs >= remainingMs) return elsewhere;
  if (elsewhere.kind === 'next_target' && waitMs > PATIENCE_WITH_FALLBACK_MS) return elsewhere;
  return { kind: 'retry', waitMs };
}

/** The wait before attempt `made + 1`, in whole milliseconds. */
export function waitBefore(made: number, retryAfterMs: number | undefined, random: number): number {
  const jitter = Math.floor(random * Math.min(MAX_WAIT_MS, BASE_WAIT_MS * 2 ** Math.min(made - 1, 10)));
  return retryAfterMs === undefined ? jitter : retryAfterMs + Math.min(jitter, BASE_WAIT_MS);
}
