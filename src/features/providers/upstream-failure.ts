import type { UpstreamErrorInfo } from './conversation.ts';

/** One attempt failed. Thrown inside the slice; leaves it as `ModelCallError` or as an `error` event. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly info: UpstreamErrorInfo;
  /** When the provider said to come back, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;
  /** What the provider said of trying again (`x-should-retry`). */
  readonly shouldRetry: boolean | undefined;

  constructor(
    info: UpstreamErrorInfo,
    more: { readonly retryAfterMs?: number; readonly shouldRetry?: boolean } = {},
  ) {
    super(info.message);
    this.info = info;
    this.retryAfterMs = more.retryAfterMs;
    this.shouldRetry = more.shouldRetry;
  }
}

/** Codes of failures that are ours to name. */
export const CANCELLED = 'cancelled';
export const CIRCUIT_OPEN = 'circuit_open';
export const TOTAL_TIMEOUT = 'total_timeout';
/** What the provider lets this key do is used up, as far as we know: nothing was sent. */
export const LIMIT_USED_UP = 'provider_limit_used_up';
/** The target cannot do what the request asks; another may. */
export const UNSUPPORTED = 'unsupported_parameter';

/** The caller went away or asked to stop. */
export const CANCELLATION: UpstreamErrorInfo = {
  kind: 'connection',
  code: CANCELLED,
  message: 'The call was cancelled.',
};

export function isCancellation(info: UpstreamErrorInfo): boolean {
  return info.code === CANCELLED;
}

/**
 * Whether the same target may be asked again: statuses 408, 409, 429 and 5xx, time-outs and broken connections. Not for an exhausted
 * quota, which no waiting of ours refills, and not for 501, which says that it never will. The provider's own word goes first.
 */
export function isRetryable(info: UpstreamErrorInfo, shouldRetry?: boolean): boolean {
  if (isCancellation(info) || info.code === CIRCUIT_OPEN || info.code === TOTAL_TIMEOUT) return false;
  if (shouldRetry !== undefined) return shouldRetry;
  if (info.kind === 'quota_exceeded' || info.kind === 'malformed') return false;
  if (info.status === undefined || info.status < 400) {
    return ['connection', 'timeout', 'overloaded', 'rate_limited', 'server_error'].includes(info.kind);
  }
  return (
    info.status === 408 ||
    info.status === 409 ||
    info.status === 429 ||
    (info.status >= 500 && info.status !== 501)
  );
}

/**
 * Whether another model may do what this one did not. A request that is wrong is wrong everywhere; what a content policy refused is not
 * carried to a provider that may be laxer, that is for the person to decide.
 */
export function mayAnotherTarget(info: UpstreamErrorInfo): boolean {
  if (isCancellation(info) || info.code === TOTAL_TIMEOUT) return false;
  if (info.code === UNSUPPORTED) return true;
  return info.kind !== 'invalid_request' && info.kind !== 'content_policy';
}

/** A time-out of ours speaks of the provider only when it was given this long: a caller in a hurry must not close it for the others. */
export const SILENCE_MS = 30_000;

/**
 * Whether a failure speaks of the provider's health, and so counts for its circuit breaker. A 429 does not: it speaks of one key's, and
 * mostly one model's, allowance; a breaker would close the models that still have room, and backing off is the retry policy's work.
 * Neither does a refused key or request. `waitedMs` is how long the attempt took.
 */
export function isProviderFault(info: UpstreamErrorInfo, waitedMs: number): boolean {
  if (isCancellation(info) || info.code === CIRCUIT_OPEN) return false;
  if (info.kind === 'timeout' && info.status === undefined) return waitedMs >= SILENCE_MS;
  return ['overloaded', 'timeout', 'server_error', 'malformed', 'connection'].includes(info.kind);
}

/**
 * Whether a failure counts in the success rate that people see and routes are chosen by: the provider's faults, and being limited, since
 * a call that got no answer is one either way.
 */
export function countsAgainstProvider(info: UpstreamErrorInfo, waitedMs: number): boolean {
  return isProviderFault(info, waitedMs) || info.kind === 'rate_limited' || info.kind === 'quota_exceeded';
}
