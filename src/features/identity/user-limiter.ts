import type { Principal, Role, Scope } from '../../contracts/principal.ts';
import { callDurable } from '../../platform/durable-call.ts';
import type { Outcome } from '../../platform/errors.ts';
import type { KeyKind } from './schema.ts';

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
}

export type NewKey = Omit<KeyRecord, 'revokedAt'>;

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
  readonly kind: KeyKind;
  readonly scopes: readonly Scope[];
  readonly cacheMaxAgeS: number | null;
  readonly expiresAt: number | null;
}

/** Who a request acts for that showed this key. The role is the member's, as it stands: a key made by an owner is none when its owner is not. */
export function principalOf({ tenantId, userId, role, keyId, scopes }: KeyLease): Principal {
  return { tenantId, userId, role, via: 'key', keyId, scopes };
}

/** Whom a lease is asked for: a key, by the SHA-256 of its text as hex, or the user as a member of a tenant. */
export type Bearer = { readonly hash: string } | { readonly tenantId: string };

/** What is limited: each has a bucket of its own, of each user. */
export const LIMITED_OPERATIONS = ['models'] as const;
export type LimitedOperation = (typeof LIMITED_OPERATIONS)[number];

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
}

/** What an isolate says while requests are under way in it and no new ones come. */
export type KeepQuestion = Pick<LeaseQuestion, 'isolate' | 'inFlight'>;
export type Kept = Pick<Lent, 'slots' | 'slotLeaseMs' | 'scarce'>;

/** What `UserLimiter` answers over RPC. Every method may be called again with the same arguments; but for what is lent, the result is the same. */
export interface UserLimiterRpc {
  /** Lends the key with that hash; an error `unauthenticated` when it is unknown, revoked or expired, or its user is no member any more. */
  checkKey(hash: string): Promise<Outcome<KeyLease>>;
  /** Lends the user's membership; `unauthenticated` when there is none. */
  checkMember(tenantId: string): Promise<Outcome<MemberLease>>;
  /** Lends a key or a membership, and requests and slots with it; errors as `checkKey`. Asked twice it lends twice, which harms nobody: leases end. */
  lend(question: LendQuestion): Promise<Outcome<Lent>>;
  /** Renews what an isolate holds of slots, or takes them back. */
  keep(question: KeepQuestion): Promise<Kept>;
  /** Makes a key live. The same id and hash again give the key as it stands; another hash is a `conflict`. */
  putKey(key: NewKey): Promise<Outcome<KeyRecord>>;
  /** Ends a key; one that was ended stays as it is. `not_found` when there is none with that id. */
  revokeKey(id: string): Promise<Outcome<KeyRecord>>;
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
