import type { BudgetView } from '../../../contracts/budgets.ts';
import { iso } from '../../../platform/clock.ts';
import { nano, toUsd } from '../../../platform/money.ts';
import type { BudgetStanding } from './budget-rpc.ts';

/** A budget as the API shows it. Pure. */
export function budgetView(budget: BudgetStanding): BudgetView {
  const { id, name, scope, subject, period, limit, hard, spent, start, end, createdAt } = budget;
  return {
    id,
    object: 'budget',
    name,
    scope,
    subject,
    period,
    limit_usd: toUsd(nano(limit)),
    hard,
    spent_usd: toUsd(nano(spent)),
    spent_nano_usd: spent,
    remaining_usd: toUsd(nano(Math.max(0, limit - spent))),
    period_start: iso(start),
    resets_at: iso(end),
    created_at: iso(createdAt),
  };
}
