import type { Scope } from '../../contracts/principal.ts';
import { type Outcome, ParallaxError } from '../../platform/errors.ts';
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

/**
 * Asks a user's limiter. A call that the platform says may be repeated is repeated once, never one that an overloaded object refused
 * (https://developers.cloudflare.com/durable-objects/best-practices/error-handling/). Throws `ParallaxError` `unavailable` when
 * the object cannot be reached.
 */
export async function callLimiter<T>(
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  userId: string,
  call: (limiter: UserLimiterRpc) => Promise<T>,
): Promise<T> {
  // A stub that has thrown may be broken for good: each attempt gets its own.
  const attempt = () => call(env.USER_LIMITER.getByName(userId));
  try {
    return await attempt();
  } catch (error) {
    const failure = platformFailure(error);
    if (failure === null) throw error;
    if (!failure.retryable) throw unreachable(error);
  }
  try {
    return await attempt();
  } catch (error) {
    throw platformFailure(error) === null ? error : unreachable(error);
  }
}

/** What the platform says of a failed call; `null` for an exception out of the object's own code, which is a defect of ours. */
function platformFailure(error: unknown): { readonly retryable: boolean } | null {
  if (!(error instanceof Error)) return null;
  const marks = error as Error & {
    readonly remote?: boolean;
    readonly retryable?: boolean;
    readonly overloaded?: boolean;
  };
  if (marks.overloaded === true) return { retryable: false };
  if (marks.retryable === true) return { retryable: true };
  return null;
}

function unreachable(cause: unknown): ParallaxError {
  return new ParallaxError('unavailable', 'API keys cannot be checked at the moment. Please try again.', {
    retryAfterMs: 1_000,
    cause,
  });
}
