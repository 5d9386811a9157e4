import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cost, fromUsd, nano, pricePerMillion, sum, toUsd } from './money.ts';

describe('money', () => {
  it('reads dollars as people write them, without binary rounding', () => {
    expect(fromUsd(0.1)).toBe(100_000_000);
    expect(fromUsd(0.29)).toBe(290_000_000);
    expect(fromUsd(1e-9)).toBe(1);
    expect(fromUsd(20)).toBe(20_000_000_000);
    expect(fromUsd(-0.000000001)).toBe(-1);
    expect(fromUsd(4.5e-10)).toBe(0);
    expect(fromUsd(5e-10)).toBe(1);
  });

  it('gives back the same nano-dollars after a trip to dollars and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), (amount) => {
        expect(fromUsd(toUsd(nano(amount)))).toBe(amount);
      }),
    );
  });

  it('refuses fractions, infinities and sums beyond what is exact', () => {
    expect(() => nano(0.5)).toThrow(RangeError);
    expect(() => fromUsd(Number.NaN)).toThrow(RangeError);
    expect(() => pricePerMillion(-1)).toThrow(RangeError);
    expect(() => sum(nano(Number.MAX_SAFE_INTEGER), nano(1))).toThrow(RangeError);
    expect(() => cost([{ units: 1.5, price: pricePerMillion(1) }])).toThrow(RangeError);
    expect(() => cost([{ units: -1, price: pricePerMillion(1) }])).toThrow(RangeError);
  });

  it('prices exactly and rounds a whole call up once, whatever its parts', () => {
    expect(cost([{ units: 1, price: pricePerMillion(0.0375) }])).toBe(38);
    expect(cost([{ units: 1000, price: pricePerMillion(0.0375) }])).toBe(37_500);
    const token = fc.record({ units: fc.nat(2_000_000), usd: fc.nat(100_000).map((cents) => cents / 1000) });
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 6 }), (tokens) => {
        const parts = tokens.map(({ units, usd }) => ({ units, price: pricePerMillion(usd) }));
        const exact = parts.reduce((total, { units, price }) => total + BigInt(units) * BigInt(price), 0n);
        const whole = BigInt(cost(parts));
        expect(whole * 1_000_000n >= exact).toBe(true);
        expect(whole * 1_000_000n - exact < 1_000_000n).toBe(true);
        expect(cost([...parts].reverse())).toBe(Number(whole));
      }),
    );
  });
});
