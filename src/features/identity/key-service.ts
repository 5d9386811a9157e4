import { and, desc, eq, type InferSelectModel, lt } from 'drizzle-orm';
import type { z } from 'zod';
import type { createApiKeyRequestSchema } from '../../contracts/identity.ts';
import { DEFAULT_KEY_SCOPES, type Principal, type Role } from '../../contracts/principal.ts';
import { iso } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { isId } from '../../platform/ids.ts';
import { fromUsd } from '../../platform/money.ts';
import { forgetKey } from './authenticate.ts';
import {
  expiryOf,
  type IdentityContext,
  type IssuedKey,
  issueKey,
  type KeyLimits,
  newKeyOf,
  originOf,
} from './issue-key.ts';
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
  const own = await ownKey(context, principal);
  requireUnlimited(own, 'make keys');
  const limit = own?.expiresAt ?? null;
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
    limits: limitsOf(request),
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
    limits: limitsOf(request),
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
 * Ends a key. It may go on working for the five seconds of the leases that are out; with `everywhere`, this resolves when those have ended, so that from
 * then on no isolate lets a request in with it. Ending it again changes nothing. Throws `ParallaxError` `not_found` for a key that the
 * principal does not see, another tenant's included, and `insufficient_scope` for one with scopes that the credential lacks: a key that
 * leaked must not be able to end those that matter more.
 */
export async function revokeKey(
  context: IdentityContext,
  principal: Principal,
  id: string,
  everywhere = false,
): Promise<KeyRecord> {
  const key = await seenKey(context, principal, id, 'revoke');
  const ended = await endKey(context, key);
  if (everywhere) await leasesEnd(context, key);
  return ended;
}

/** Gives a key another name. Throws as `revokeKey`. */
export async function renameKey(
  context: IdentityContext,
  principal: Principal,
  id: string,
  name: string,
): Promise<KeyRecord> {
  const key = await seenKey(context, principal, id, 'rename');
  return unwrap(await callLimiter(context.env, key.userId, (limiter) => limiter.renameKey(id, name)));
}

/**
 * Makes a key that takes another one's place: same name, scopes and limits, which both draw on together. The old one goes on working for `overlapS`
 * seconds. Only for one's own keys: the new text would act for whoever owns them. Throws as `revokeKey`, and `forbidden`, `conflict`,
 * `insufficient_scope` when the new key would outgrow the credential.
 */
export async function rotateKey(
  context: IdentityContext,
  principal: Principal,
  id: string,
  overlapS: number,
  idempotencyKey: string | undefined,
): Promise<IssuedKey> {
  const row = await seenKey(context, principal, id, 'rotate');
  const { tenantId, userId, kind } = row;
  if (userId !== principal.userId) {
    throw new ParallaxError(
      'forbidden',
      'Only whoever a key belongs to can rotate it: the new one acts for them.',
    );
  }
  const own = await ownKey(context, principal);
  if (own !== undefined && own.id !== id) {
    requireUnlimited(own, 'rotate other keys');
    if (own.expiresAt !== null && (row.expiresAt === null || row.expiresAt > own.expiresAt))
      throw new ParallaxError(
        'insufficient_scope',
        'This key lasts longer than the credential that would rotate it.',
      );
  }
  const origin = await originOf(context, {
    kind: 'apiKey',
    tenantId,
    route: `POST /v1/api-keys/${id}/rotate ${userId}`,
    request: { overlapS },
    idempotencyKey,
  });
  const { familyId } = unwrap(await callLimiter(context.env, userId, (limiter) => limiter.readKey(id)));
  const order = {
    tenantId,
    userId,
    kind,
    name: row.name,
    scopes: row.scopes,
    cacheMaxAgeS: row.cacheMaxAgeS,
    // Of a repeated rotation the old key's end is the overlap's; what the new one got stands.
    expiresAt: row.replacedBy === null ? row.expiresAt : null,
    limits: {
      rateLimit: row.rateLimit,
      monthlyLimitNano: row.monthlyLimitNano,
      allowedOrigins: row.allowedOrigins,
    },
  };
  const { key, text } = await newKeyOf(context, order, origin.id, origin.material, familyId);
  const endsAt = context.clock.now() + overlapS * 1_000;
  const { old, made } = unwrap(
    await callLimiter(context.env, userId, (limiter) => limiter.rotateKey(id, key, endsAt)),
  );
  forgetKey(old.hash);
  return { record: made, text };
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

/** Waits until no lease of a key is out any more, five seconds at most. */
async function leasesEnd(
  context: IdentityContext,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<void> {
  const ms = await callLimiter(context.env, userId, (limiter) => limiter.leasesEndIn(id));
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

/** A key that the principal sees and whose scopes it has. Throws as `revokeKey` says; `what` it would do with it. */
async function seenKey(
  context: IdentityContext,
  principal: Principal,
  id: string,
  what: string,
): Promise<InferSelectModel<typeof apiKeys>> {
  const key = await tenantDb(context.env.DB, principal).first(apiKeys, eq(apiKeys.id, id));
  if (key === undefined || (key.userId !== principal.userId && !managesTenant(principal.role)))
    throw noSuchKey();
  if (!coversScopes(principal.scopes, key.scopes)) {
    throw new ParallaxError(
      'insufficient_scope',
      `This key has scopes that the credential lacks, which therefore cannot ${what} it.`,
    );
  }
  return key;
}

/** A key with a limit of its own must not get past it by another key. Throws `ParallaxError` `insufficient_scope`. */
function requireUnlimited(own: InferSelectModel<typeof apiKeys> | undefined, what: string): void {
  if (own === undefined || (own.rateLimit === null && own.monthlyLimitNano === null)) return;
  throw new ParallaxError('insufficient_scope', `A key that has limits of its own cannot ${what}.`);
}

/** What a request says of limits. Throws `ParallaxError` `invalid_parameter` where the kind of key and its origins do not go together. */
function limitsOf({ kind, rate_limit, monthly_limit_usd, allowed_origins }: CreateKeyRequest): KeyLimits {
  if (kind === 'publishable' && allowed_origins === undefined) {
    throw new ParallaxError(
      'invalid_parameter',
      '`allowed_origins`: a publishable key names the pages that it works on.',
      { param: 'allowed_origins' },
    );
  }
  if (kind === 'secret' && allowed_origins !== undefined) {
    throw new ParallaxError('invalid_parameter', '`allowed_origins`: only a publishable key has origins.', {
      param: 'allowed_origins',
    });
  }
  return {
    rateLimit: rate_limit ?? null,
    monthlyLimitNano: monthly_limit_usd === undefined ? null : fromUsd(monthly_limit_usd),
    allowedOrigins: [...new Set(allowed_origins ?? [])],
  };
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
 * The key that was shown; undefined when the principal came without one. Throws `ParallaxError` `unavailable` while the index lacks it: a key that ends must
 * not be able to make one that does not.
 */
async function ownKey(
  context: IdentityContext,
  principal: Principal,
): Promise<InferSelectModel<typeof apiKeys> | undefined> {
  if (principal.keyId === undefined) return undefined;
  const key = await tenantDb(context.env.DB, principal).first(apiKeys, eq(apiKeys.id, principal.keyId));
  if (key !== undefined) return key;
  throw new ParallaxError(
    'unavailable',
    'The key that makes this one is not in the list of keys yet. Please try again in half a minute.',
    { retryAfterMs: INDEX_LAG_MS },
  );
}

function noSuchKey(): ParallaxError {
  return new ParallaxError('not_found', 'There is no such API key.');
}
