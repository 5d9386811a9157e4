import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UpstreamErrorInfo, UpstreamErrorKind } from './conversation.ts';
import {
  BASE_WAIT_MS,
  type FailedAttempt,
  MAX_WAIT_MS,
  nextStep,
  PATIENCE_WITH_FALLBACK_MS,
  waitBefore,
} from './retry-policy.ts';
import {
  CANCELLATION,
  isProviderFault,
  isRetryable,
  mayAnotherTarget,
  SILENCE_MS,
} from './upstream-failure.ts';

const kinds: UpstreamErrorKind[] = [
  'invalid_request',
  'authentication',
  'permission',
  'not_found',
  'too_large',
  'rate_limited',
  'quota_exceeded',
  'content_policy',
  'context_length',
  'overloaded',
  'timeout',
  'server_error',
  'malformed',
  'connection',
];

const info = fc.record(
  {
    kind: fc.constantFrom(...kinds),
    message: fc.constant('failed'),
    status: fc.integer({ min: 400, max: 599 }),
  },
  { requiredKeys: ['kind', 'message'] },
);

const attempt: fc.Arbitrary<FailedAttempt> = fc.record({
  info,
  shouldRetry: fc.constantFrom(undefined, true, false),
  retryAfterMs: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined }),
  made: fc.integer({ min: 1, max: 6 }),
  allowed: fc.integer({ min: 1, max: 6 }),
  remainingMs: fc.integer({ min: -1_000, max: 120_000 }),
  hasFallback: fc.boolean(),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('what follows a failed attempt', () => {
  it('is never a wait that does not fit into what is left of the call', () => {
    fc.assert(
      fc.property(attempt, random, (failed, dice) => {
        const step = nextStep(failed, dice);
        if (step.kind === 'retry') expect(step.waitMs).toBeLessThan(failed.remainingMs);
      }),
    );
  });

  it('is never a shorter wait than the provider asked for, and adds at most one base wait to it', () => {
    fc.assert(
      fc.property(attempt, random, (failed, dice) => {
        const step = nextStep(failed, dice);
        if (step.kind !== 'retry' || failed.retryAfterMs === undefined) return;
        expect(step.waitMs).toBeGreaterThanOrEqual(failed.retryAfterMs);
        expect(step.waitMs).toBeLessThanOrEqual(failed.retryAfterMs + BASE_WAIT_MS);
      }),
    );
  });

  it('is never one attempt more than allowed, nor a retry of what cannot be retried', () => {
    fc.assert(
      fc.property(attempt, random, (failed, dice) => {
        if (nextStep(failed, dice).kind !== 'retry') return;
        expect(failed.made).toBeLessThan(failed.allowed);
        expect(isRetryable(failed.info, failed.shouldRetry)).toBe(true);
      }),
    );
  });

  it('is another target only when there is one and it may do better', () => {
    fc.assert(
      fc.property(attempt, random, (failed, dice) => {
        if (nextStep(failed, dice).kind !== 'next_target') return;
        expect(failed.hasFallback).toBe(true);
        expect(mayAnotherTarget(failed.info)).toBe(true);
      }),
    );
  });

  it('is another target rather than a long wait', () => {
    const failed: FailedAttempt = {
      info: { kind: 'rate_limited', status: 429, message: '' },
      retryAfterMs: PATIENCE_WITH_FALLBACK_MS + 1,
      made: 1,
      allowed: 3,
      remainingMs: 60_000,
      hasFallback: true,
    };
    expect(nextStep(failed, 0).kind).toBe('next_target');
    expect(nextStep({ ...failed, hasFallback: false }, 0)).toEqual({
      kind: 'retry',
      waitMs: PATIENCE_WITH_FALLBACK_MS + 1,
    });
  });

  it('is the end when the caller cancelled', () => {
    const failed = { info: CANCELLATION, made: 1, allowed: 3, remainingMs: 60_000, hasFallback: true };
    expect(nextStep(failed, 0.5)).toEqual({ kind: 'give_up' });
  });
});

describe('a wait without a word from the provider', () => {
  it('is drawn evenly from zero to a bound that doubles up to the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), random, (made, dice) => {
        const bound = Math.min(MAX_WAIT_MS, BASE_WAIT_MS * 2 ** (made - 1));
        const wait = waitBefore(made, undefined, dice);
        expect(wait).toBe(Math.floor(dice * bound));
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(bound);
      }),
    );
  });
});

describe('a failure', () => {
  const of = (kind: UpstreamErrorKind, status?: number): UpstreamErrorInfo => ({
    kind,
    message: '',
    ...(status === undefined ? {} : { status }),
  });

  it.each([
    [of('rate_limited', 429), true],
    [of('quota_exceeded', 429), false],
    [of('server_error', 500), true],
    [of('server_error', 501), false],
    [of('overloaded', 529), true],
    [of('connection'), true],
    [of('timeout'), true],
    [of('malformed', 200), false],
    [of('invalid_request', 409), true],
    [of('invalid_request', 400), false],
    [of('authentication', 401), false],
    // An error told inside a stream has no status of its own.
    [of('overloaded'), true],
  ])('%j is retried: %s', (failure, expected) => {
    expect(isRetryable(failure)).toBe(expected);
  });

  it('is retried or not as the provider itself says', () => {
    expect(isRetryable(of('invalid_request', 400), true)).toBe(true);
    expect(isRetryable(of('server_error', 500), false)).toBe(false);
    expect(isRetryable(CANCELLATION, true)).toBe(false);
  });

  it.each([
    [of('overloaded', 503), true],
    [of('server_error', 500), true],
    [of('connection'), true],
    [of('malformed', 200), true],
    [of('timeout', 504), true],
    [of('rate_limited', 429), false],
    [of('invalid_request', 400), false],
    [of('authentication', 401), false],
    [of('content_policy', 400), false],
    [CANCELLATION, false],
  ])('%j counts for the circuit breaker: %s', (failure, expected) => {
    expect(isProviderFault(failure, 10)).toBe(expected);
  });

  it('by a time-out of a caller in a hurry does not close the provider for the others', () => {
    expect(isProviderFault(of('timeout'), SILENCE_MS - 1)).toBe(false);
    expect(isProviderFault(of('timeout'), SILENCE_MS)).toBe(true);
  });
});
