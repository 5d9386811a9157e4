import type { PlanId, QuotaId } from '../../../contracts/plans.ts';
import type { Outcome } from '../../../platform/errors.ts';
import type { Month } from './month.ts';

/** How many uses of which quotas. */
export type Uses = Readonly<Partial<Record<QuotaId, number>>>;

/** Takes what a call or a run needs of the tenant's quotas, all or nothing. Taken again under the same id, the second stands. */
export interface TakeUses {
  readonly tenantId: string;
  /** The call's or the run's. */
  readonly id: string;
  readonly uses: Uses;
}

/** What a call or a run came to: how many of its uses count, over all that was ever taken under its id. The rest goes back. */
export interface UseSettlement {
  readonly id: string;
  readonly used: Uses;
}

export interface UsesTaken {
  /** The quotas that have a limit for this tenant now; of the others nothing was taken or counted. */
  readonly limited: readonly QuotaId[];
}

/** How a tenant's quotas stand. */
export interface QuotaStanding {
  readonly plan: PlanId;
  readonly month: Month;
  /** In the order of `QUOTA_IDS`. `used` has those under way in it, and is 0 where there is no limit. */
  readonly quotas: readonly { readonly id: QuotaId; readonly limit: number | null; readonly used: number }[];
}

/** What `TenantLedger` answers over RPC about quotas. Asked or told twice, it counts once. */
export interface QuotaRpc {
  /** Refused with `quota_exceeded` where a quota has not enough left. */
  takeUses(question: TakeUses): Promise<Outcome<UsesTaken>>;
  settleUses(tenantId: string, settlements: readonly UseSettlement[]): Promise<Outcome<void>>;
  quotas(tenantId: string): Promise<Outcome<QuotaStanding>>;
}
