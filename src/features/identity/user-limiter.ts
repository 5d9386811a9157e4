import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Principal, Role, Scope } from '../../contracts/principal.ts';
import { callDurable } from '../../platform/durable-call.ts';
import type { Outcome } from '../../platform/errors.ts';
import type { UserRules } from './rates.ts';
import type { KeyKind } from './schema.ts';
import type { TokenQuestion, TokensLent, TokensSettled } from './token-lending.ts';

/** An API key as its owner's `UserLimiter` keeps it. Times in milliseconds. */
export interface KeyRecord {
  readonly id: string;
  /** SHA-256 of the key's text, as hex. */
  readonly hash: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly name: string;
  readonly kind: KeyKind;
  readonly prefix: string;
  readonly last4: string;
  readonly scopes: readonly Scope[];
  /** How old a kept answer may be that its requests are given when they do not say, in seconds; null: they get none. */
  readonly cacheMaxAgeS: number | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Requests a minute; null: the user's own limit alone. */
  readonly rateLimit: number | null;
  /** Whole nano-dollars a calendar month, UTC; null: none. */
  readonly monthlyLimitNano: number | null;
  /** Pages that a publishable key works on; none of a secret one. */
  readonly allowedOrigins: readonly string[];
  readonly lastUsedAt: number | null;
  readonly lastUsedCountry: string | null;
  /** The key that it was rotated into. */
  readonly replacedBy: string | null;
  /** The first of the keys that were rotated into this one; its own id for none. They share rate and spending. */
  readonly familyId: string;
  /** Grows with every change. */
  readonly version: number;
}

/** What a key comes to be with. */
export type NewKey = Omit<
  KeyRecord,
  'revokedAt' | 'lastUsedAt' | 'lastUsedCountry' | 'replacedBy' | 'version'
>;

/** A key that was rotated, and the one that takes its place. */
export interface Rotated {
  readonly old: KeyRecord;
  readonly made: KeyRecord;
}

/** Where a request comes from, as the edge says; null where it does not know. */
export type Country = string | null;

/**
 * What the limiter lends an isolate: it may answer itself, for `leaseMs` from the moment it asked, that this user has this role in this tenant. A
 * duration, not a moment, so that two machines' clocks need not agree.
 */
export interface MemberLease {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: Role;
  readonly leaseMs: number;
}

/** The same of a key. */
export interface KeyLease extends MemberLease {
  readonly keyId: string;
  /** The first key of the rotations that it came from; itself where there was none. */
  readonly familyId: string;
  readonly kind: KeyKind;
  readonly scopes: readonly Scope[];
  readonly cacheMaxAgeS: number | null;
  readonly expiresAt: number | null;
  /** Whether it has a monthly limit: what it spends is then lent by the limiter besides the ledger. */
  readonly spendLimited: boolean;
  readonly allowedOrigins: readonly string[];
}

/** Who a request acts for that showed this key. The role is the member's, as it stands: a key made by an owner is none when its owner is not. */
export function principalOf(lease: KeyLease): Principal {
  const { tenantId, userId, role, keyId, familyId, scopes, spendLimited } = lease;
  return {
    tenantId,
    userId,
    role,
    via: 'key',
    keyId,
    ...(familyId === keyId ? {} : { keyFamilyId: familyId }),
    scopes,
    ...(spendLimited ? { spendLimited } : {}),
  };
}

/** Whom a lease is asked for: a key, by the SHA-256 of its text as hex, or the user as a member of a tenant. */
export type Bearer = { readonly hash: string } | { readonly tenantId: string };

/** What an isolate asks for, and what it says of itself: in one call, so that a request without a lease makes one round. */
export type LendQuestion = Bearer & LeaseQuestion;

export interface LeaseQuestion {
  /** The isolate's name, random, for as long as it lives. */
  readonly isolate: string;
  readonly operation: LimitedOperation;
  /** Requests that wait there now, at least 1. */
  readonly needed: number;
  /** Requests it would like to be lent in all, so that it need not ask again soon. */
  readonly wanted: number;
  /** Requests of an earlier lease that it did not use. */
  readonly unused: number;
  /** Requests of this user that are under way in it. */
  readonly inFlight: number;
  /** Concurrency slots: what those and the waiting ones need, and what it would like to hold in all. */
  readonly slotsNeeded: number;
  readonly slotsWanted: number;
  /** Tokens, asked for beside the requests: absent where none are counted. */
  readonly tokens?: TokenQuestion;
  /** Where the request that asks comes from. */
  readonly country?: Country;
}

/** What it is lent with the key, or with the membership, for `bearer.leaseMs`. */
export interface Lent {
  readonly bearer: KeyLease | MemberLease;
  readonly requests: number;
  /** For headers: the bucket's size, what is left of it after this lease, and when it is full again. */
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
  /** When there will be a request to lend; 0 when one was lent. */
  readonly retryAfterMs: number;
  /** Slots that the isolate holds now, for `slotLeaseMs`. */
  readonly slots: number;
  readonly slotLeaseMs: number;
  readonly slotLimit: number;
  /** Few slots are left; see `SlotAnswer`. */
  readonly scarce: boolean;
  readonly tokens?: TokensLent;
}

