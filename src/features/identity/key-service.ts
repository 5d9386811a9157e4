import { and, desc, eq, type InferSelectModel, lt } from 'drizzle-orm';
import type { z } from 'zod';
import type { createApiKeyRequestSchema } from '../../contracts/identity.ts';
import { DEFAULT_KEY_SCOPES, type Principal, type Role } from '../../contracts/principal.ts';
import { iso } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { isId } from '../../platform/ids.ts';
import { forgetKey } from './authenticate.ts';
import { expiryOf, type IdentityContext, type IssuedKey, issueKey, originOf } from './issue-key.ts';
import { coversScopes, scopesForKey } from './key-scopes.ts';
import { apiKeys } from './schema.ts';
import { requireOwner } from './tenant-service.ts';
import { callLimiter, type KeyRecord } from './user-limiter.ts';

/** The limiter writes the index again after this long (`INDEX_RETRY_MS` there), in milliseconds. */
const INDEX_LAG_MS = 30_000;

export type CreateKeyRequest = z.output<typeof createApiKeyRequestSchema>;

/** A key as it is listed: the index's row, or the limiter's record. */
export type ListedKey = Pick<
  KeyRecord,
  Exclude<keyof KeyRecord & keyof InferSelectModel<typeof apiKeys>, never>
>;

