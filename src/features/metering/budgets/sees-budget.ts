import type { Principal } from '../../../contracts/principal.ts';
import { boundBy } from './bounding.ts';
import type { Budget } from './budget-rpc.ts';

/** The budgets that somebody may see: owners and admins all of their tenant's, others those that bound them. Pure. */
export function budgetsSeenBy<Each extends Budget>(
  { role, userId, keyId, keyFamilyId }: Pick<Principal, 'role' | 'userId' | 'keyId' | 'keyFamilyId'>,
  budgets: readonly Each[],
): readonly Each[] {
  if (role === 'owner' || role === 'admin') return budgets;
  return boundBy(budgets, { userId, keyId, keyFamilyId });
}
