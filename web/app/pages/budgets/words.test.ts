import { describe, expect, it } from 'vitest';
import { boundsOf, budgetState } from './words.ts';

describe('the words of a budget', () => {
  it('say whom it bounds, by name', () => {
    const nameOf = (group: string, value: string | null) => `${group}:${value}`;
    expect(boundsOf({ scope: 'tenant', subject: null }, nameOf)).toBe('All that is spent');
    expect(boundsOf({ scope: 'member', subject: 'usr_1' }, nameOf)).toBe('user:usr_1’s calls');
    expect(boundsOf({ scope: 'key', subject: 'key_1' }, nameOf)).toBe('Calls with key:key_1');
    expect(boundsOf({ scope: 'provider_key', subject: 'pvk_1' }, nameOf)).toBe('Calls on provider_key:pvk_1');
  });

  it('say how it stands: little left from 80 %, and at its end what follows', () => {
    const word = (spent_usd: number, hard = true) => budgetState({ spent_usd, limit_usd: 10, hard }).word;
    expect([0, 7.99, 8, 9.99, 10, 12].map((spent) => word(spent))).toEqual([
      'Within it',
      'Within it',
      'Little left',
      'Little left',
      'Refuses calls',
      'Refuses calls',
    ]);
    expect(word(10, false)).toBe('Passed');
  });
});
