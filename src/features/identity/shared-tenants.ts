import { and, eq } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import { platformDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { type IdentityContext, originOf } from './issue-key.ts';
import { personalTenantId } from './membership.ts';
import { members, tenants } from './schema.ts';

/** A tenant as one of its members sees it. */
export interface OwnTenant {
  readonly id: string;
  readonly name: string;
  readonly role: Principal['role'];
  readonly personal: boolean;
  readonly createdAt: number;
}

/** Most tenants that one person may own: each can begin with credit of its own. */
export const MAX_OWNED = 50;

/** All the tenants of a person, who joined first before the others. */
export async function ownTenants(context: IdentityContext, userId: string): Promise<OwnTenant[]> {
  const rows = await platformDb(context.env.DB)
    .select({ id: tenants.id, name: tenants.name, role: members.role, createdAt: tenants.createdAt })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(eq(members.userId, userId))
    .orderBy(members.createdAt, members.tenantId)
    .limit(500);
  return rows.map((row) => ({ ...row, personal: row.id === personalTenantId(userId) }));
}

/** One of them. Throws `ParallaxError` `not_found`, the same for another's and for none. */
export async function ownTenant(context: IdentityContext, userId: string, id: string): Promise<OwnTenant> {
  const [row] = await platformDb(context.env.DB)
    .select({ id: tenants.id, name: tenants.name, role: members.role, createdAt: tenants.createdAt })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(and(eq(members.userId, userId), eq(members.tenantId, id)))
    .limit(1);
  if (row === undefined) throw noSuchTenant();
  return { ...row, personal: row.id === personalTenantId(userId) };
}

/** The principal's own tenant, when that is the one that is meant. Throws `not_found` for any other: a credential acts within its tenant. */
export function requireOwnTenant(principal: Principal, id: string): void {
  if (principal.tenantId !== id) throw noSuchTenant();
}

/**
 * Makes a tenant that the person owns. A retry with the same `Idempotency-Key` within 24 hours is answered with the same tenant. Throws
 * `ParallaxError` `conflict` beyond `MAX_OWNED`.
 */
export async function createSharedTenant(
  context: IdentityContext,
  userId: string,
  name: string,
  idempotencyKey: string | undefined,
): Promise<OwnTenant> {
  const { id } = await originOf(context, {
    kind: 'tenant',
    tenantId: personalTenantId(userId),
    route: 'POST /v1/tenants',
    request: { name },
    idempotencyKey,
  });
  const own = await ownTenants(context, userId);
  if (
    !own.some((tenant) => tenant.id === id) &&
    own.filter(({ role }) => role === 'owner').length >= MAX_OWNED
  ) {
    throw new ParallaxError(
      'conflict',
      `You own ${MAX_OWNED} tenants, the most there can be. Delete one first.`,
    );
  }
  const db = platformDb(context.env.DB);
  const now = context.clock.now();
  await db.batch([
    db.insert(tenants).values({ id, name, createdAt: now, updatedAt: now }).onConflictDoNothing(),
    db.insert(members).values({ tenantId: id, userId, role: 'owner', createdAt: now }).onConflictDoNothing(),
  ]);
  return ownTenant(context, userId, id);
}

/** Gives a tenant another name. */
export async function renameTenant(
  context: IdentityContext,
  { tenantId, userId }: Principal,
  name: string,
): Promise<OwnTenant> {
  await platformDb(context.env.DB)
    .update(tenants)
    .set({ name, updatedAt: context.clock.now() })
    .where(eq(tenants.id, tenantId));
  return ownTenant(context, userId, tenantId);
}

function noSuchTenant(): ParallaxError {
  return new ParallaxError('not_found', 'You belong to no such tenant.');
}
