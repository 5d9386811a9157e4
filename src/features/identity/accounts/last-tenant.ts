import { and, desc, eq, isNotNull } from 'drizzle-orm';
import { platformDb } from '../../../platform/db.ts';
import { tenantsOf } from '../membership.ts';
import { sessions } from './schema.ts';

/**
 * The tenant that somebody's last session acted for, while they belong to it; else the first that they belong to; null without any. It is also the
 * tenant whose audit chain learns of what happens to the account while nobody is signed in to it: a lock, a reset, a new address.
 */
export async function lastTenantOf(d1: D1Database, userId: string): Promise<string | null> {
  const own = await tenantsOf(d1, userId);
  const [last] = await platformDb(d1)
    .select({ tenantId: sessions.tenantId })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNotNull(sessions.tenantId)))
    .orderBy(desc(sessions.createdAt))
    .limit(1);
  return (own.find(({ id }) => id === last?.tenantId) ?? own[0])?.id ?? null;
}
