import type { Role } from '../../src/contracts/principal.ts';
import {
  type Bucket,
  type BucketRule,
  fullBucket,
  giveBack,
  type Holdings,
  type KeyLease,
  type KeyRecord,
  type LeaseQuestion,
  type Lent,
  type LimitedOperation,
  lendable,
  lendSlots,
  type MemberLease,
  type NewKey,
  refilled,
  refused,
  SLOT_LEASE_MS,
  take,
  waitFor,
} from '../../src/features/identity/index.ts';
import type { Config } from '../../src/platform/config.ts';
import { ParallaxError } from '../../src/platform/errors.ts';

/** How long an isolate may answer for a key without asking again: the longest that a revoked key goes on working. */
export const KEY_LEASE_MS = 5_000;

/** Most keys of one user that are neither revoked nor expired. Each is a row here; nobody needs more by hand. */
export const MAX_LIVE_KEYS = 500;

/** How long after a failed attempt the index in D1 is written again. */
export const INDEX_RETRY_MS = 30_000;

/** For how long after a change was announced the role is read from the database for each lease. */
export const ROLE_UNSURE_MS = 60_000;

/** Lends a membership, or throws `ParallaxError` `unauthenticated` when there is none. */
export function lendMember(tenantId: string, userId: string, role: Role | null): MemberLease {
  if (role === null) throw refused({ reason: 'not_a_member' });
  return { tenantId, userId, role, leaseMs: KEY_LEASE_MS };
}

/** Lends a key, or throws why not: `ParallaxError` `unauthenticated`, with the reason in its details. `role`: its user's, null for no member. */
export function lendKey(key: KeyRecord | undefined, role: Role | null, now: number): KeyLease {
  if (key === undefined) throw refused({ reason: 'unknown' });
  if (key.revokedAt !== null) throw refused({ reason: 'revoked', at: key.revokedAt });
  if (key.expiresAt !== null && key.expiresAt <= now) throw refused({ reason: 'expired', at: key.expiresAt });
  return {
    ...lendMember(key.tenantId, key.userId, role),
    keyId: key.id,
    kind: key.kind,
    scopes: key.scopes,
    cacheMaxAgeS: key.cacheMaxAgeS,
    expiresAt: key.expiresAt,
  };
}

/**
 * Whether a key is to be written: `false` when it is there already, however it stands now, so that repeating a creation never brings a
 * revoked key back. Throws `ParallaxError` `conflict` when its id stands for another key, or there are too many.
 */
export function admitKey(existing: KeyRecord | undefined, live: number, key: NewKey): boolean {
  if (existing !== undefined) {
    if (existing.hash === key.hash) return false;
    throw new ParallaxError(
      'conflict',
      `The key ${existing.id} was made by an earlier request and cannot be shown again. Revoke it, and make another with a new Idempotency-Key.`,
    );
  }
  if (live >= MAX_LIVE_KEYS) {
    throw new ParallaxError(
      'conflict',
      `This user has ${MAX_LIVE_KEYS} live keys, the most there can be. Revoke one first.`,
    );
  }
  return true;
}

/** What a user may do, per operation and at once. */
export interface UserRules {
  readonly operations: Readonly<Record<LimitedOperation, BucketRule>>;
  readonly slots: number;
}

/** A fifth of a minute's requests may come at once. */
const BURST_SHARE = 1 / 5;

/** The rules that the deployment's settings say. */
export function rulesOf(config: Pick<Config, 'requestsPerMinute' | 'concurrentRequests'>): UserRules {
  const { requestsPerMinute: perMinute, concurrentRequests } = config;
  return {
    operations: { models: { perMinute, burst: Math.max(1, Math.ceil(perMinute * BURST_SHARE)) } },
    slots: concurrentRequests,
  };
}

/** How a user's limits stand. */
export interface LimitState {
  readonly buckets: ReadonlyMap<LimitedOperation, Bucket>;
  readonly holdings: Holdings;
}

/** Lends requests and slots with a key or a membership, within the rules. Pure: says how the limits stand afterwards. */
export function lendWithin(
  state: LimitState,
  rules: UserRules,
  bearer: KeyLease | MemberLease,
  question: LeaseQuestion,
  now: number,
): { readonly state: LimitState; readonly lent: Lent } {
  const rule = rules.operations[question.operation];
  const before = state.buckets.get(question.operation) ?? fullBucket(rule, now);
  const returned = giveBack(refilled(before, rule, now), rule, question.unused);
  const { bucket, taken } = take(returned, lendable(returned.tokens, question.needed, question.wanted));
  const { isolate, inFlight, slotsNeeded: needed, slotsWanted: wanted } = question;
  const slots = lendSlots(state.holdings, rules.slots, { isolate, inFlight, needed, wanted }, now);
  return {
    state: {
      buckets: new Map(state.buckets).set(question.operation, bucket),
      holdings: slots.holdings,
    },
    lent: {
      bearer,
      requests: taken,
      limit: rule.burst,
      remaining: Math.floor(bucket.tokens),
      resetMs: waitFor(bucket, rule, rule.burst),
      retryAfterMs: taken > 0 ? 0 : waitFor(bucket, rule, 1),
      slots: slots.slots,
      slotLeaseMs: SLOT_LEASE_MS,
      slotLimit: rules.slots,
      scarce: slots.scarce,
    },
  };
}
