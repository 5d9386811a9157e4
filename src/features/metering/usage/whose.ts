import { allows, refusalOf } from '../../../contracts/permissions.ts';
import type { Principal } from '../../../contracts/principal.ts';
import { refused } from '../../../platform/permission.ts';

/** Whose calls are shown: one person's, or (null) those of everybody in the tenant. */
export type Whose = string | null;

/**
 * Whose calls a principal sees. Without `usage:read_all` their own alone; to ask for somebody else's is then refused, not answered with
 * nothing. Throws `ParallaxError`. Pure.
 */
export function whoseUsage(principal: Principal, asked: string | undefined): Whose {
  if (asked === principal.userId) return asked;
  if (asked === undefined) return allows(principal, 'usage:read_all') ? null : principal.userId;
  const refusal = refusalOf(principal, 'usage:read_all');
  if (refusal !== null)
    throw refused(refusal, 'usage:read_all', principal, 'To see what others in the tenant used');
  return asked;
}
