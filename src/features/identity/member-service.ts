import { and, asc, eq, gt, ne, or, sql } from 'drizzle-orm';
import type { Principal, Role } from '../../contracts/principal.ts';
import type { GIVEN_ROLES } from '../../contracts/tenants.ts';
import { platformDb, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { IdentityContext } from './issue-key.ts';
import { requireChangeable, requireLeavable } from './member-rules.ts';
import { personalTenantId } from './membership.ts';
import { changeRoles } from './role-change.ts';
import { members, users } from './schema.ts';

export type GivenRole = (typeof GIVEN_ROLES)[number];

export interface Member {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly joinedAt: number;
}

/** Whose tenant it is and who asks. */
type Asker = Pick<Principal, 'tenantId' | 'userId'>;

const COLUMNS = {
  userId: members.userId,
  name: users.name,
  email: users.email,
  role: members.role,
  joinedAt: members.createdAt,
};

/** A page of a tenant's members, who joined first before the others. `cursor` is a `nextCursor` of an earlier page. */
export async function listMembers(
  context: IdentityContext,
  { tenantId }: Pick<Principal, 'tenantId'>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly members: readonly Member[]; readonly nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : placeOf(cursor);
  const rows = await platformDb(context.env.DB)
    .select(COLUMNS)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(
      and(
        eq(members.tenantId, tenantId),
        after &&
          or(
            gt(members.createdAt, after.at),
            and(eq(members.createdAt, after.at), gt(members.userId, after.userId)),
          ),
      ),
    )
    .orderBy(asc(members.createdAt), asc(members.userId))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    members: page,
    nextCursor: rows.length > limit && last !== undefined ? `${last.joinedAt}.${last.userId}` : null,
  };
}

/** A member of the principal's tenant. Throws `ParallaxError` `not_found`, the same for another tenant's and for nobody. */
export async function memberOf(
  context: IdentityContext,
  { tenantId }: Pick<Principal, 'tenantId'>,
  userId: string,
): Promise<Member> {
  const [member] = await platformDb(context.env.DB)
    .select(COLUMNS)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId)))
    .limit(1);
  if (member === undefined) throw new ParallaxError('not_found', 'There is no such member.');
  return member;
}

/** Gives a member another role. It holds everywhere within five seconds. Throws `not_found`, and `conflict` for the owner. */
export async function changeRole(
  context: IdentityContext,
  asker: Asker,
  userId: string,
  role: GivenRole,
): Promise<Member> {
  const member = await memberOf(context, asker, userId);
  requireChangeable(member.role);
  await changeRoles(context.env, [{ userId, tenantId: asker.tenantId, ended: false }], async () => {
    // Looked at once more where it is written: it may have been handed over to them meanwhile.
    const changed = await tenantDb(context.env.DB, asker).update(
      members,
      { role },
      and(eq(members.userId, userId), ne(members.role, 'owner')),
    );
    return changed > 0;
  });
  const now = await memberOf(context, asker, userId);
  if (now.role !== role) requireChangeable(now.role);
  return now;
}

/** Ends a membership. The person's keys for the tenant end with it, everywhere within five seconds. Throws as `changeRole`. */
export async function removeMember(context: IdentityContext, asker: Asker, userId: string): Promise<Member> {
  const member = await memberOf(context, asker, userId);
  requireChangeable(member.role);
  if (!(await endMembership(context, asker.tenantId, userId)))
    requireChangeable((await memberOf(context, asker, userId)).role);
  return member;
}

/** Lets the person who asks leave. Throws `conflict` for the owner, and in one's own space. */
export async function leaveTenant(
  context: IdentityContext,
  { tenantId, userId, role }: Principal,
): Promise<void> {
  requireLeavable(role, tenantId === personalTenantId(userId));
  if (await endMembership(context, tenantId, userId)) return;
  requireLeavable((await memberOf(context, { tenantId }, userId)).role, false);
}

/** Ends the membership of somebody who does not own the tenant; false when they do, or are no member. */
export function endMembership(context: IdentityContext, tenantId: string, userId: string): Promise<boolean> {
  return changeRoles(context.env, [{ userId, tenantId, ended: true }], async () => {
    const ended = await tenantDb(context.env.DB, { tenantId }).delete(
      members,
      and(eq(members.userId, userId), ne(members.role, 'owner')),
    );
    return ended > 0;
  });
}

/**
 * Hands a tenant over: the member becomes its owner, and the owner an admin, in one statement. Throws `not_found` for who is no member, and
 * `conflict` when the tenant was handed over meanwhile.
 */
export async function transferTenant(
  context: IdentityContext,
  asker: Asker,
  userId: string,
): Promise<Member> {
  const { tenantId } = asker;
  const member = await memberOf(context, asker, userId);
  if (userId === asker.userId) return member;
  const changes = [userId, asker.userId].map((one) => ({ userId: one, tenantId, ended: false }));
  const handed = await changeRoles(context.env, changes, async () => {
    const both = sql`(SELECT count(*) FROM ${members} AS m WHERE m.tenant_id = ${tenantId} AND (m.user_id = ${userId} OR (m.user_id = ${asker.userId} AND m.role = 'owner')))`;
    const changed = await tenantDb(context.env.DB, asker).update(
      members,
      { role: sql`CASE WHEN ${members.userId} = ${userId} THEN 'owner' ELSE 'admin' END` },
      and(or(eq(members.userId, userId), eq(members.userId, asker.userId)), sql`${both} = 2`),
    );
    return changed === 2;
  });
  if (!handed) {
    throw new ParallaxError(
      'conflict',
      'The tenant has changed meanwhile: either you do not own it any more, or this person has left.',
    );
  }
  return memberOf(context, asker, userId);
}

/** Where a page of members begins. Throws `ParallaxError` `invalid_parameter` for what is no cursor of ours. */
function placeOf(cursor: string): { readonly at: number; readonly userId: string } {
  const match = /^(\d{1,16})\.(usr_[0-9A-Z]{26})$/.exec(cursor);
  if (match !== null) return { at: Number(match[1]), userId: match[2] ?? '' };
  throw new ParallaxError(
    'invalid_parameter',
    '`query.cursor`: must be a `next_cursor` of an earlier page.',
    {
      param: 'query.cursor',
    },
  );
}
