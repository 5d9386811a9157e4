import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bucket, fullBucket, giveBack, lendable, refilled, take, waitFor } from './token-bucket.ts';

const rule = { perMinute: 60, burst: 10 };

describe('a token bucket', () => {
  it('begins full, gives whole tokens and refills evenly up to its burst', () => {
    const full = fullBucket(rule, 0);
    const first = take(full, 4);
    expect(first.taken).toBe(4);
    expect(take(refilled(first.bucket, rule, 0), 100).taken).toBe(6);
    const empty = take(full, 10).bucket;
    expect(take(refilled(empty, rule, 2_500), 9).taken).toBe(2);
    expect(refilled(empty, rule, 3_600_000).tokens).toBe(10);
  });

  it('says how long to wait for a token, and has it then', () => {
    const empty = take(fullBucket(rule, 0), 10).bucket;
    const wait = waitFor(refilled(empty, rule, 300), rule, 1);
    expect(wait).toBe(700);
    expect(take(refilled(empty, rule, 300 + wait), 1).taken).toBe(1);
    expect(waitFor(fullBucket(rule, 0), rule, 1)).toBe(0);
  });

  it('gives nothing away when the clock goes back or the rule shrinks', () => {
    const bucket: Bucket = { tokens: 3, at: 1_000 };
    expect(refilled(bucket, rule, 0).tokens).toBe(3);
    expect(refilled(bucket, { perMinute: 60, burst: 2 }, 1_000).tokens).toBe(2);
  });

  it('never gives more than the burst and what has flowed in, in any order of taking and giving back', () => {
    const step = fc.record({
      after: fc.integer({ min: 0, max: 5_000 }),
      wanted: fc.integer({ min: 0, max: 30 }),
      unused: fc.float({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        let bucket = fullBucket(rule, 0);
        let now = 0;
        let used = 0;
        for (const { after, wanted, unused } of steps) {
          now += after;
          const lent = take(refilled(bucket, rule, now), wanted);
          const returned = Math.floor(lent.taken * unused);
          used += lent.taken - returned;
          bucket = giveBack(lent.bucket, rule, returned);
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
          expect(bucket.tokens).toBeLessThanOrEqual(rule.burst);
          expect(used).toBeLessThanOrEqual(rule.burst + (now * rule.perMinute) / 60_000 + 1e-9);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what an isolate is lent', () => {
  it('is what waits there, and of what it would like beyond a quarter of the rest at most', () => {
    expect(lendable(1_000, 1, 50)).toBe(50);
    expect(lendable(100, 1, 50)).toBe(25);
    expect(lendable(3, 1, 50)).toBe(1);
    expect(lendable(1_200, 1_000, 1_500)).toBe(1_050);
    expect(lendable(0.9, 1, 50)).toBe(0);
    expect(lendable(10, 1, 1)).toBe(1);
  });

  it('is never more than there is or than was wanted, and all that is needed while there is enough', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        (tokens, needed, ahead) => {
          const lent = lendable(tokens, needed, needed + ahead);
          expect(lent).toBeLessThanOrEqual(Math.min(needed + ahead, tokens));
          expect(lent).toBeGreaterThanOrEqual(Math.min(needed, Math.floor(tokens)));
        },
      ),
    );
  });
});
