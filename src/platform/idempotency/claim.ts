import { and, eq, gte, lt } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import { canonicalJson } from '../canonical-json.ts';
import { sha256Hex } from '../crypto.ts';
import { platformDb, tenantDb } from '../db.ts';
import { ParallaxError } from '../errors.ts';
import { idempotencyKeys } from './schema.ts';

/** How long a key is remembered. The draft (draft-ietf-httpapi-idempotency-key-header-07, section 2.6) asks that it be published: docs/errors.md. */
export const IDEMPOTENCY_KEY_AGE_MS = 24 * 60 * 60 * 1000;

const MAX_KEY_LENGTH = 255;

export interface Claim {
  readonly route: string;
  /** The header's value, bare or as a Structured Field string. */
  readonly key: string;
  /** What the request asks, canonically; another body under the same key is refused. */
  readonly request: unknown;
  /** The id that the new resource gets, if this request is the first. */
  readonly resourceId: string;
  readonly now: number;
}

/**
 * Binds an idempotency key to a resource id, once: the first caller's id stands, later callers with the same request get that id, so that
 * creating the resource (itself idempotent by id) can be repeated at will. Throws `ParallaxError` `malformed_request` for an unusable
 * key and `idempotency_mismatch` when the key was used for something else.
 */
export async function claimIdempotencyKey(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
  claim: Claim,
): Promise<{ readonly resourceId: string; readonly replayed: boolean }> {
  const { route, resourceId, now } = claim;
  const { keyHash, requestDigest, same } = await identify(claim);
  const db = tenantDb(d1, principal);
  await db.delete(idempotencyKeys, and(same, lt(idempotencyKeys.createdAt, now - IDEMPOTENCY_KEY_AGE_MS)));
  await db.insert(idempotencyKeys, [{ route, keyHash, requestDigest, resourceId, createdAt: now }]);
  const row = await db.first(idempotencyKeys, same);
  if (row === undefined) throw new Error('an idempotency key vanished while it was being claimed');
  refuseOther(row.requestDigest, requestDigest);
  return { resourceId: row.resourceId, replayed: row.resourceId !== resourceId };
}

/**
 * The resource that a key was bound to, or null. For looking before anything else is decided: what was granted to the first request is
 * not refused to its repetition because the world has changed since. Throws like `claimIdempotencyKey`.
 */
export async function findIdempotencyKey(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
  claim: Omit<Claim, 'resourceId'>,
): Promise<string | null> {
  const { requestDigest, same } = await identify(claim);
  const alive = gte(idempotencyKeys.createdAt, claim.now - IDEMPOTENCY_KEY_AGE_MS);
  const row = await tenantDb(d1, principal).first(idempotencyKeys, and(same, alive));
  if (row === undefined) return null;
  refuseOther(row.requestDigest, requestDigest);
  return row.resourceId;
}

/** Frees a key whose request came to nothing, so that its repetition starts anew. */
export async function releaseIdempotencyKey(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
  claim: Omit<Claim, 'resourceId'>,
): Promise<void> {
  const { same } = await identify(claim);
  await tenantDb(d1, principal).delete(idempotencyKeys, same);
}

async function identify(claim: Pick<Claim, 'route' | 'key' | 'request'>) {
  const [keyHash, requestDigest] = await Promise.all([
    sha256Hex(readIdempotencyKey(claim.key)),
    sha256Hex(canonicalJson(claim.request)),
  ]);
  const same = and(eq(idempotencyKeys.route, claim.route), eq(idempotencyKeys.keyHash, keyHash));
  return { keyHash, requestDigest, same };
}

function refuseOther(bound: string, asked: string): void {
  if (bound === asked) return;
  throw new ParallaxError(
    'idempotency_mismatch',
    'This Idempotency-Key was used for a request with another body. Use a new key for a new request.',
  );
}

/** Forgets keys past their age; called by cron. */
export async function forgetOldIdempotencyKeys(d1: D1Database, now: number): Promise<void> {
  await platformDb(d1)
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, now - IDEMPOTENCY_KEY_AGE_MS));
}

/**
 * The key that a header's value stands for: bare, or a Structured Field string (RFC 9651, section 3.3.3); both are the same key. Throws
 * `ParallaxError` `malformed_request` for none, or one that is too long.
 */
export function readIdempotencyKey(value: string): string {
  const text = value.trim();
  const key = /^"(?:[^"\\]|\\.)*"$/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
  if (key !== '' && key.length <= MAX_KEY_LENGTH) return key;
  throw new ParallaxError(
    'malformed_request',
    `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters.`,
  );
}
