import { and, asc, eq, inArray } from 'drizzle-orm';
import type { Role } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { platformDb } from '../../platform/db.ts';
import { ID_PREFIXES } from '../../platform/ids.ts';
import { members, tenants, users } from './schema.ts';

/** A tenant that a person belongs to, with their role in it. */
export interface Membership {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Most tenants of one person that are shown. */
const MOST = 100;

/** A person's role in a tenant, with its name; null when they do not belong to it. Reads the database. */
export async function membershipOf(
  d1: D1Database,
  userId: string,
  tenantId: string,
): Promise<Membership | null> {
  const [row] = await platformDb(d1)
    .select({ id: tenants.id, name: tenants.name, role: members.role })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(and(eq(members.userId, userId), eq(members.tenantId, tenantId)))
    .limit(1);
  return row ?? null;
}

/** Since when somebody has been a member, in milliseconds; null when they are none. Reads the database. */
export async function memberSince(
  env: Pick<Env, 'DB'>,
  userId: string,
  tenantId: string,
): Promise<number | null> {
  const [row] = await platformDb(env.DB)
    .select({ since: members.createdAt })
    .from(members)
    .where(and(eq(members.userId, userId), eq(members.tenantId, tenantId)))
    .limit(1);
  return row?.since ?? null;
}

/** Whom to write to about a tenant: its owners and admins, with the name it has. */
export function managersOf(
  d1: D1Database,
  tenantId: string,
): Promise<
  { readonly userId: string; readonly email: string; readonly name: string; readonly tenantName: string }[]
> {
  return platformDb(d1)
    .select({ userId: users.id, email: users.email, name: users.name, tenantName: tenants.name })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(and(eq(members.tenantId, tenantId), inArray(members.role, ['owner', 'admin'])))
    .limit(MOST);
}

/** The tenants that a person belongs to, the one they joined first before the others. */
export async function tenantsOf(d1: D1Database, userId: string): Promise<Membership[]> {
  return platformDb(d1)
    .select({ id: tenants.id, name: tenants.name, role: members.role })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt), asc(members.tenantId))
    .limit(MOST);
}

/** The id of a person's own tenant: it follows from theirs, so that there is one however often it is made. */
export function personalTenantId(userId: string): string {
  return `${ID_PREFIXES.tenant}_${userId.slice(ID_PREFIXES.user.length + 1)}`;
}

/**
 * Makes somebody a tenant of their own, which they own. May be repeated, also at the same moment: it is made once. Tenant and membership come
 * into being together.
 */
export async function createPersonalTenant(
  d1: D1Database,
  clock: Clock,
  user: { readonly id: string; readonly name: string },
): Promise<Membership> {
  const now = clock.now();
  const id = personalTenantId(user.id);
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
