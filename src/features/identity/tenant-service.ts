import { asc, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { createTenantRequestSchema } from '../../contracts/identity.ts';
import { DEFAULT_KEY_SCOPES } from '../../contracts/principal.ts';
import { platformDb, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { ID_RANDOM_BYTES, siblingId } from './id-bytes.ts';
import { type IdentityContext, type IssuedKey, issueKey, NO_LIMITS, originOf } from './issue-key.ts';
import { members, tenants, users } from './schema.ts';
import { callLimiter } from './user-limiter.ts';

export type CreateTenantRequest = z.output<typeof createTenantRequestSchema>;

export interface CreatedTenant {
  readonly id: string;
  readonly name: string;
  readonly owner: { readonly id: string; readonly email: string };
  readonly key: IssuedKey;
}

/**
 * Makes a tenant, its owner and the owner's first key. The key comes first and the rows of tenant, owner and membership last, in one
 * transaction: that moment makes the tenant. Stopped before it, what is left is a key that nobody was given, in a tenant that does
 * not exist, and the e-mail address is free; stopped after it, everything is there.
 *
 * With an `Idempotency-Key`, the same request within 24 hours is answered with the same tenant and the same key. Throws
 * `ParallaxError` `conflict`, with the `tenant_id` in its details, when the address belongs to a user already.
 */
export async function createTenant(
  context: IdentityContext,
  request: CreateTenantRequest,
  idempotencyKey: string | undefined,
): Promise<CreatedTenant> {
  const email = request.email.toLowerCase();
  const { name, key_name: keyName } = request;
  const { id, material } = await originOf(context, {
    kind: 'tenant',
    tenantId: 'operator',
    route: 'POST /v1/operator/tenants',
    request: { name, email, keyName },
    idempotencyKey,
  });
  const userId = siblingId('user', id, await material.bytes('user', ID_RANDOM_BYTES));
  const keyId = siblingId('apiKey', id, await material.bytes('key', ID_RANDOM_BYTES));

  const holder = await userIdByEmail(context, email);
  if (holder !== undefined && holder !== userId) throw await emailTaken(context, holder);
  const order = {
    tenantId: id,
    userId,
    name: keyName,
    kind: 'secret',
    scopes: DEFAULT_KEY_SCOPES,
    cacheMaxAgeS: null,
    expiresAt: null,
    limits: NO_LIMITS,
  } as const;
  const key = await issueKey(context, order, keyId, material);
  if (holder === undefined) await writeTenant(context, { id, name, userId, email, keyId });
  return { id, name, owner: { id: userId, email }, key };
}

interface NewTenant {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly email: string;
  readonly keyId: string;
}

async function writeTenant(
  context: IdentityContext,
  { id, name, userId, email, keyId }: NewTenant,
): Promise<void> {
  const db = platformDb(context.env.DB);
  const now = context.clock.now();
  const times = { createdAt: now, updatedAt: now };
  try {
    await db.batch([
      db.insert(tenants).values({ id, name, ...times }),
      db.insert(users).values({ id: userId, name: email.slice(0, email.lastIndexOf('@')), email, ...times }),
      db.insert(members).values({ tenantId: id, userId, role: 'owner', createdAt: now }),
    ]);
  } catch (error) {
    // Either the batch was written and only its answer was lost (or a twin of this request wrote it), or another request
    // took the address after we had looked, or nothing was written.
    const holder = await userIdByEmail(context, email);
    if (holder === userId) return;
    if (holder === undefined) throw error;
    await callLimiter(context.env, userId, (limiter) => limiter.revokeKey(keyId));
    throw await emailTaken(context, holder);
  }
}

/** The first owner of a tenant. Throws `ParallaxError` `not_found` without such a tenant. */
export async function requireOwner(d1: D1Database, tenantId: string): Promise<string> {
  const [owner] = await tenantDb(d1, { tenantId }).select(members, {
    where: eq(members.role, 'owner'),
    orderBy: [asc(members.createdAt), asc(members.userId)],
    limit: 1,
  });
  if (owner === undefined) throw new ParallaxError('not_found', 'There is no such tenant.');
  return owner.userId;
}

async function userIdByEmail(context: IdentityContext, email: string): Promise<string | undefined> {
  const db = platformDb(context.env.DB);
  const [user] = await db.select({ id: users.id }).from(users).where(eq(users.email, email)).limit(1);
  return user?.id;
}

async function emailTaken(context: IdentityContext, userId: string): Promise<ParallaxError> {
  const db = platformDb(context.env.DB);
  const [member] = await db
    .select({ tenantId: members.tenantId })
    .from(members)
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt))
    .limit(1);
  if (member === undefined)
    return new ParallaxError('conflict', 'This e-mail address belongs to a user already.');
  return new ParallaxError(
    'conflict',
    `This e-mail address belongs to a user of ${member.tenantId} already. Make a key for that tenant, or use another address.`,
    { details: { tenant_id: member.tenantId } },
  );
}
