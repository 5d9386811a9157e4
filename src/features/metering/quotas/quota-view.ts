import type { QuotaList } from '../../../contracts/quota.ts';
import { iso } from '../../../platform/clock.ts';
import type { QuotaStanding } from './quota-rpc.ts';

/** A tenant's quotas as clients see them. Pure. */
export function quotaView({ plan, month, quotas }: QuotaStanding): QuotaList {
  return {
    object: 'quotas',
    plan,
    period_start: iso(month.start),
    period_end: iso(month.end),
    data: quotas.map(({ id, limit, used }) => ({
      id,
      object: 'quota',
      limit,
      used: limit === null ? null : used,
      // A plan that became smaller in the month may have less than was used.
      remaining: limit === null ? null : Math.max(0, limit - used),
    })),
  };
}
