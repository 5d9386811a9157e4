import { eq } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { members, type Role } from './schema.ts';

/** The principal's role in its tenant; undefined when it is no member (any more). */
export async function roleOf(d1: D1Database, principal: Principal): Promise<Role | undefined> {
  const member = await tenantDb(d1, principal).first(members, eq(members.userId, principal.userId));
  return member?.role;
}

/** Throws `ParallaxError` `insufficient_scope` for viewers and for whoever is no member: they read what others set. `what` is what they may not do. */
export async function requireWriter(d1: D1Database, principal: Principal, what: string): Promise<void> {
  const role = await roleOf(d1, principal);
  if (role !== undefined && role !== 'viewer') return;
  throw new ParallaxError('insufficient_scope', `Viewers cannot ${what}. Ask an owner or an admin.`);
}
