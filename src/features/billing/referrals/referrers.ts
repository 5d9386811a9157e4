import { and, asc, desc, eq, gte, inArray, ne, sql } from 'drizzle-orm';
import { platformDb } from '../../../platform/db.ts';
import { mailboxOf, members, tenants, users } from '../../identity/index.ts';
import { billingCards, referralClaims, referralCodes, referredPeople } from './schema.ts';

/** Questions between two tenants: whose a code is, who came with it, whether both are one person. Of another's tenant only what is asked leaves here. */

type DbEnv = Pick<Env, 'DB'>;

/** Most members of a tenant that are compared. */
const MOST_PEOPLE = 2_000;

/** The tenant whose code it is; null for none. */
export async function tenantOfCode(env: DbEnv, code: string): Promise<string | null> {
  const [row] = await platformDb(env.DB)
    .select({ tenantId: referralCodes.tenantId })
    .from(referralCodes)
    .where(eq(referralCodes.code, code))
    .limit(1);
  return row?.tenantId ?? null;
}

/** What is told to a referrer of who came: how each stands, and when. */
export function cameWith(env: DbEnv, referrerId: string, limit: number) {
  return platformDb(env.DB)
    .select({
      id: referralClaims.id,
      claimedAt: referralClaims.claimedAt,
      paymentId: referralClaims.paymentId,
      step: referralClaims.step,
      referrerNano: referralClaims.referrerNano,
    })
    .from(referralClaims)
    .where(eq(referralClaims.referrerId, referrerId))
    .orderBy(desc(referralClaims.claimedAt), desc(referralClaims.id))
    .limit(limit);
}

/** What a referrer earned by all who came, without what was taken back; and how many brought something since a time. */
export async function earnedBy(
  env: DbEnv,
  referrerId: string,
  since: number,
): Promise<{ readonly nano: number; readonly lately: number }> {
  const [row] = await platformDb(env.DB)
    .select({
      nano: sql<number>`coalesce(sum(CASE WHEN ${referralClaims.step} % 2 = 1 THEN ${referralClaims.referrerNano} ELSE 0 END), 0)`,
      lately: sql<number>`coalesce(sum(${and(gte(referralClaims.earnedAt, since), sql`${referralClaims.referrerNano} > 0`)}), 0)`,
    })
    .from(referralClaims)
    .where(eq(referralClaims.referrerId, referrerId));
  return { nano: row?.nano ?? 0, lately: row?.lately ?? 0 };
}

/** What a referrer is given for one more: the amount, or 0 where so many were given since a time. For the statement that gives it, so that no two pass at once. */
export const bonusWithin = (referrerId: string, since: number, most: number, amount: number) =>
  sql<number>`CASE WHEN (SELECT count(*) FROM referral_claims AS others WHERE others.referrer_id = ${referrerId} AND others.earned_at >= ${since} AND others.referrer_nano > 0) < ${most} THEN ${amount} ELSE 0 END`;

/** The people of a tenant. */
export async function peopleOf(
  env: DbEnv,
  tenantId: string,
): Promise<{ readonly userId: string; readonly mailbox: string }[]> {
  const rows = await platformDb(env.DB)
    .select({ userId: users.id, email: users.email })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(members.tenantId, tenantId))
    .limit(MOST_PEOPLE);
  return rows.map(({ userId, email }) => ({ userId, mailbox: mailboxOf(email) }));
}

/** A tenant with its first owner; null where there is none. Times in milliseconds. */
export async function ownerOf(env: DbEnv, tenantId: string) {
  const [row] = await platformDb(env.DB)
    .select({
      email: users.email,
      emailVerified: users.emailVerified,
      personSince: users.createdAt,
      tenantSince: tenants.createdAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(and(eq(members.tenantId, tenantId), eq(members.role, 'owner')))
    .orderBy(asc(members.createdAt), asc(members.userId))
    .limit(1);
  return row ?? null;
}

/** Whether another tenant paid with a card. */
export async function paidElsewhere(env: DbEnv, tenantId: string, fingerprint: string): Promise<boolean> {
  const rows = await platformDb(env.DB)
    .select({ tenantId: billingCards.tenantId })
    .from(billingCards)
    .where(and(eq(billingCards.fingerprint, fingerprint), ne(billingCards.tenantId, tenantId)))
    .limit(1);
  return rows.length > 0;
}

/** Whether the person with these marks comes with this tenant, and with no other before: from here on they have come. */
export async function comesOnce(
  env: DbEnv,
  tenantId: string,
  marks: readonly [string, ...string[]],
): Promise<boolean> {
  const db = platformDb(env.DB);
  const known = () =>
    db
      .select({ cameWith: referredPeople.cameWith })
      .from(referredPeople)
      .where(inArray(referredPeople.person, [...marks]));
  let rows = await known();
  if (rows.length === 0) {
    await db.insert(referredPeople).values({ person: marks[0], cameWith: tenantId }).onConflictDoNothing();
    rows = await known();
  }
  return rows.every((row) => row.cameWith === tenantId);
}

/** Tenants whose bonuses were decided while a ledger has not been told. */
export async function untoldReferrals(env: DbEnv, limit: number): Promise<string[]> {
  const rows = await platformDb(env.DB)
    .select({ tenantId: referralClaims.tenantId })
    .from(referralClaims)
    .where(sql`${referralClaims.told} < ${referralClaims.step}`)
    .limit(limit);
  return rows.map(({ tenantId }) => tenantId);
}
