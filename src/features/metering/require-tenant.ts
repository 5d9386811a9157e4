import { eq } from 'drizzle-orm';
import { platformDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { tenants } from '../identity/index.ts';

/** Throws `not_found` for a tenant that does not exist: a ledger that nobody has must not be opened by a slip of the pen. */
export async function requireTenant(d1: D1Database, tenantId: string): Promise<void> {
  const rows = await platformDb(d1)
    .select({ id: tenants.id })
    .from(tenants)
    .where(eq(tenants.id, tenantId))
    .limit(1);
  if (rows.length === 0) throw new ParallaxError('not_found', 'There is no such tenant.');
}
