import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { previewOf } from './key-settings.ts';
import { inOrderOfUse, unusableBecause } from './tenant-keys.ts';

describe('a preview', () => {
  it('has the same length whatever the secret, and never more than four characters of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (secret) => {
        const preview = previewOf(secret);
        expect(preview).toHaveLength(12);
        expect(preview.slice(0, 8)).toBe('••••••••');
        const shown = preview.slice(8);
        if (shown !== '••••') expect(secret.replaceAll(/[^A-Za-z0-9]/g, '').endsWith(shown)).toBe(true);
      }),
    );
  });

  it('shows nothing of a short one', () => {
    expect(previewOf('hunter22')).toBe('••••••••••••');
    expect(previewOf('sk-0123456789abcdef')).toBe('••••••••cdef');
  });
});

describe('a provider key', () => {
  const key = { id: 'pvk_1', expiresAt: null, monthlyBudgetNano: null };

  it('is used until its end, and until its budget is spent', () => {
    expect(unusableBecause(key, new Map([['pvk_1', 9e15]]), 0)).toBeNull();
    expect(unusableBecause({ ...key, expiresAt: 10 }, new Map(), 9)).toBeNull();
    expect(unusableBecause({ ...key, expiresAt: 10 }, new Map(), 10)).toBe('expired');
    const budget = { ...key, monthlyBudgetNano: 100 };
    expect(unusableBecause(budget, new Map([['pvk_1', 99]]), 0)).toBeNull();
    expect(unusableBecause(budget, new Map([['pvk_1', 100]]), 0)).toBe('over_budget');
    expect(unusableBecause(budget, new Map([['pvk_2', 100]]), 0)).toBeNull();
  });

  it('that its provider did not accept comes last, and the order stays otherwise', () => {
    const rows = [
      { id: 'a', checkError: 'The key was not accepted.' },
      { id: 'b', checkError: null },
      { id: 'c', checkError: 'No connection.' },
      { id: 'd', checkError: null },
    ];
    expect(inOrderOfUse(rows).map(({ id }) => id)).toEqual(['b', 'd', 'a', 'c']);
  });
});
