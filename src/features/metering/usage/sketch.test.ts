import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PERCENTILE_ERROR } from '../../../contracts/usage.ts';
import { bucketOf, merged, percentilesOf, SKETCHED, type Sketch, timeOf } from './sketch.ts';

const sketchOf = (times: readonly number[], kind = SKETCHED.latency as string): Sketch =>
  times.map((time): Sketch => ({ [`${kind}${bucketOf(time)}`]: 1 })).reduce(merged, {});

const QUANTILES = [0.5, 0.95, 0.99, 1] as const;
const times = fc.array(fc.integer({ min: 1, max: 3_600_000 }), { minLength: 1, maxLength: 400 });

describe('a sketch of times', () => {
  it('knows every percentile with the error that it states, and no more than rounding besides', () => {
    fc.assert(
      fc.property(times, (list) => {
        const sorted = [...list].sort((a, b) => a - b);
        const found = percentilesOf(sketchOf(list), SKETCHED.latency, QUANTILES);
        QUANTILES.forEach((quantile, i) => {
          const exact = sorted[Math.ceil(quantile * sorted.length) - 1] as number;
          expect(Math.abs((found?.[i] as number) - exact)).toBeLessThanOrEqual(
            PERCENTILE_ERROR * exact + 0.5,
          );
        });
      }),
      { numRuns: 500 },
    );
  });

  it('holds for times that lie at the ends of buckets', () => {
    for (let bucket = 0; bucket < 450; bucket++) {
      const end = timeOf(bucket) * (1 + PERCENTILE_ERROR);
      for (const time of [end * 0.999999, end, end * 1.000001].filter((one) => one >= 1))
        expect(Math.abs(timeOf(bucketOf(time)) - time) / time).toBeLessThanOrEqual(PERCENTILE_ERROR + 1e-9);
    }
  });

  it('is the same whatever order and parts its times come in', () => {
    fc.assert(
      fc.property(times, times, times, (a, b, c) => {
        const [x, y, z] = [sketchOf(a), sketchOf(b), sketchOf(c)];
        expect(merged(merged(x, y), z)).toEqual(merged(x, merged(z, y)));
        expect(merged(merged(x, y), z)).toEqual(sketchOf([...c, ...a, ...b]));
      }),
    );
  });

  it('keeps its two kinds of times apart, and says nothing where there are none', () => {
    const both = merged(sketchOf([1_000]), sketchOf([100], SKETCHED.firstToken));
    expect(percentilesOf(both, SKETCHED.latency, [0.5])?.[0]).toBeGreaterThan(900);
    expect(percentilesOf(both, SKETCHED.firstToken, [0.5])?.[0]).toBeLessThan(110);
    expect(percentilesOf(sketchOf([5]), SKETCHED.firstToken, [0.5])).toBeNull();
    expect(percentilesOf({}, SKETCHED.latency, [0.5])).toBeNull();
  });
});
