import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type HealthSlice,
  LATENCY_STEPS,
  latencyOf,
  latencyStep,
  MAX_SLICES,
  mergeSlices,
  quantile,
  SLICE_MS,
} from './health.ts';

function counted(latencies: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const latency of latencies)
    counts.set(latencyStep(latency), (counts.get(latencyStep(latency)) ?? 0) + 1);
  return counts;
}

describe('latencies kept in steps', () => {
  it('are within 7.5 % of the truth from 6 ms to five minutes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 300_000 }), (latency) => {
        // Half a millisecond for rounding to whole ones.
        expect(Math.abs(latencyOf(latencyStep(latency)) - latency)).toBeLessThanOrEqual(
          latency * 0.075 + 0.5,
        );
      }),
    );
  });

  it('grow with the latency and never leave the steps there are', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (a, b) => {
        const steps = [latencyStep(a), latencyStep(b)];
        for (const step of steps) {
          expect(step).toBeGreaterThanOrEqual(0);
          expect(step).toBeLessThan(LATENCY_STEPS);
        }
        if (a <= b) expect(steps[0]).toBeLessThanOrEqual(steps[1] ?? 0);
      }),
    );
  });

  it('give the quantile of the nearest rank', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 6, max: 300_000 }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.95),
        (latencies, q) => {
          const sorted = latencies.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
          expect(quantile(counted(latencies), q)).toBe(latencyOf(latencyStep(exact)));
        },
      ),
    );
  });

  it('of nothing have no quantile', () => {
    expect(quantile(new Map(), 0.5)).toBeNull();
  });
});

describe('slices put together', () => {
  const slice: fc.Arbitrary<HealthSlice> = fc.record({
    start: fc.integer({ min: 0, max: 60 }).map((n) => n * SLICE_MS),
    ok: fc.nat(100),
    failed: fc.nat(100),
    firstTokens: fc
      .uniqueArray(fc.tuple(fc.nat(LATENCY_STEPS - 1), fc.integer({ min: 1, max: 9 })), {
        selector: ([step]) => step,
      })
      .map((counts) => counts.sort((a, b) => a[0] - b[0])),
  });

  it('lose no call of the slices that stay, hold each time once, in order, and are bounded', () => {
    fc.assert(
      fc.property(
        fc.array(slice, { maxLength: 60 }),
        fc.array(slice, { maxLength: 60 }),
        fc.nat(60 * SLICE_MS),
        (a, b, from) => {
          const merged = mergeSlices(a, b, from);
          expect(merged.length).toBeLessThanOrEqual(MAX_SLICES);
          const starts = merged.map((one) => one.start);
          expect(starts).toEqual([...new Set(starts)].sort((x, y) => x - y));
          const count = (slices: readonly HealthSlice[]) =>
            slices
              .filter((one) => starts.includes(one.start))
              .reduce(
                (sum, one) => sum + one.ok + one.failed + one.firstTokens.reduce((n, [, c]) => n + c, 0),
                0,
              );
          expect(count(merged)).toBe(count([...a, ...b]));
          for (const start of starts) expect(start).toBeGreaterThanOrEqual(from);
        },
      ),
    );
  });
});
