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
  lendable,
  lendSlots,
  lendTokens,
  type MemberLease,
  type NewKey,
  refilled,
  refused,
  ruleOfMinute,
  SLOT_LEASE_MS,
  type TokenQuestion,
  type TokensLent,
  take,
  type UserRules,
  waitFor,
} from '../../src/features/identity/index.ts';
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
    familyId: key.familyId,
    kind: key.kind,
    scopes: key.scopes,
    cacheMaxAgeS: key.cacheMaxAgeS,
    expiresAt: key.expiresAt,
    spendLimited: key.monthlyLimitNano !== null,
    allowedOrigins: key.allowedOrigins,
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

/**
 * Whether a rotation is to be written: `false` when it is there already. Throws `ParallaxError` `conflict` for a key that has ended or was rotated into another
 * one, and as `admitKey`.
 */
export function admitRotation(
  old: KeyRecord,
  existing: KeyRecord | undefined,
  live: number,
  made: NewKey,
  now: number,
): boolean {
  if (old.replacedBy !== null && old.replacedBy !== made.id) {
    throw new ParallaxError(
      'conflict',
      `This key was rotated already. Rotate ${old.replacedBy}, which took its place.`,
    );
  }
  if (old.replacedBy === null && (old.revokedAt !== null || (old.expiresAt !== null && old.expiresAt <= now)))
    throw new ParallaxError('conflict', 'This key has ended. Make a new one.');
  return admitKey(existing, live, made);
}

/** A key's own limit: the name of its bucket, which the keys of a rotation share, and the rule. */
export interface KeyRule {
  readonly name: string;
  readonly rule: BucketRule;
}

/** The limit that a key was made with; undefined when it has none. */
export function keyRuleOf(key: KeyRecord | undefined): KeyRule | undefined {
  if (key === undefined || key.rateLimit === null) return undefined;
  return { name: `key ${key.familyId}`, rule: ruleOfMinute(key.rateLimit) };
}

/** How often a key's last use is written down. */
export const USE_NOTED_EVERY_MS = 60_000;

/** Whether a use is worth writing down. */
export function isUseToNote(key: Pick<KeyRecord, 'lastUsedAt'>, now: number): boolean {
  return key.lastUsedAt === null || now - key.lastUsedAt >= USE_NOTED_EVERY_MS;
}

/** How a user's limits stand. */
export interface LimitState {
  /** By what they bound: an operation in a tenant, a key with a limit of its own (`KeyRule.name`), everything (`SAFETY`). */
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly holdings: Holdings;
}

/** The bucket of all requests of a user. */
const SAFETY = 'all';

/** Lends requests and slots with a key or a membership, within the rules. Pure: says how the limits stand afterwards. */
export function lendWithin(
  state: LimitState,
  rules: UserRules,
  bearer: KeyLease | MemberLease,
  question: LeaseQuestion,
  now: number,
  keyRule?: KeyRule,
): { readonly state: LimitState; readonly lent: Lent } {
  const { unused, needed: requests, wanted: ahead, operation } = question;
  // A user's rate is each tenant's own, as its plan is; a key's own limit never gives what the user has not, nor the other way round.
  const bounds: KeyRule[] = [
    { name: `${bearer.tenantId} ${operation}`, rule: rules.operations[operation] },
    ...(keyRule === undefined ? [] : [keyRule]),
    { name: SAFETY, rule: rules.safety },
  ];
  const filled = bounds.map(({ name, rule }) => ({
    name,
    rule,
    bucket: giveBack(refilled(state.buckets.get(name) ?? fullBucket(rule, now), rule, now), rule, unused),
  }));
  const count = Math.min(...filled.map(({ bucket }) => lendable(bucket.tokens, requests, ahead)));
  const left = filled.map((one) => ({ ...one, ...take(one.bucket, count) }));
  const tight = left.reduce((a, b) => (b.bucket.tokens < a.bucket.tokens ? b : a));
  const { isolate, inFlight, slotsNeeded: needed, slotsWanted: wanted } = question;
  const slots = lendSlots(state.holdings, rules.slots, { isolate, inFlight, needed, wanted }, now);
  const buckets = new Map(state.buckets);
  for (const { name, bucket } of left) buckets.set(name, bucket);
  const tokens =
    question.tokens === undefined
      ? {}
      : { tokens: lendTokensOf(buckets, rules, bearer.tenantId, question.tokens, now) };
  return {
    state: { buckets, holdings: slots.holdings },
    lent: {
      bearer,
      requests: count,
      limit: tight.rule.burst,
      remaining: Math.floor(tight.bucket.tokens),
      resetMs: waitFor(tight.bucket, tight.rule, tight.rule.burst),
      retryAfterMs: count > 0 ? 0 : Math.max(...left.map(({ bucket, rule }) => waitFor(bucket, rule, 1))),
      slots: slots.slots,
      slotLeaseMs: SLOT_LEASE_MS,
      slotLimit: rules.slots,
      scarce: slots.scarce,
      ...tokens,
    },
  };
}

/** Lends tokens of a user's minute in a tenant. Pure: says how the limits stand afterwards. */
export function lendTokensWithin(
  state: LimitState,
  rules: UserRules,
  tenantId: string,
  question: TokenQuestion,
  now: number,
): { readonly state: LimitState; readonly lent: TokensLent } {
  const buckets = new Map(state.buckets);
  const lent = lendTokensOf(buckets, rules, tenantId, question, now);
  return { state: { ...state, buckets }, lent };
}

function lendTokensOf(
  buckets: Map<string, Bucket>,
  { tokens: rule }: UserRules,
  tenantId: string,
  question: TokenQuestion,
  now: number,
): TokensLent {
  const name = `${tenantId} tokens`;
  const { bucket, lent } = lendTokens(buckets.get(name), rule, question, now);
  buckets.set(name, bucket);
  return lent;
}
