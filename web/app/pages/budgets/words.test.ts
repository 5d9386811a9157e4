import { describe, expect, it } from 'vitest';
import { type BudgetView, createBudgetRequestSchema } from '../../../../src/contracts/budgets.ts';
import { beyondWords, inOrder, readLimit, shareWords, standingOf } from './words.ts';

const budget = (spent: number, more: Partial<BudgetView> = {}): BudgetView => ({
  id: 'bud_1',
  object: 'budget',
  name: 'Everything',
  scope: 'tenant',
  subject: null,
  period: 'monthly',
  limit_usd: 50,
  hard: true,
  spent_usd: spent,
  spent_nano_usd: Math.round(spent * 1e9),
  remaining_usd: Math.max(0, 50 - spent),
  period_start: '2026-11-01T00:00:00.000Z',
  resets_at: '2026-12-01T00:00:00.000Z',
  created_at: '2026-11-02T00:00:00.000Z',
  ...more,
});

describe('how a budget stands', () => {
  it('is said in another word at 80 and at 100 %, and beyond', () => {
    const words = [0, 39.99, 40, 49.999999999, 50, 50.01].map((spent) => standingOf(budget(spent)).word);
    expect(words).toEqual([
      'Within the limit',
      'Within the limit',
      'Nearly used up',
      'Nearly used up',
      'Used up',
      'Over the limit',
    ]);
  });

  it('says what becomes of calls, once the limit is reached and before', () => {
    const words = (spent: number, hard: boolean) => beyondWords(budget(spent, { hard }));
    expect([words(49, true), words(50, true)]).toEqual(['Calls beyond it are refused', 'Calls are refused']);
    expect([words(49, false), words(51, false)]).toEqual(['Calls beyond it go on', 'Calls go on']);
  });

  it('is never said to be further than it is', () => {
    const words = [0, 0.000000001, 0.5, 14.5, 49.999999999, 50, 612].map((spent) =>
      shareWords(budget(spent)),
    );
    expect(words).toEqual(['0 %', 'under 1 %', '1 %', '29 %', '99 %', '100 %', '1,224 %']);
  });
});

describe('a list of budgets', () => {
  it('begins with the fullest, the first by name, or what begins anew next', () => {
    const all = [
      budget(10, { name: 'B', limit_usd: 100, resets_at: '2026-11-30T00:00:00.000Z' }),
      budget(10, { name: 'C', limit_usd: 20 }),
      budget(0, { name: 'A' }),
    ];
    const names = (order: 'fullest' | 'name' | 'next') => inOrder(all, order).map(({ name }) => name);
    expect(names('fullest')).toEqual(['C', 'B', 'A']);
    expect(names('name')).toEqual(['A', 'B', 'C']);
    expect(names('next')).toEqual(['B', 'C', 'A']);
  });
});

describe('a limit that somebody types', () => {
  it('is read as dollars that the server takes', () => {
    for (const [text, usd] of [
      ['50', 50],
      [' $1,250.5 ', 1250.5],
      ['.01', 0.01],
      ['1000000.00', 1_000_000],
      ['8.', 8],
    ] as const) {
      expect(readLimit(text)).toEqual({ usd });
      expect(createBudgetRequestSchema.safeParse({ name: 'B', limit_usd: usd }).success).toBe(true);
    }
  });

  it('is refused in words where the server would refuse it', () => {
    const wrong = ['', '  ', '$', '.', 'ten', '-5', '1e3', '1.2.3', '0', '0.00', '0.001', '1000000.01'];
    for (const text of wrong) {
      const read = readLimit(text);
      expect(read, text).toMatchObject({ wrong: expect.stringMatching(/\.$/) });
      expect(
        createBudgetRequestSchema.safeParse({ name: 'B', limit_usd: Number(text || 'x') }).success &&
          text !== '1e3',
        text,
      ).toBe(false);
    }
  });
});
