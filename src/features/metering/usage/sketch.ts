import { PERCENTILE_ERROR } from '../../../contracts/usage.ts';

/**
 * Times of calls, counted in buckets that grow by a constant factor (DDSketch, Masson, Rim and Lee, VLDB 2019): every percentile of them is known with a
 * relative error of `PERCENTILE_ERROR`, and two sketches are merged by adding their counts, in any order. Two of them in one object: `l` and a
 * bucket's number for the latency, `f` and the number for the time to the first content.
 */
export type Sketch = Readonly<Record<string, number>>;

export const SKETCHED = { latency: 'l', firstToken: 'f' } as const;
export type Sketched = (typeof SKETCHED)[keyof typeof SKETCHED];

/** By how much each bucket is wider than the one before. */
export const GAMMA = (1 + PERCENTILE_ERROR) / (1 - PERCENTILE_ERROR);
/** What the statements of `sum-statements.ts` divide by. */
export const LN_GAMMA = Math.log(GAMMA);

/** The bucket of a time in milliseconds: bucket `i` holds what is above γ^(i−1) and up to γ^i. What took less than a millisecond took one. Pure. */
export function bucketOf(milliseconds: number): number {
  return Math.ceil(Math.log(Math.max(1, milliseconds)) / LN_GAMMA);
}

/** The time that stands for a bucket: as far from its lower end as from its upper, relatively. Milliseconds. Pure. */
export function timeOf(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}

/** The sum of two sketches. Pure. */
export function merged(one: Sketch, other: Sketch): Sketch {
  const sum: Record<string, number> = { ...one };
  for (const [bucket, count] of Object.entries(other)) sum[bucket] = (sum[bucket] ?? 0) + count;
  return sum;
}

/**
 * Percentiles of one kind of time: of `n` times in order the one with the number ⌈q·n⌉, as whole milliseconds. Null where there are none. Pure.
 */
export function percentilesOf<const Q extends readonly number[]>(
  sketch: Sketch,
  kind: Sketched,
  quantiles: Q,
): { readonly [K in keyof Q]: number } | null {
  const buckets = Object.entries(sketch)
    .filter(([key]) => key.startsWith(kind))
    .map(([key, count]) => [Number(key.slice(kind.length)), count] as const)
    .sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  const found = quantiles.map((quantile) => {
    const rank = Math.max(1, Math.ceil(quantile * total));
    let seen = 0;
    for (const [bucket, count] of buckets) {
      seen += count;
      if (seen >= rank) return Math.round(timeOf(bucket));
    }
    return Math.round(timeOf(buckets.at(-1)?.[0] ?? 0));
  });
  return found as unknown as { readonly [K in keyof Q]: number };
}
