import type { BudgetPeriod } from '../../../contracts/budgets.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** 1970-01-01 was a Thursday: three days after a Monday. */
const DAYS_AFTER_MONDAY = 3;

/** The period of a budget in which a time lies, in UTC: `start` belongs to it, `end` to the next. Weeks begin on Monday (ISO 8601). Pure. */
export function budgetPeriodOf(
  period: BudgetPeriod,
  now: number,
): { readonly start: number; readonly end: number } {
  const day = Math.floor(now / DAY_MS);
  if (period === 'daily') return { start: day * DAY_MS, end: (day + 1) * DAY_MS };
  if (period === 'weekly') {
    const monday = day - ((((day + DAYS_AFTER_MONDAY) % 7) + 7) % 7);
    return { start: monday * DAY_MS, end: (monday + 7) * DAY_MS };
  }
  const at = new Date(now);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) };
}
