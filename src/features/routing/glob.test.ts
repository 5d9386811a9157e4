import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fits } from './glob.ts';

describe('a pattern of names', () => {
  it.each([
    ['auto', 'auto', true],
    ['auto', 'Auto', true],
    ['auto', 'auto2', false],
    ['support-*', 'support-de', true],
    ['support-*', 'support-', true],
    ['support-*', 'sup', false],
    ['*', '', true],
    ['*-fast', 'a-fast-fast', true],
    ['gpt-*-mini', 'gpt-5-mini', true],
    ['gpt-*-mini', 'gpt-5-minis', false],
    ['a*b*c', 'axxbyybzzc', true],
    ['a.c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
  ])('%s fits %s: %s', (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected);
  });

  it('fits what the regular expression of the same meaning fits', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(piece, text, (pattern, given) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '[ab]*')}$`);
        expect(fits(pattern, given)).toBe(expression.test(given));
      }),
    );
  });

  it('is not slow for a hostile pattern', () => {
    const began = performance.now();
    expect(fits('*a'.repeat(100), `${'a'.repeat(199)}b`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(200);
  });
});
