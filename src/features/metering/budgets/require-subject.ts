import { and, eq, isNull } from 'drizzle-orm';
import type { BudgetScope } from '../../../contracts/budgets.ts';
import type { Principal } from '../../../contracts/principal.ts';
import { tenantDb } from '../../../platform/db.ts';
import { ParallaxError, unwrap } from '../../../platform/errors.ts';
import { apiKeys, callLimiter, members } from '../../identity/index.ts';
import { providerKeys } from '../../vault/index.ts';

/**
 * Whom or what a budget is to bound, as it is written down: a key that was rotated from another stands for the first of them, so that the budget outlives its
 * rotations. Throws `not_found` unless it belongs to the tenant.
 */
export async function requireSubject(
  env: Pick<Env, 'DB' | 'USER_LIMITER'>,
  principal: Pick<Principal, 'tenantId'>,
  scope: BudgetScope,
  subject: string | null,
): Promise<string | null> {
  if (subject === null) return null;
  const db = tenantDb(env.DB, principal);
  if (scope === 'key') {
    const key = await db.first(apiKeys, and(eq(apiKeys.id, subject), isNull(apiKeys.revokedAt)));
    if (key === undefined) throw noSuch(scope);
    const { familyId } = unwrap(await callLimiter(env, key.userId, (limiter) => limiter.readKey(subject)));
    return familyId;
  }
  const found =
    scope === 'member'
      ? await db.first(members, eq(members.userId, subject))
      : await db.first(providerKeys, eq(providerKeys.id, subject));
  if (found === undefined) throw noSuch(scope);
  return subject;
}

function noSuch(scope: BudgetScope): ParallaxError {
  return new ParallaxError('not_found', `There is no such ${THINGS[scope]} in this tenant.`, {
    param: 'subject',
  });
}

const THINGS: Readonly<Record<BudgetScope, string>> = {
  tenant: 'tenant',
  member: 'member',
  key: 'API key',
  provider_key: 'provider key',
};
