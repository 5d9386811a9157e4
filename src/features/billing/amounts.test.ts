import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centsOfNano, nanoOfCents, share } from './amounts.ts';

describe('cents and nano-dollars', () => {
  it('come to the same there and back, exactly', () => {
    fc.assert(
      fc.property(fc.nat(900_000_000), (cents) => {
        expect(centsOfNano(nanoOfCents(cents))).toBe(cents);
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuse %s cents', (cents) => {
    expect(() => nanoOfCents(cents)).toThrow(RangeError);
  });

  it('refuse nano-dollars that would break a cent', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 12), (amount) => {
        if (amount % 10_000_000 === 0) return;
        expect(() => centsOfNano(amount)).toThrow(RangeError);
      }),
    );
  });

  it('are shared without ever giving more than the whole', () => {
    fc.assert(
      fc.property(
        fc.nat(10 ** 13),
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1 }),
        (whole, parts) => {
          const of = parts.reduce((sum, part) => sum + part, 0);
          const given = parts.reduce((sum, part) => sum + share(whole, part, of), 0);
          expect(given).toBeLessThanOrEqual(whole);
          expect(whole - given).toBeLessThan(parts.length);
          expect(share(whole, of, of)).toBe(whole);
        },
      ),
    );
  });
});
