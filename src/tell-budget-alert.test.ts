import { describe, expect, it } from 'vitest';
import { budgetReachedEventSchema } from './contracts/webhooks.ts';
import type { BudgetAlert } from './features/metering/index.ts';
import { budgetEvent, budgetNotice } from './tell-budget-alert.ts';

const alert = (more: Partial<BudgetAlert> = {}): BudgetAlert => ({
  budgetId: 'bud_1',
  name: 'Team',
  scope: 'tenant',
  subject: null,
  period: 'monthly',
  hard: true,
  percent: 80,
  spent: 8_124_000_000,
  limit: 10_000_000_000,
  start: Date.UTC(2026, 10, 1),
  end: Date.UTC(2026, 11, 1),
  at: Date.UTC(2026, 10, 27),
  ...more,
});
const words = (more: Partial<BudgetAlert>) => {
  const { title, body } = budgetNotice(alert(more));
  return `${title}. ${body}`;
};

describe('what is told of a budget', () => {
  it('says how much was spent, and what follows', () => {
    expect(words({})).toBe(
      'The budget “Team” is 80 % spent. $8.12 of $10.00 were spent this month. Calls that do not fit into the rest are refused. It begins anew on 2026-12-01.',
    );
    expect(words({ percent: 100, spent: 10_000_000_001, period: 'daily' })).toBe(
      'The budget “Team” is used up. $10.00 of $10.00 were spent today. Calls that it bounds are refused until it begins anew on 2026-12-01, or is raised.',
    );
    expect(words({ percent: 100, hard: false, period: 'weekly' })).toContain(
      'this week. Calls go on: this budget only counts.',
    );
    expect(words({ spent: 2_500, limit: 5_000 })).toContain('$0.0000025 of $0.000005');
    expect(words({ spent: 18_012_000, limit: 20_000_000 })).toContain('$0.018 of $0.02');
    expect(words({ spent: 99_960_000, limit: 500_000_000 })).toContain('$0.10 of $0.50');
    expect(words({ spent: 0, limit: 1_000_000_000 })).toContain('$0.00 of $1.00');
  });

  it('has one id for one limit, period and percentage, in the web app and at webhooks', () => {
    const ids = [
      alert(),
      alert({ spent: 1 }),
      alert({ percent: 90 }),
      alert({ limit: 5 }),
      alert({ start: 0 }),
    ].map((one) => [budgetNotice(one).id, budgetEvent('ten_1', one).id]);
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids.map(String)).size).toBe(4);
    expect(ids[0]?.[1]).toMatch(/^evt_[\w]+$/);
  });

  it('is posted as the contract says', () => {
    expect(budgetReachedEventSchema.parse(budgetEvent('ten_1', alert()).body)).toMatchObject({
      tenant_id: 'ten_1',
      data: { percent: 80, limit_usd: 10, spent_usd: 8.124, resets_at: '2026-12-01T00:00:00.000Z' },
    });
  });
});
