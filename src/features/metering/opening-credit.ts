import { and, asc, eq, inArray } from 'drizzle-orm';
import { OPENING_CREDIT_DAYS, PLANS } from '../../contracts/plans.ts';
import type { Config } from '../../platform/config.ts';
import { platformDb } from '../../platform/db.ts';
import { fromUsd } from '../../platform/money.ts';
import { members, personMarks, users } from '../identity/index.ts';
import { openingCredits } from './schema.ts';

/** What a tenant begins with: nano-dollars, and when what is left of them ends, in milliseconds; null for never. */
export interface OpeningCredit {
  readonly amount: number;
  readonly expiresAt: number | null;
}

const NOTHING: OpeningCredit = { amount: 0, expiresAt: null };

/**
 * The credit that a tenant's ledger opens with: what the operator gives each tenant (`TENANT_CREDIT_USD`), else what the free plan gives a person once. That is
 * claimed here for the tenant, before its ledger opens: stopped in between, the same tenant is given it the next time, and no other ever. Given to the
 * first tenant that its first owner ever owned, if their address is proven.
 */
export async function openingCredit(
  env: Pick<Env, 'DB'>,
  tenantId: string,
  config: Config,
  now: number,
): Promise<OpeningCredit> {
  if (config.tenantCreditUsd !== undefined)
    return { amount: fromUsd(config.tenantCreditUsd), expiresAt: null };
  const { openingCreditUsd } = PLANS.free;
  const email = openingCreditUsd > 0 ? await newPerson(env, tenantId) : null;
  if (email === null || !(await claim(env, tenantId, await personMarks(config, email), now))) return NOTHING;
  return { amount: fromUsd(openingCreditUsd), expiresAt: now + OPENING_CREDIT_DAYS * 24 * 60 * 60_000 };
}

/** The proven address of a tenant's first owner who owned none before it; null where there is nobody like that. */
async function newPerson({ DB }: Pick<Env, 'DB'>, tenantId: string): Promise<string | null> {
  const db = platformDb(DB);
  const [owner] = await db
    .select({ userId: users.id, email: users.email, emailVerified: users.emailVerified })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.tenantId, tenantId), eq(members.role, 'owner')))
    .orderBy(asc(members.createdAt), asc(members.userId))
    .limit(1);
  if (owner?.emailVerified !== true) return null;
  const [first] = await db
    .select({ tenantId: members.tenantId })
    .from(members)
    .where(and(eq(members.userId, owner.userId), eq(members.role, 'owner')))
    .orderBy(asc(members.createdAt), asc(members.tenantId))
    .limit(1);
  return first?.tenantId === tenantId ? owner.email : null;
}

/** Whether the credit of the person with these marks is this tenant's. */
async function claim(
  { DB }: Pick<Env, 'DB'>,
  tenantId: string,
  marks: readonly [string, ...string[]],
  now: number,
): Promise<boolean> {
  const db = platformDb(DB);
  const known = () =>
    db
      .select({ givenTo: openingCredits.givenTo })
      .from(openingCredits)
      .where(inArray(openingCredits.person, [...marks]));
  let rows = await known();
  if (rows.length === 0) {
    await db
      .insert(openingCredits)
      .values({ person: marks[0], givenTo: tenantId, at: now })
      .onConflictDoNothing();
    rows = await known();
  }
  return rows.every(({ givenTo }) => givenTo === tenantId);
}
