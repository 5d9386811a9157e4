import { asc, eq } from 'drizzle-orm';
import type { TenantOfPerson } from '../../../contracts/accounts.ts';
import type { Clock } from '../../../platform/clock.ts';
import { platformDb } from '../../../platform/db.ts';
import { ID_PREFIXES } from '../../../platform/ids.ts';
import { members, tenants } from '../schema.ts';

/** Most tenants of one person that are shown. */
const MOST = 100;

/** The tenants that a person belongs to, the one they joined first before the others. */
export async function tenantsOf(d1: D1Database, userId: string): Promise<TenantOfPerson[]> {
  return platformDb(d1)
    .select({ id: tenants.id, name: tenants.name, role: members.role })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt), asc(members.tenantId))
    .limit(MOST);
}

/**
 * Makes somebody a tenant of their own, which they own. Its id follows from theirs, so that two sign-ins at the same moment make one. Tenant and
 * membership come into being together.
 */
export async function createPersonalTenant(
  d1: D1Database,
  clock: Clock,
  user: { readonly id: string; readonly name: string },
): Promise<TenantOfPerson> {
  const now = clock.now();
  const id = `${ID_PREFIXES.tenant}_${user.id.slice(ID_PREFIXES.user.length + 1)}`;
  const db = platformDb(d1);
  await db.batch([
    db.insert(tenants).values({ id, name: user.name, createdAt: now, updatedAt: now }).onConflictDoNothing(),
    db
      .insert(members)
      .values({ tenantId: id, userId: user.id, role: 'owner', createdAt: now })
      .onConflictDoNothing(),
  ]);
  return { id, name: user.name, role: 'owner' };
}