/** What an isolate says of a key with a monthly limit, and asks. Amounts in whole nano-dollars. */
export interface SpendQuestion {
  readonly keyId: string;
  /** The isolate's lease. */
  readonly leaseId: string;
  readonly settlements: readonly { readonly callId: string; readonly cost: number }[];
  readonly held: number;
  readonly needed: number;
  readonly wanted: number;
}

export interface SpendAnswer {
  /** What the isolate has been lent now, in all: less than `needed` when there is not enough. */
  readonly lent: number;
  readonly leaseMs: number;
  /** What is left of the month that is lent to nobody. */
  readonly available: number;
  /** Orders the answers of one limiter. */
  readonly turn?: number;
}

export interface SpendStanding {
  readonly limit: number | null;
  readonly spent: number;
}

/** What an isolate says while requests are under way in it and no new ones come. */
export type KeepQuestion = Pick<LeaseQuestion, 'isolate' | 'inFlight'>;
export type Kept = Pick<Lent, 'slots' | 'slotLeaseMs' | 'scarce'>;

/** What `UserLimiter` answers over RPC. Every method may be called again with the same arguments; but for what is lent, the result is the same. */
export interface UserLimiterRpc {
  /** Lends the key with that hash; an error `unauthenticated` when it is unknown, revoked or expired, or its user is no member any more. */
  checkKey(hash: string, country?: Country): Promise<Outcome<KeyLease>>;
  /** Lends the user's membership; `unauthenticated` when there is none. */
  checkMember(tenantId: string): Promise<Outcome<MemberLease>>;
  /** Lends a key or a membership, and requests and slots with it; errors as `checkKey`. Asked twice it lends twice, which harms nobody: leases end. */
  lend(question: LendQuestion): Promise<Outcome<Lent>>;
  /** Lends tokens of the user's minute in a tenant, and hears what was not used, or used beyond. Asked twice it lends twice: it flows back. */
  lendTokens(tenantId: string, question: TokenQuestion): Promise<TokensLent>;
  /** Gives back tokens that were taken and not used, or takes what was used beyond. Told twice, it counts once. */
  settleTokens(tenantId: string, settled: TokensSettled): Promise<void>;
  /** Renews what an isolate holds of slots, or takes them back. */
  keep(question: KeepQuestion): Promise<Kept>;
  /** What bounds the user in a tenant, as its plan and the deployment's settings say. */
  rulesIn(tenantId: string): Promise<UserRules>;
  /** Makes a key live. The same id and hash again give the key as it stands; another hash is a `conflict`. */
  putKey(key: NewKey): Promise<Outcome<KeyRecord>>;
  /** Ends a key; one that was ended stays as it is. `not_found` when there is none with that id. */
  revokeKey(id: string): Promise<Outcome<KeyRecord>>;
  /** For how long leases of a key may still be out, in milliseconds; 0 when none is. */
  leasesEndIn(id: string): Promise<number>;
  /** A key as it stands. */
  readKey(id: string): Promise<Outcome<KeyRecord>>;
  /** Gives a key another name. */
  renameKey(id: string, name: string): Promise<Outcome<KeyRecord>>;
  /** Makes a key live that takes another one's place, which ends at `endsAt` or earlier. The same again changes nothing. */
  rotateKey(id: string, made: NewKey, endsAt: number): Promise<Outcome<Rotated>>;
  /** The key's limit and what was spent of it this month, for people to read. */
  spendOf(id: string): Promise<Outcome<SpendStanding>>;
  /** Lends a key some of what it may spend, and hears what was spent. Asked twice, it counts once. */
  spend(question: SpendQuestion): Promise<Outcome<SpendAnswer>>;
  /**
   * Told before the user's role in a tenant may change: from now on the role is read from the database for each lease, until `roleChanged` is told
   * with the same name of the change, or for a minute. So whoever changes a role and stops half way leaves no lease of the old one.
   */
  roleMayChange(tenantId: string, change: string): Promise<void>;
  /** Told after. Where the membership `ended`, or there is none any more, the user's keys for that tenant are revoked. */
  roleChanged(tenantId: string, change: string, ended: boolean): Promise<void>;
  /** The tenant is deleted: the user's keys for it go, and what is known of their role. */
  forgetTenant(tenantId: string): Promise<void>;
}

/** The bindings that this slice needs. */
export type IdentityEnv = Pick<Env, 'DB' | 'USER_LIMITER'>;

/** Asks a user's limiter. Every one of its methods may be asked twice; what is thrown is as `callDurable` says. */
export function callLimiter<T>(
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  userId: string,
  call: (limiter: UserLimiterRpc) => Promise<T>,
): Promise<T> {
  return callDurable<UserLimiterRpc, T>({
    stub: () => env.USER_LIMITER.getByName(userId),
    call,
    repeatable: true,
    unreachable: 'API keys cannot be checked at the moment. Please try again.',
  });
}
