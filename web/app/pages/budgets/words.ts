import type { BudgetPeriod, BudgetScope, BudgetView } from '../../../../src/contracts/budgets.ts';
import type { Tone } from '../../../ui/badge.tsx';
import type { NameOf } from '../usage/words.ts';

export const PERIOD_WORDS: Readonly<
  Record<BudgetPeriod, { readonly every: string; readonly present: string }>
> = {
  daily: { every: 'A day', present: 'Today' },
  weekly: { every: 'A week', present: 'This week' },
  monthly: { every: 'A month', present: 'This month' },
};

export const SCOPE_WORDS: Readonly<Record<BudgetScope, string>> = {
  tenant: 'Everything',
  member: 'A member',
  key: 'An API key',
  provider_key: 'A provider key',
};

/** Whom or what a budget bounds: “All that is spent”, “Ada’s calls”, “Calls with Build server”. Pure. */
export function boundsOf({ scope, subject }: Pick<BudgetView, 'scope' | 'subject'>, nameOf: NameOf): string {
  switch (scope) {
    case 'tenant':
      return 'All that is spent';
    case 'member':
      return `${nameOf('user', subject)}’s calls`;
    case 'key':
      return `Calls with ${nameOf('key', subject)}`;
    case 'provider_key':
      return `Calls on ${nameOf('provider_key', subject)}`;
  }
}

/** How a budget stands, in a word. Pure. */
export function budgetState({
  spent_usd: spent,
  limit_usd: limit,
  hard,
}: Pick<BudgetView, 'spent_usd' | 'limit_usd' | 'hard'>): { readonly word: string; readonly tone: Tone } {
  if (spent >= limit)
    return hard ? { word: 'Refuses calls', tone: 'danger' } : { word: 'Passed', tone: 'warning' };
  if (spent >= 0.8 * limit) return { word: 'Little left', tone: 'warning' };
  return { word: 'Within it', tone: 'success' };
}
