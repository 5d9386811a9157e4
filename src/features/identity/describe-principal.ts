import { and, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { meSchema } from '../../contracts/identity.ts';
import type { Principal } from '../../contracts/principal.ts';
import { platformDb } from '../../platform/db.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { nano, toUsd } from '../../platform/money.ts';
import type { IdentityContext } from './issue-key.ts';
import { tenantsOf } from './membership.ts';
import { apiKeys, members, tenants, users } from './schema.ts';
import { callLimiter } from './user-limiter.ts';

type Me = z.infer<typeof meSchema>;

/**
 * Everything that a credential may know of itself: a browser's session sees all tenants of its person, a key or an app the one that it acts for. Throws
 * `ParallaxError` `not_found` when the tenant or the user does not exist any more.
 */
export async function describePrincipal(context: IdentityContext, principal: Principal): Promise<Me> {
  const { env } = context;
  const [found, rules, all] = await Promise.all([
    lookUp(env.DB, principal),
    callLimiter(env, principal.userId, (limiter) => limiter.rulesIn(principal.tenantId)),
    principal.via === 'session' ? tenantsOf(env.DB, principal.userId) : undefined,
  ]);
  if (found === undefined) {
    throw new ParallaxError(
      'not_found',
      'The tenant or the user of this credential does not exist any more.',
    );
  }
  const { tenant, role, email, key } = found;
  return {
    object: 'principal',
    tenant,
    user: { id: principal.userId, email },
    role: principal.role,
    via: principal.via,
    key_id: principal.keyId ?? null,
    client_id: principal.clientId ?? null,
    scopes: [...principal.scopes],
    tenants: all ?? [{ ...tenant, role }],
    limits: {
      requests_per_minute: Math.floor(rules.operations.models.perMinute),
      tokens_per_minute: Math.floor(rules.tokens.perMinute),
      perspectives_per_hour: Math.floor(rules.operations.perspectives.perMinute * 60 + 1e-6),
      concurrent_requests: rules.slots,
      key: key === null ? null : await keyLimits(context, principal.userId, key),
    },
  };
}

/** The names behind a principal's ids, and the limits of its key where the index knows it: one query. */
async function lookUp(d1: D1Database, { tenantId, userId, keyId }: Principal) {
  const [found] = await platformDb(d1)
    .select({
      tenant: { id: tenants.id, name: tenants.name },
      role: members.role,
      email: users.email,
      key: {
        id: apiKeys.id,
        rateLimit: apiKeys.rateLimit,
        monthlyLimitNano: apiKeys.monthlyLimitNano,
      },
    })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(apiKeys, and(eq(apiKeys.tenantId, members.tenantId), eq(apiKeys.id, keyId ?? '')))
    .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId)))
    .limit(1);
  return found;
}

/** What a key may use up, and has spent this month. The limiter is asked where there is a limit. */
async function keyLimits(
  context: IdentityContext,
  userId: string,
  {
    id,
    rateLimit,
    monthlyLimitNano,
  }: { id: string; rateLimit: number | null; monthlyLimitNano: number | null },
): Promise<Me['limits']['key']> {
  const spent =
    monthlyLimitNano === null
      ? 0
      : unwrap(await callLimiter(context.env, userId, (limiter) => limiter.spendOf(id))).spent;
  return {
    requests_per_minute: rateLimit,
    monthly_limit_usd: monthlyLimitNano === null ? null : toUsd(nano(monthlyLimitNano)),
    spent_usd: toUsd(nano(spent)),
  };
}
