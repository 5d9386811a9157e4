import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../../platform/tokens.ts';
import { cutFairly, fairShares } from './cut.ts';

describe('cutting answers to a budget', () => {
  it('leaves everything as it is when it fits', () => {
    expect(cutFairly(['short', 'also short'], 100)).toEqual([
      { text: 'short', cut: false },
      { text: 'also short', cut: false },
    ]);
  });

  it('keeps the beginning and the end of a long one, and says how much is missing', () => {
    const long = `BEGIN ${'middle words go here '.repeat(500)} END`;
    const [cut] = cutFairly([long], 200);
    expect(cut?.cut).toBe(true);
    expect(cut?.text.startsWith('BEGIN ')).toBe(true);
    expect(cut?.text.endsWith(' END')).toBe(true);
    const missing = Number(/\[… (\d+) characters left out here …\]/.exec(cut?.text ?? '')?.[1]);
    const kept = (cut?.text ?? '').replace(/\n\[….*…\]\n/, '').length;
    expect(kept + missing).toBe(long.length);
  });

  it('does not cut a short answer for a long one', () => {
    const [short, long] = cutFairly(['a few words', 'word '.repeat(5000)], 1000);
    expect(short?.cut).toBe(false);
    expect(long?.cut).toBe(true);
    expect(estimateTokens(long?.text ?? '')).toBeGreaterThan(800);
  });

  it('gives no one more than asked, nor less than an equal share when it is needed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5000), { minLength: 1, maxLength: 12 }),
        fc.nat(20_000),
        (demands, budget) => {
          const shares = fairShares(demands, budget);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(budget);
          shares.forEach((share, index) => {
            const demand = demands[index] ?? 0;
            expect(share).toBeLessThanOrEqual(demand);
            expect(share).toBeGreaterThanOrEqual(Math.min(demand, Math.floor(budget / demands.length)));
          });
        },
      ),
    );
  });

  it('never parts a surrogate pair and keeps within the budget, in any script', () => {
    const text = fc
      .array(fc.constantFrom('a', ' ', '語', '😀', 'word '), { minLength: 200, maxLength: 900 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 150 }), (long, budget) => {
        const [cut] = cutFairly([long], budget);
        expect(cut?.text.isWellFormed()).toBe(true);
        expect(estimateTokens(cut?.text ?? '')).toBeLessThanOrEqual(budget);
      }),
    );
  });
});
