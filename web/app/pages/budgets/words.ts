import type { BudgetPeriod, BudgetScope, BudgetView } from '../../../../src/contracts/budgets.ts';
import type { Tone } from '../../../ui/badge.tsx';
import { type Level, levelOf } from '../../../ui/gauge.tsx';

/** Budgets in a person's words, and what a person types as a budget. Pure. Complete by their types: a new scope without words does not compile. */

export const SCOPE_WORDS: Readonly<
  Record<BudgetScope, { readonly name: string; readonly what: string; readonly gone: string }>
> = {
  tenant: { name: 'The whole tenant', what: 'All calls of everybody', gone: '' },
  member: { name: 'A member', what: 'All calls of one person', gone: 'Somebody who left' },
  key: { name: 'An API key', what: 'Calls with one of the keys made here', gone: 'An API key that is gone' },
  provider_key: {
    name: 'A provider key',
    what: 'Calls on one of your own contracts',
    gone: 'A provider key that is gone',
  },
};

export const PERIOD_WORDS: Readonly<
  Record<BudgetPeriod, { readonly name: string; readonly each: string; readonly present: string }>
> = {
  daily: { name: 'Day', each: 'a day', present: 'Today' },
  weekly: { name: 'Week', each: 'a week', present: 'This week' },
  monthly: { name: 'Month', each: 'a month', present: 'This month' },
};

/** A limit in whole nano-dollars. */
export const limitNano = ({ limit_usd: limit }: Pick<BudgetView, 'limit_usd'>) => Math.round(limit * 1e9);

type Spent = Pick<BudgetView, 'limit_usd' | 'spent_nano_usd'>;

const LEVELS: Readonly<Record<Level, { readonly word: string; readonly tone: Tone }>> = {
  enough: { word: 'Within the limit', tone: 'success' },
  little: { word: 'Nearly used up', tone: 'warning' },
  none: { word: 'Used up', tone: 'danger' },
};

/** How a budget stands, in words that say what its colour says. */
export function standingOf(budget: Spent): { readonly word: string; readonly tone: Tone } {
  const limit = limitNano(budget);
  return budget.spent_nano_usd > limit
    ? { word: 'Over the limit', tone: 'danger' }
    : LEVELS[levelOf(budget.spent_nano_usd, limit)];
}

/** What becomes of calls: beyond the limit, or now that it is reached. */
export function beyondWords(budget: Spent & Pick<BudgetView, 'hard'>): string {
  const what = levelOf(budget.spent_nano_usd, limitNano(budget)) === 'none' ? 'Calls' : 'Calls beyond it';
  return `${what} ${budget.hard ? 'are refused' : 'go on'}`;
}

/** “40 %”, rounded down, so that 100 % is never said before it is; “under 1 %” of what has only begun. */
export function shareWords(budget: Spent): string {
  const share = budget.spent_nano_usd / limitNano(budget);
  return share > 0 && share < 0.01
    ? 'under 1 %'
    : `${Math.floor(share * 100 + 1e-9).toLocaleString('en-US')} %`;
}

export const ORDERS = ['fullest', 'name', 'next'] as const;
export type Order = (typeof ORDERS)[number];

/** Budgets in order; equal ones stay as they came, oldest first. */
export function inOrder(budgets: readonly BudgetView[], order: Order): readonly BudgetView[] {
  const share = (budget: BudgetView) => budget.spent_nano_usd / limitNano(budget);
  return [...budgets].sort((a, b) => {
    if (order === 'name') return a.name.localeCompare(b.name, 'en');
    if (order === 'next') return Date.parse(a.resets_at) - Date.parse(b.resets_at);
    return share(b) - share(a);
  });
}

const MOST_USD = 1_000_000;

/** The dollars that somebody typed as a limit, with or without sign and commas; or what is wrong with it, in words. */
export function readLimit(text: string): { readonly usd: number } | { readonly wrong: string } {
  const plain = text.replace(/[\s$,]/g, '');
  if (plain === '') return { wrong: 'Say how much may be spent.' };
  if (!/^\d*\.?\d*$/.test(plain) || !/\d/.test(plain))
    return { wrong: 'This is not an amount. Write it like 50 or 12.50.' };
  if (/\.\d{3,}$/.test(plain)) return { wrong: 'Whole cents only: at most two digits after the point.' };
  const usd = Number(plain);
  if (usd < 0.01) return { wrong: 'At least $0.01.' };
  if (usd > MOST_USD) return { wrong: 'At most $1,000,000.' };
  return { usd };
}
