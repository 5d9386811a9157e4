import { and, eq, isNull } from 'drizzle-orm';
import type { BudgetScope } from '../../../contracts/budgets.ts';
import type { Principal } from '../../../contracts/principal.ts';
import { tenantDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { apiKeys, members } from '../../identity/index.ts';
import { providerKeys } from '../../vault/index.ts';

/** Throws `not_found` unless whom or what a budget is to bound belongs to the tenant. */
export async function requireSubject(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
  scope: BudgetScope,
  subject: string | null,
): Promise<void> {
  if (subject === null) return;
  const db = tenantDb(d1, principal);
  const found =
    scope === 'member'
      ? await db.first(members, eq(members.userId, subject))
      : scope === 'key'
        ? await db.first(apiKeys, and(eq(apiKeys.id, subject), isNull(apiKeys.revokedAt)))
        : await db.first(providerKeys, eq(providerKeys.id, subject));
  if (found === undefined)
    throw new ParallaxError('not_found', `There is no such ${THINGS[scope]} in this tenant.`, {
      param: 'subject',
    });
}

const THINGS: Readonly<Record<BudgetScope, string>> = {
  tenant: 'tenant',
  member: 'member',
  key: 'API key',
  provider_key: 'provider key',
};
