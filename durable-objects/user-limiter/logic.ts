import { type KeyLease, type KeyRecord, type NewKey, refused } from '../../src/features/identity/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';

/** How long an isolate may answer for a key without asking again: the longest that a revoked key goes on working. */
export const KEY_LEASE_MS = 5_000;

/** Most keys of one user that are neither revoked nor expired. Each is a row here; nobody needs more by hand. */
export const MAX_LIVE_KEYS = 500;

/** How long after a failed attempt the index in D1 is written again. */
export const INDEX_RETRY_MS = 30_000;

/** Lends a key, or throws why not: `ParallaxError` `unauthenticated`, with the reason in its details. */
export function lendKey(key: KeyRecord | undefined, now: number): KeyLease {
  if (key === undefined) throw refused({ reason: 'unknown' });
  if (key.revokedAt !== null) throw refused({ reason: 'revoked', at: key.revokedAt });
  if (key.expiresAt !== null && key.expiresAt <= now) throw refused({ reason: 'expired', at: key.expiresAt });
  return {
    keyId: key.id,
    tenantId: key.tenantId,
    userId: key.userId,
    kind: key.kind,
    scopes: key.scopes,
    expiresAt: key.expiresAt,
    leaseMs: KEY_LEASE_MS,
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
