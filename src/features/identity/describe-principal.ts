import { eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { meSchema } from '../../contracts/identity.ts';
import type { Principal } from '../../contracts/principal.ts';
import { platformDb, tenantDb } from '../../platform/db.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { nano, toUsd } from '../../platform/money.ts';
import type { IdentityContext } from './issue-key.ts';
import { membershipOf, tenantsOf } from './membership.ts';
import { apiKeys, users } from './schema.ts';
import { callLimiter } from './user-limiter.ts';

type Me = z.infer<typeof meSchema>;

/**
 * Everything that a credential may know of itself: a browser's session sees all tenants of its person, a key or an app the one that it acts for. Throws
 * `ParallaxError` `not_found` when the tenant or the user does not exist any more.
 */
export async function describePrincipal(context: IdentityContext, principal: Principal): Promise<Me> {
  const { env, config } = context;
  const [membership, tenants, [user], key] = await Promise.all([
    membershipOf(env.DB, principal.userId, principal.tenantId),
    principal.via === 'session' ? tenantsOf(env.DB, principal.userId) : [],
    platformDb(env.DB).select({ email: users.email }).from(users).where(eq(users.id, principal.userId)),
    keyLimits(context, principal),
  ]);
  if (membership === null || user === undefined) {
    throw new ParallaxError(
      'not_found',
      'The tenant or the user of this credential does not exist any more.',
    );
  }
  return {
    object: 'principal',
    tenant: { id: membership.id, name: membership.name },
    user: { id: principal.userId, email: user.email },
    role: principal.role,
    via: principal.via,
    key_id: principal.keyId ?? null,
    client_id: principal.clientId ?? null,
    scopes: [...principal.scopes],
    tenants: principal.via === 'session' ? tenants : [membership],
    limits: {
      requests_per_minute: config.requestsPerMinute,
      concurrent_requests: config.concurrentRequests,
      key,
    },
  };
}

/** The limits of the key that was shown; null without one, or one that the index does not know yet. */
async function keyLimits(context: IdentityContext, principal: Principal): Promise<Me['limits']['key']> {
  const { keyId } = principal;
  if (keyId === undefined) return null;
  const row = await tenantDb(context.env.DB, principal).first(apiKeys, eq(apiKeys.id, keyId));
  if (row === undefined) return null;
  const spent =
    row.monthlyLimitNano === null
      ? 0
      : unwrap(await callLimiter(context.env, principal.userId, (limiter) => limiter.spendOf(keyId))).spent;
  return {
    requests_per_minute: row.rateLimit,
    monthly_limit_usd: row.monthlyLimitNano === null ? null : toUsd(nano(row.monthlyLimitNano)),
    spent_usd: toUsd(nano(spent)),
  };
}
