import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUDGET_PERIODS } from '../../../contracts/budgets.ts';
import { budgetPeriodOf } from './budget-period.ts';

const iso = (period: 'daily' | 'weekly' | 'monthly', now: string) => {
  const { start, end } = budgetPeriodOf(period, Date.parse(now));
  return [new Date(start).toISOString().slice(0, 10), new Date(end).toISOString().slice(0, 10)];
};

describe('the period of a budget', () => {
  it('is a calendar day, a week from Monday, or a month, in UTC', () => {
    expect(iso('daily', '2026-11-27T23:59:59.999Z')).toEqual(['2026-11-27', '2026-11-28']);
    expect(iso('weekly', '2026-11-27T12:00:00Z')).toEqual(['2026-11-23', '2026-11-30']);
    expect(iso('weekly', '2026-11-23T00:00:00Z')[0]).toBe('2026-11-23');
    expect(iso('weekly', '2026-11-22T23:59:59.999Z')[0]).toBe('2026-11-16');
    expect(iso('monthly', '2028-02-29T12:00:00Z')).toEqual(['2028-02-01', '2028-03-01']);
    expect(iso('monthly', '2026-12-31T23:59:59Z')).toEqual(['2026-12-01', '2027-01-01']);
  });

  it('holds every time once, and the next begins where it ends', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BUDGET_PERIODS),
        fc.integer({ min: Date.UTC(1960, 0, 1), max: Date.UTC(2100, 0, 1) }),
        (period, now) => {
          const { start, end } = budgetPeriodOf(period, now);
          expect(start <= now && now < end).toBe(true);
          expect(budgetPeriodOf(period, end).start).toBe(end);
          expect(budgetPeriodOf(period, start)).toEqual({ start, end });
          if (period === 'weekly') expect(new Date(start).getUTCDay()).toBe(1);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
