import type { z } from 'zod';
import type { creditsSchema } from '../../contracts/credits.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { QuotaList } from '../../contracts/quota.ts';
import type { UsageGroup, UsagePeriod, UsageSummary } from '../../contracts/usage.ts';
import type { Clock } from '../../platform/clock.ts';
import { unwrap } from '../../platform/errors.ts';
import { creditsView } from './credit-view.ts';
import { quotaView } from './quotas/quota-view.ts';
import { readQuotas } from './quotas/take-uses.ts';
import { callLedger } from './tenant-ledger.ts';
import { windowOf } from './usage/period.ts';
import { summarize } from './usage/summarize.ts';
import { whoseUsage } from './usage/whose.ts';

export interface UsageQuestion {
  readonly period: UsagePeriod;
  /** None for the totals alone. */
  readonly groupBy: readonly UsageGroup[];
  /** Most groups; the rest is one group. */
  readonly limit: number;
}

/** What was used and what is left: the figures of `GET /v1/usage/summary`, `GET /v1/credits` and `GET /v1/quota` together. */
export interface UsageReport {
  readonly usage: UsageSummary;
  readonly credits: z.infer<typeof creditsSchema>;
  readonly quotas: QuotaList;
}

/** Reports of a principal's usage, as its role shows it: everybody's in the tenant, or its own. */
export type ReadUsage = (principal: Principal, question: UsageQuestion) => Promise<UsageReport>;

/** Reads from the database and the tenant's ledger. Throws `ParallaxError` `unavailable` when the ledger does not answer. */
export function createReadUsage(env: Env, clock: Clock): ReadUsage {
  return async (principal, { period, groupBy, limit }) => {
    const { tenantId } = principal;
    const window = windowOf({ period }, clock.now());
    const whose = whoseUsage(principal, undefined);
    const [usage, standing, quotas] = await Promise.all([
      summarize(env.DB, tenantId, { whose, filters: {}, groupBy, limit, window }),
      callLedger(env, tenantId, (ledger) => ledger.standing(tenantId)),
      readQuotas(env, tenantId),
    ]);
    return { usage, credits: creditsView(unwrap(standing)), quotas: quotaView(quotas) };
  };
}
