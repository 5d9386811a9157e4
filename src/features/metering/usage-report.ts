import type { z } from 'zod';
import type { BudgetView } from '../../contracts/budgets.ts';
import type { creditsSchema } from '../../contracts/credits.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { QuotaList } from '../../contracts/quota.ts';
import type { UsageGroup, UsagePeriod, UsageSummary } from '../../contracts/usage.ts';
import type { Clock } from '../../platform/clock.ts';
import { unwrap } from '../../platform/errors.ts';
import { readBudgets } from './budgets/bounding.ts';
import { budgetView } from './budgets/budget-view.ts';
import { budgetsSeenBy } from './budgets/sees-budget.ts';
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

/** What was used and what is left: the figures of `GET /v1/usage/summary`, `/v1/credits`, `/v1/quota` and `/v1/budgets` together. */
export interface UsageReport {
  readonly usage: UsageSummary;
  readonly credits: z.infer<typeof creditsSchema>;
  readonly quotas: QuotaList;
  /** Those that the principal may see, as `GET /v1/budgets` gives them. */
  readonly budgets: readonly BudgetView[];
}

/** Reports of a principal's usage, as its role shows it: everybody's in the tenant, or its own. */
export type ReadUsage = (principal: Principal, question: UsageQuestion) => Promise<UsageReport>;

/** Reads from the database and the tenant's ledger. Throws `ParallaxError` `unavailable` when the ledger does not answer. */
export function createReadUsage(env: Env, clock: Clock): ReadUsage {
  return async (principal, { period, groupBy, limit }) => {
    const { tenantId } = principal;
    const window = windowOf({ period }, clock.now());
    const whose = whoseUsage(principal, undefined);
    const [usage, standing, quotas, budgets] = await Promise.all([
      summarize(env.DB, tenantId, { whose, filters: {}, groupBy, limit, window }),
      callLedger(env, tenantId, (ledger) => ledger.standing(tenantId)),
      readQuotas(env, tenantId),
      readBudgets(env, tenantId),
    ]);
    return {
      usage,
      credits: creditsView(unwrap(standing)),
      quotas: quotaView(quotas),
      budgets: budgetsSeenBy(principal, budgets).map(budgetView),
    };
  };
}