export interface KeyPage {
  readonly keys: readonly ListedKey[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Makes a key for the principal. It carries no scope and lasts no longer than the credential that asked for it, so that a credential that
 * leaked cannot outgrow itself. Throws `ParallaxError` `insufficient_scope`, `invalid_parameter`, `conflict`,
 * `idempotency_mismatch`, `unavailable`.
 */
export async function createKey(
  context: IdentityContext,
  principal: Principal,
  request: CreateKeyRequest,
  idempotencyKey: string | undefined,
): Promise<IssuedKey> {
  const limit = await ownExpiry(context, principal);
  const asked = expiryOf(request.expires_at, context.clock.now());
  if (limit !== null && asked !== null && asked > limit) {
    const until = `\`expires_at\`: the credential that makes this key ends on ${iso(limit)}; the key cannot last longer.`;
    throw new ParallaxError('invalid_parameter', until, { param: 'expires_at' });
  }
  const { tenantId, userId } = principal;
  const scopes = scopesForKey(request.kind, request.scopes, principal.scopes);
  const order = {
    tenantId,
    userId,
    name: request.name,
    kind: request.kind,
    scopes,
    cacheMaxAgeS: request.cache_max_age_seconds ?? null,
    expiresAt: asked ?? limit,
  };
  const { id, material } = await originOf(context, {
    kind: 'apiKey',
    tenantId,
    // Two members of a tenant may choose the same Idempotency-Key; neither must get the other's key by it.
    route: `POST /v1/api-keys ${userId}`,
    request: order,
    idempotencyKey,
  });
  return issueKey(context, order, id, material);
}

/** Makes a key for a tenant's owner, for the operator. Throws `ParallaxError` `not_found` without such a tenant; else as `createKey`. */
export async function createTenantKey(
  context: IdentityContext,
  tenantId: string,
  request: CreateKeyRequest,
  idempotencyKey: string | undefined,
): Promise<IssuedKey> {
  const userId = await requireOwner(context.env.DB, tenantId);
  const order = {
    tenantId,
    userId,
    name: request.name,
    kind: request.kind,
    scopes: scopesForKey(request.kind, request.scopes, DEFAULT_KEY_SCOPES),
    cacheMaxAgeS: request.cache_max_age_seconds ?? null,
    expiresAt: expiryOf(request.expires_at, context.clock.now()),
  };
  const { id, material } = await originOf(context, {
    kind: 'apiKey',
    tenantId,
    route: 'POST /v1/operator/tenants/{id}/api-keys',
    request: order,
    idempotencyKey,
  });
  return issueKey(context, order, id, material);
}

/** Keys, newest first, revoked ones too: an owner or admin sees the tenant's, everybody else their own. */
export async function listKeys(
  context: IdentityContext,
  principal: Principal,
  page: PageRequest,
): Promise<KeyPage> {
  const own = managesTenant(principal.role) ? undefined : principal.userId;
  return pageOfKeys(context, principal.tenantId, own, page);
}

/** A tenant's keys, for the operator. Throws `ParallaxError` `not_found` without such a tenant. */
export async function listTenantKeys(
  context: IdentityContext,
  tenantId: string,
  page: PageRequest,
): Promise<KeyPage> {
  await requireOwner(context.env.DB, tenantId);
  return pageOfKeys(context, tenantId, undefined, page);
}

/**
 * Ends a key. It may go on working for the five seconds of the leases that are out. Ending it again changes nothing. Throws `ParallaxError` `not_found`
 * for a key that the principal does not see, another tenant's included, and `insufficient_scope` for one with scopes that the
 * credential lacks: a key that leaked must not be able to end those that matter more.
 */
export async function revokeKey(
  context: IdentityContext,
  principal: Principal,
  id: string,
): Promise<KeyRecord> {
  const key = await tenantDb(context.env.DB, principal).first(apiKeys, eq(apiKeys.id, id));
  const sees = key !== undefined && (key.userId === principal.userId || managesTenant(principal.role));
  if (!sees) throw noSuchKey();
  if (!coversScopes(principal.scopes, key.scopes)) {
    throw new ParallaxError(
      'insufficient_scope',
      'This key has scopes that the credential lacks, which therefore cannot revoke it.',
    );
  }
  return endKey(context, key);
}

/** Ends a tenant's key, for the operator. Throws `ParallaxError` `not_found`. */
export async function revokeTenantKey(
  context: IdentityContext,
  tenantId: string,
  id: string,
): Promise<KeyRecord> {
  const key = await tenantDb(context.env.DB, { tenantId }).first(apiKeys, eq(apiKeys.id, id));
  if (key === undefined) throw noSuchKey();
  return endKey(context, key);
}

async function endKey(
  context: IdentityContext,
  key: { readonly id: string; readonly userId: string },
): Promise<KeyRecord> {
  const ended = unwrap(await callLimiter(context.env, key.userId, (limiter) => limiter.revokeKey(key.id)));
  forgetKey(ended.hash);
  return ended;
}

async function pageOfKeys(
  context: IdentityContext,
  tenantId: string,
  userId: string | undefined,
  { limit, cursor }: PageRequest,
): Promise<KeyPage> {
  if (cursor !== undefined && !isId('apiKey', cursor)) {
    throw new ParallaxError(
      'invalid_parameter',
      '`query.cursor`: must be a `next_cursor` of an earlier page.',
      {
        param: 'query.cursor',
      },
    );
  }
  const rows = await tenantDb(context.env.DB, { tenantId }).select(apiKeys, {
    where: and(
      userId === undefined ? undefined : eq(apiKeys.userId, userId),
      cursor === undefined ? undefined : lt(apiKeys.id, cursor),
    ),
    orderBy: desc(apiKeys.id),
    limit: limit + 1,
  });
  const keys = rows.slice(0, limit);
  return { keys, nextCursor: rows.length > limit ? (keys.at(-1)?.id ?? null) : null };
}

function managesTenant(role: Role): boolean {
  return role === 'owner' || role === 'admin';
}

/**
 * When the key that was shown ends; null when it does not, or the principal came without one. Throws `ParallaxError` `unavailable` while the index
 * lacks it: a key that ends must not be able to make one that does not.
 */
async function ownExpiry(context: IdentityContext, principal: Principal): Promise<number | null> {
  if (principal.keyId === undefined) return null;
  const key = await tenantDb(context.env.DB, principal).first(apiKeys, eq(apiKeys.id, principal.keyId));
  if (key !== undefined) return key.expiresAt;
  throw new ParallaxError(
    'unavailable',
    'The key that makes this one is not in the list of keys yet. Please try again in half a minute.',
    { retryAfterMs: INDEX_LAG_MS },
  );
}

function noSuchKey(): ParallaxError {
  return new ParallaxError('not_found', 'There is no such API key.');
}
