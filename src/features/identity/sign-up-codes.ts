import { and, asc, eq, sql } from 'drizzle-orm';
import { platformDb } from '../../platform/db.ts';
import { ID_PREFIXES } from '../../platform/ids.ts';
import { personalTenantId } from './membership.ts';
import { members, signUpCodes, users } from './schema.ts';

/** A code that somebody gave when they signed up. */
export interface SignUpCode {
  readonly userId: string;
  /** Their own tenant, which may not be there yet. */
  readonly tenantId: string;
  readonly code: string;
  /** When they signed up, in milliseconds. */
  readonly at: number;
}

/** Keeps the code of a sign-up; the last sign-up of an account that is nobody's yet is the one that counts, also when it has none. */
export async function keepSignUpCode(
  d1: D1Database,
  userId: string,
  code: string | undefined,
  now: number,
): Promise<void> {
  const db = platformDb(d1);
  if (code === undefined) await db.delete(signUpCodes).where(eq(signUpCodes.userId, userId));
  else
    await db
      .insert(signUpCodes)
      .values({ userId, code, createdAt: now })
      .onConflictDoUpdate({ target: signUpCodes.userId, set: { code, createdAt: now } });
}

/** The code that a tenant's person signed up with; null for tenants that are nobody's own and people who gave none. */
export async function signUpCodeOf(env: Pick<Env, 'DB'>, tenantId: string): Promise<SignUpCode | null> {
  const userId = `${ID_PREFIXES.user}_${tenantId.slice(ID_PREFIXES.tenant.length + 1)}`;
  const [row] = await platformDb(env.DB)
    .select()
    .from(signUpCodes)
    .where(eq(signUpCodes.userId, userId))
    .limit(1);
  return row === undefined ? null : { userId, tenantId, code: row.code, at: row.createdAt };
}

/** Codes of people who have a tenant of their own by now, the oldest first. */
export async function waitingSignUpCodes(env: Pick<Env, 'DB'>, limit: number): Promise<SignUpCode[]> {
  const rows = await platformDb(env.DB)
    .select({ userId: signUpCodes.userId, code: signUpCodes.code, at: signUpCodes.createdAt })
    .from(signUpCodes)
    .innerJoin(users, and(eq(users.id, signUpCodes.userId), eq(users.emailVerified, true)))
    .innerJoin(
      members,
      and(
        eq(members.userId, signUpCodes.userId),
        eq(
          members.tenantId,
          sql`${`${ID_PREFIXES.tenant}_`} || substr(${signUpCodes.userId}, ${ID_PREFIXES.user.length + 2})`,
        ),
      ),
    )
    .orderBy(asc(signUpCodes.createdAt))
    .limit(limit);
  return rows.map((row) => ({ ...row, tenantId: personalTenantId(row.userId) }));
}

/** Forgets a code, because it was looked at. */
export async function dropSignUpCode(env: Pick<Env, 'DB'>, { userId, at }: SignUpCode): Promise<void> {
  await platformDb(env.DB)
    .delete(signUpCodes)
    .where(and(eq(signUpCodes.userId, userId), eq(signUpCodes.createdAt, at)));
}
