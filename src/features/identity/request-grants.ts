import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Lent } from './user-limiter.ts';

/** What limits are called in headers and errors. */
export type RateName = 'requests' | 'perspectives';
export const RATE_NAMES: Readonly<Record<LimitedOperation, RateName>> = {
  models: 'requests',
  perspectives: 'perspectives',
};

/** How the limit stands, for the headers of an answer. */
export interface RateState {
  /** What is counted, for headers. */
  readonly name: RateName;
  /** Requests that the bucket holds when full. */
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until it is full again. */
  readonly resetMs: number;
}

/** What is lent of one operation, under one key. */
export interface Grant {
  readonly operation: LimitedOperation;
  left: number;
  until: number;
  /** How many were let in since `since`, which tells the pace. */
  used: number;
  since: number;
  limit: number;
  /** What the bucket had beyond this lease. */
  beyond: number;
  resetMs: number;
  /** No request is let in before this time. */
  deniedUntil: number;
  /** When the limiter said that there will be one. */
  retryAt: number;
}

/** Most requests asked for at once. */
const MAX_WANTED = 2_000;
/** A lease is sized for about this long at the present pace: long enough to spare hops, short enough to leave others their share. */
const AHEAD_MS = 1_000;
/** Requests asked for beyond those that wait, whatever the pace. */
const REQUESTS_AHEAD = 4;

/** What was lent in answer to a question of the time `asked`. A refusal is remembered for `refusalMs` at most. */
export function grantOf(
  operation: LimitedOperation,
  lent: Omit<Lent, 'bearer'>,
  before: Grant | undefined,
  asked: number,
  leaseMs: number,
  refusalMs: number,
): Grant {
  // Another question may have been answered meanwhile: what it brought is not lost.
  const left = lent.requests + (before !== undefined && before.until > asked ? before.left : 0);
  return {
    operation,
    left,
    until: asked + leaseMs,
    used: 0,
    since: asked,
    limit: lent.limit,
    beyond: lent.remaining,
    resetMs: lent.resetMs,
    deniedUntil: left > 0 ? 0 : asked + Math.min(lent.retryAfterMs, refusalMs),
    retryAt: asked + lent.retryAfterMs,
  };
}

export function rateStateOf(grant: Grant): RateState {
  return {
    name: RATE_NAMES[grant.operation],
    limit: grant.limit,
    remaining: grant.left + grant.beyond,
    resetMs: grant.resetMs,
  };
}

/** Requests to ask for when so many wait. */
export function wantedOf(grant: Grant | undefined, waiting: number, now: number): number {
  return Math.max(waiting, Math.min(MAX_WANTED, waiting + REQUESTS_AHEAD + paceOf(grant, now)));
}

/** Requests that come in the time a lease is sized for, at the pace of the last one. */
function paceOf(grant: Grant | undefined, now: number): number {
  if (grant === undefined) return 0;
  const elapsed = Math.max(1, now - grant.since);
  // Twice the pace: a burst that grows is met half way, and what is too much goes back.
  return Math.ceil((2 * grant.used * AHEAD_MS) / Math.max(elapsed, AHEAD_MS / 8));
}
