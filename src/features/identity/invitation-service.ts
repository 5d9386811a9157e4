import { and, count, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { Person, Principal } from '../../contracts/principal.ts';
import { base64url, sha256Hex } from '../../platform/crypto.ts';
import { platformBatch, platformDb, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { isId, newId } from '../../platform/ids.ts';
import { forgetSessionsOf } from './accounts/index.ts';
import { forgetMember } from './authenticate.ts';
import type { IdentityContext } from './issue-key.ts';
import { MAX_MEMBERS, requireShared } from './member-rules.ts';
import type { GivenRole } from './member-service.ts';
import { personalTenantId } from './membership.ts';
import { invitations, members, tenants, users } from './schema.ts';
import { type OwnTenant, ownTenant } from './shared-tenants.ts';

/** An invitation can be answered for so long, in milliseconds. */
export const INVITATION_MS = 7 * 24 * 60 * 60_000;
/** Most that wait in a tenant, and most that a tenant sends in a day: the mails go to strangers. */
export const MAX_WAITING = 100;
export const MAX_A_DAY = 50;
const DAY_MS = 24 * 60 * 60_000;

export type InvitationRow = typeof invitations.$inferSelect;

/** An invitation with the name of the tenant that it leads to. */
export type Invitation = InvitationRow & { readonly tenantName: string };

export interface Sent {
  readonly invitation: Invitation;
  /** For the mail alone. */
  readonly token: string;
}

/**
 * Invites an address. An earlier invitation of it that waits is replaced: its link works no more. Throws `ParallaxError` `conflict` when the
 * address is a member's already or too many wait, and `rate_limited` when too many were sent today.
 */
export async function invite(
  context: IdentityContext,
  { tenantId, userId }: Principal,
  request: { readonly email: string; readonly role: GivenRole },
): Promise<Sent> {
  requireShared(tenantId === personalTenantId(userId), 'This is your own space, which nobody else joins.');
  const email = request.email.toLowerCase();
  const now = context.clock.now();
  await requireRoom(context, tenantId, email, now);
  const token = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const row = {
    id: newId('invitation', now),
    email,
    role: request.role,
    tokenHash: await sha256Hex(token),
    invitedBy: userId,
    createdAt: now,
    expiresAt: now + INVITATION_MS,
  };
  const db = platformDb(context.env.DB);
  await db.batch([
    db
      .update(invitations)
      .set({ endedAt: now, outcome: 'revoked' })
      .where(
        and(eq(invitations.tenantId, tenantId), eq(invitations.email, email), isNull(invitations.endedAt)),
      ),
    db.insert(invitations).values({ ...row, tenantId }),
  ]);
  return { invitation: await invitationOf(context, tenantId, row.id), token };
}

/** A page of a tenant's invitations, newest first, answered ones too. */
export async function listInvitations(
  context: IdentityContext,
  { tenantId }: Pick<Principal, 'tenantId'>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly invitations: readonly Invitation[]; readonly nextCursor: string | null }> {
  if (cursor !== undefined && !isId('invitation', cursor)) {
    throw new ParallaxError(
      'invalid_parameter',
      '`query.cursor`: must be a `next_cursor` of an earlier page.',
      {
        param: 'query.cursor',
      },
    );
  }
  const rows = await withTenants(context)
    .where(
      and(eq(invitations.tenantId, tenantId), cursor === undefined ? undefined : lt(invitations.id, cursor)),
    )
    .orderBy(desc(invitations.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit).map(flat);
  return { invitations: page, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** Those that wait for a person, by their address; none while it is not confirmed. */
export async function invitationsFor(
  context: IdentityContext,
  person: Person,
): Promise<readonly Invitation[]> {
  if (!person.emailVerified) return [];
  const rows = await withTenants(context)
    .where(
      and(
        eq(invitations.email, person.email.toLowerCase()),
        isNull(invitations.endedAt),
        gt(invitations.expiresAt, context.clock.now()),
      ),
    )
    .orderBy(desc(invitations.id))
    .limit(100);
  return rows.map(flat);
}

/** Takes an invitation back; one that was answered stays as it is. Throws `not_found`, also for another tenant's. */
export async function revokeInvitation(
  context: IdentityContext,
  { tenantId }: Pick<Principal, 'tenantId'>,
  id: string,
): Promise<Invitation> {
  await tenantDb(context.env.DB, { tenantId }).update(
    invitations,
    { endedAt: context.clock.now(), outcome: 'revoked' },
    and(eq(invitations.id, id), isNull(invitations.endedAt)),
  );
  return invitationOf(context, tenantId, id);
}

/**
 * Makes the person a member. The invitation is used up and the membership begins in one transaction, so a link works once, whoever follows it at the same
 * moment. Throws `ParallaxError` `not_found` for a link that is forged, used, taken back, too old or another address's: all the same, for a
 * stranger who found one learns nothing.
 */
export async function acceptInvitation(
  context: IdentityContext,
  person: Person,
  token: string,
): Promise<{ readonly tenant: OwnTenant; readonly invitationId: string }> {
  const hash = await sha256Hex(token);
  const now = context.clock.now();
  const mine = and(eq(invitations.tokenHash, hash), eq(invitations.acceptedBy, person.userId));
  const db = platformDb(context.env.DB);
  if (person.emailVerified) {
    const size = sql`(SELECT count(*) FROM ${members} AS m WHERE m.tenant_id = ${invitations}.tenant_id)`;
    await platformBatch(context.env.DB, [
      sql`UPDATE ${invitations} SET ended_at = ${now}, outcome = 'accepted', accepted_by = ${person.userId} WHERE ${open(hash, person, now)} AND ${size} < ${MAX_MEMBERS}`,
      // Only by the statement before: whoever was removed does not come back by a link that was used.
      sql`INSERT INTO ${members} (tenant_id, user_id, role, created_at) SELECT tenant_id, ${person.userId}, role, ${now} FROM ${invitations} WHERE ${mine} AND ended_at = ${now} ON CONFLICT DO NOTHING`,
    ]);
  }
  const [accepted] = await db.select().from(invitations).where(mine).limit(1);
  if (accepted === undefined) throw noSuchInvitation();
  // This isolate may have been told that they are no member.
  forgetMember(person.userId);
  forgetSessionsOf(person.userId);
  return {
    tenant: await ownTenant(context, person.userId, accepted.tenantId),
    invitationId: accepted.id,
  };
}

/** Turns an invitation down. Throws as `acceptInvitation`. */
export async function declineInvitation(
  context: IdentityContext,
  person: Person,
  token: string,
): Promise<InvitationRow> {
  const hash = await sha256Hex(token);
  const now = context.clock.now();
  const declined = person.emailVerified
    ? await platformDb(context.env.DB)
        .update(invitations)
        .set({ endedAt: now, outcome: 'declined' })
        .where(open(hash, person, now))
        .returning()
    : [];
  const [row] = declined;
  if (row === undefined) throw noSuchInvitation();
  return row;
}

/** One of a tenant's invitations. Throws `not_found`. */
async function invitationOf(context: IdentityContext, tenantId: string, id: string): Promise<Invitation> {
  const [row] = await withTenants(context)
    .where(and(eq(invitations.tenantId, tenantId), eq(invitations.id, id)))
    .limit(1);
  if (row === undefined) throw new ParallaxError('not_found', 'There is no such invitation.');
  return flat(row);
}

function withTenants(context: IdentityContext) {
  return platformDb(context.env.DB)
    .select({ invitation: invitations, tenantName: tenants.name })
    .from(invitations)
    .innerJoin(tenants, eq(tenants.id, invitations.tenantId))
    .$dynamic();
}

function flat(row: { readonly invitation: InvitationRow; readonly tenantName: string }): Invitation {
  return { ...row.invitation, tenantName: row.tenantName };
}

/** The invitation of a token that waits for this person. */
function open(hash: string, person: Person, now: number) {
  return and(
    eq(invitations.tokenHash, hash),
    eq(invitations.email, person.email.toLowerCase()),
    isNull(invitations.endedAt),
    gt(invitations.expiresAt, now),
  );
}

async function requireRoom(
  context: IdentityContext,
  tenantId: string,
  email: string,
  now: number,
): Promise<void> {
  const db = platformDb(context.env.DB);
  const own = eq(invitations.tenantId, tenantId);
  const [[waiting], [today], [size], [member]] = await db.batch([
    db
      .select({ n: count() })
      .from(invitations)
      .where(and(own, isNull(invitations.endedAt), gt(invitations.expiresAt, now))),
    db
      .select({ n: count() })
      .from(invitations)
      .where(and(own, gt(invitations.createdAt, now - DAY_MS))),
    db.select({ n: count() }).from(members).where(eq(members.tenantId, tenantId)),
    db
      .select({ userId: members.userId })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(and(eq(members.tenantId, tenantId), eq(users.email, email)))
      .limit(1),
  ]);
  if (member !== undefined) throw new ParallaxError('conflict', 'This person is a member already.');
  if ((today?.n ?? 0) >= MAX_A_DAY) {
    throw new ParallaxError('rate_limited', `A tenant sends ${MAX_A_DAY} invitations in 24 hours at most.`, {
      retryAfterMs: 60 * 60_000,
    });
  }
  if ((waiting?.n ?? 0) >= MAX_WAITING || (size?.n ?? 0) >= MAX_MEMBERS) {
    throw new ParallaxError(
      'conflict',
      `A tenant has ${MAX_MEMBERS} members and ${MAX_WAITING} waiting invitations at most. Take some back first.`,
    );
  }
}

function noSuchInvitation(): ParallaxError {
  return new ParallaxError(
    'not_found',
    'This invitation cannot be used: it was answered, taken back or is too old, or it is for another e-mail address than yours.',
  );
}
