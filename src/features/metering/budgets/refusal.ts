import type { BudgetPeriod } from '../../../contracts/budgets.ts';
import { iso } from '../../../platform/clock.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { dollarsText } from '../../../platform/money.ts';
import { budgetPeriodOf } from './budget-period.ts';
import type { Budget } from './budget-rpc.ts';

/** What is said to who needs more of a budget than is left: which, the figures, when it begins anew, and what to do. Pure. */
export function budgetExceeded(
  { id, name, scope, period, limit }: Pick<Budget, 'id' | 'name' | 'scope' | 'period' | 'limit'>,
  { needed, available }: { readonly needed: number; readonly available: number },
  now: number,
): ParallaxError {
  const left = Math.max(0, available);
  const { end } = budgetPeriodOf(period, now);
  return new ParallaxError(
    'budget_exceeded',
    `The budget “${name}” has ${dollarsText(left)} of ${dollarsText(limit)} left ${IN_BUDGET_PERIOD[period]}, and this may cost ${dollarsText(needed)}. It begins anew on ${iso(end).slice(0, 10)}. Until then ask for fewer tokens or a cheaper model, or let an owner or admin raise the budget.`,
    {
      details: {
        budget: id,
        scope,
        period,
        limit_nano_usd: limit,
        needed_nano_usd: needed,
        available_nano_usd: left,
        resets_at: iso(end),
      },
    },
  );
}

/** The present period of a budget, in a sentence. */
export const IN_BUDGET_PERIOD: Readonly<Record<BudgetPeriod, string>> = {
  daily: 'today',
  weekly: 'this week',
  monthly: 'this month',
};
