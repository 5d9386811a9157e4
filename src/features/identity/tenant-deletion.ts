import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { platformBatch, platformDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { forgetSessionsOf } from './accounts/sessions.ts';
import { forgetMember } from './authenticate.ts';
import type { IdentityContext } from './issue-key.ts';
import { requireShared } from './member-rules.ts';
import { endMembership } from './member-service.ts';
import { personalTenantId } from './membership.ts';
import { changeRoles } from './role-change.ts';
import { invitations, members, tenantDeletions, tenants } from './schema.ts';
import { callLimiter, type IdentityEnv } from './user-limiter.ts';

/**
 * How long after its beginning a deletion sweeps once more before it is done, in milliseconds: longer than any call takes, and than a message lies in a
 * queue that works. What came in meanwhile goes with the last sweep.
 */
export const LAST_SWEEP_AFTER_MS = 60 * 60_000;

/** Rows deleted by one statement. */
const ROWS_AT_ONCE = 5_000;

/**
 * Tables with a column `tenant_id` whose rows are a person's, not the tenant's: there the column only points, and is emptied. All other tables with
 * that column belong to tenants, and their rows go.
 */
export const POINTING_TABLES: ReadonlySet<string> = new Set(['sessions']);

export type TenantDeletion = typeof tenantDeletions.$inferSelect;

/**
 * Begins to delete the principal's tenant: from here on it has no members, so that nobody's key, session or app opens anything of it after five
 * seconds. The rest is the work of `sweepTenant`, which goes on until nothing is left. Throws `ParallaxError` `conflict` for a person's own
 * space, `invalid_parameter` when the name is another, and `not_found` when somebody else deletes it or was given it meanwhile.
 */
export async function startDeletion(
  context: IdentityContext,
  { tenantId, userId }: Pick<Principal, 'tenantId' | 'userId'>,
  name: string,
): Promise<TenantDeletion> {
  requireShared(tenantId === personalTenantId(userId), 'This is your own space. It goes with your account.');
  const [tenant] = await platformDb(context.env.DB)
    .select({ name: tenants.name })
    .from(tenants)
    .where(eq(tenants.id, tenantId))
    .limit(1);
  if (tenant !== undefined && tenant.name !== name.trim()) {
    throw new ParallaxError('invalid_parameter', '`name`: is not the name of this tenant.', {
      param: 'name',
    });
  }
  return deleteTenant(context, tenantId, userId);
}

/** The same without its questions: for a tenant that goes with its owner's account. */
export async function deleteTenant(
  context: IdentityContext,
  tenantId: string,
  ownerId: string,
): Promise<TenantDeletion> {
  const db = platformDb(context.env.DB);
  const concerned = await memberIds(context.env.DB, tenantId);
  const changes = concerned.map((userId) => ({ userId, tenantId, ended: true }));
  await changeRoles(context.env, changes, async () => {
    const owned = sql`EXISTS (SELECT 1 FROM ${members} WHERE tenant_id = ${tenantId} AND user_id = ${ownerId} AND role = 'owner')`;
    const begun = sql`EXISTS (SELECT 1 FROM ${tenantDeletions} WHERE id = ${tenantId})`;
    await platformBatch(context.env.DB, [
      sql`INSERT INTO ${tenantDeletions} (id, requested_by, started_at, member_ids) SELECT ${tenantId}, ${ownerId}, ${context.clock.now()}, ids FROM (SELECT count(*) AS n, json_group_array(user_id) AS ids FROM ${members} WHERE tenant_id = ${tenantId} AND ${owned}) WHERE n > 0 ON CONFLICT DO NOTHING`,
      sql`DELETE FROM ${members} WHERE tenant_id = ${tenantId} AND ${begun}`,
      sql`DELETE FROM ${invitations} WHERE tenant_id = ${tenantId} AND ${begun}`,
    ]);
    return true;
  });
  const [deletion] = await db.select().from(tenantDeletions).where(eq(tenantDeletions.id, tenantId)).limit(1);
  if (deletion === undefined) throw new ParallaxError('not_found', 'You own no such tenant.');
  await endLateMembers(context, deletion, new Set(concerned));
  return deletion;
}

/** Deletions that are not done, the oldest first. */
export function openDeletions(d1: D1Database): Promise<TenantDeletion[]> {
  return platformDb(d1)
    .select()
    .from(tenantDeletions)
    .where(isNull(tenantDeletions.finishedAt))
    .orderBy(asc(tenantDeletions.startedAt))
    .limit(20);
}

/**
 * Sweeps a tenant that is being deleted: its members' limiters forget it, `eraseObjects` empties its Durable Objects, every row goes. May stop anywhere and
 * be repeated; what is done stays done. The deletion is finished by a sweep that begins an hour or more after the tenant was closed.
 */
export async function sweepTenant(
  env: IdentityEnv,
  clock: Clock,
  deletion: TenantDeletion,
  eraseObjects: (tenantId: string) => Promise<void>,
): Promise<void> {
  const { id, startedAt } = deletion;
  const last = clock.now() - startedAt >= LAST_SWEEP_AFTER_MS;
  for (const userId of deletion.memberIds)
    await callLimiter(env, userId, (limiter) => limiter.forgetTenant(id));
  await eraseObjects(id);
  for (const table of await tenantTables(env.DB)) {
    if (POINTING_TABLES.has(table)) await emptyPointers(env.DB, table, id);
    else await deleteRows(env.DB, table, id);
  }
  const db = platformDb(env.DB);
  await db.delete(tenants).where(eq(tenants.id, id));
  if (last) {
    await db
      .update(tenantDeletions)
      .set({ finishedAt: clock.now(), memberIds: [] })
      .where(eq(tenantDeletions.id, id));
  }
}

/** The names of all tables that say whose a row is, as the database has them: one that is new is among them. */
export async function tenantTables(d1: D1Database): Promise<string[]> {
  const rows = await platformDb(d1).all<{ name: string; sql: string }>(
    sql`SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%tenant_id%' ORDER BY name`,
  );
  // The column's own definition, not a mention in another one. D1 does not let us ask for the columns of all tables.
  return rows.filter((row) => /[(,]\s*[`"]?tenant_id[`"]?\s/i.test(row.sql)).map(({ name }) => name);
}

async function deleteRows(d1: D1Database, table: string, tenantId: string): Promise<void> {
  const name = sql.identifier(table);
  const some = sql`SELECT rowid FROM ${name} WHERE tenant_id = ${tenantId} LIMIT ${ROWS_AT_ONCE}`;
  for (;;) {
    const { meta } = await platformDb(d1).run(sql`DELETE FROM ${name} WHERE rowid IN (${some})`);
    if (meta.changes < ROWS_AT_ONCE) return;
  }
}

async function emptyPointers(d1: D1Database, table: string, tenantId: string): Promise<void> {
  await platformBatch(d1, [
    sql`UPDATE ${sql.identifier(table)} SET tenant_id = NULL WHERE tenant_id = ${tenantId}`,
  ]);
}

async function memberIds(d1: D1Database, tenantId: string): Promise<string[]> {
  const rows = await platformDb(d1)
    .select({ userId: members.userId })
    .from(members)
    .where(eq(members.tenantId, tenantId));
  return rows.map(({ userId }) => userId);
}

/** Somebody may have joined between our looking and the deletion: their limiter hears of it now. */
async function endLateMembers(
  context: IdentityContext,
  { id, memberIds: all }: TenantDeletion,
  told: ReadonlySet<string>,
): Promise<void> {
  for (const userId of all) {
    forgetMember(userId);
    forgetSessionsOf(userId);
  }
  const late = all.filter((userId) => !told.has(userId));
  const changes = late.map((userId) => ({ userId, tenantId: id, ended: true }));
  await changeRoles(context.env, changes, async () => true);
}

/**
 * Takes a person out of all their tenants, before their account is deleted. Tenants that they have to themselves go with them; others they leave. Throws
 * `ParallaxError` `conflict`, and changes nothing, while they own a tenant that has other members: it would have no owner.
 */
export async function leaveAllTenants(context: IdentityContext, userId: string): Promise<void> {
  const db = platformDb(context.env.DB);
  const mine = await db.select().from(members).where(eq(members.userId, userId));
  const owned = mine.filter(({ role }) => role === 'owner').map(({ tenantId }) => tenantId);
  const shared = await tenantsWithOthers(context.env.DB, owned, userId);
  if (shared.length > 0) {
    throw new ParallaxError(
      'conflict',
      `You own tenants that others belong to: ${shared.map(({ name }) => name).join(', ')}. Hand them over or delete them first.`,
      { details: { reason: 'owner', tenant_ids: shared.map(({ id }) => id) } },
    );
  }
  const left = mine.filter(({ role }) => role !== 'owner').map(({ tenantId }) => tenantId);
  for (const tenantId of left) await endMembership(context, tenantId, userId);
  for (const tenantId of owned) await deleteTenant(context, tenantId, userId);
}

async function tenantsWithOthers(
  d1: D1Database,
  ids: readonly string[],
  userId: string,
): Promise<{ readonly id: string; readonly name: string }[]> {
  if (ids.length === 0) return [];
  return platformDb(d1)
    .selectDistinct({ id: tenants.id, name: tenants.name })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(and(inArray(members.tenantId, [...ids]), sql`${members.userId} <> ${userId}`))
    .limit(20);
}
