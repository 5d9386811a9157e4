import type { Scope } from '../../contracts/principal.ts';
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
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export type NewKey = Omit<KeyRecord, 'revokedAt'>;

/**
 * What the limiter lends an isolate: it may answer for this key itself for `leaseMs` from the moment it asked. A duration, not a moment, so
 * that two machines' clocks need not agree. Requests and concurrency lent with a key will stand here beside it.
 */
export interface KeyLease {
  readonly keyId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly kind: KeyKind;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number | null;
  readonly leaseMs: number;
}

/** What `UserLimiter` answers over RPC. Every method may be called again with the same arguments and the same result. */
export interface UserLimiterRpc {
  /** Lends the key with that hash; an error `unauthenticated` when it is unknown, revoked or expired. */
  checkKey(hash: string): Promise<Outcome<KeyLease>>;
  /** Makes a key live. The same id and hash again give the key as it stands; another hash is a `conflict`. */
  putKey(key: NewKey): Promise<Outcome<KeyRecord>>;
  /** Ends a key; one that was ended stays as it is. `not_found` when there is none with that id. */
  revokeKey(id: string): Promise<Outcome<KeyRecord>>;
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
