import { median } from '../quantile.ts';
import type { Laboratory, Sample } from './laboratory.ts';

/** The samples of each row, one a round, in the order of the rounds. */
export type Samples<Row> = ReadonlyMap<Row, readonly Sample[]>;

/**
 * Measures each row once to warm it up and then once a round, every other round backwards: rows that are compared should be near each
 * other in the list, and neither is always the first.
 */
export async function interleaved<Row>(
  laboratory: Laboratory,
  rows: readonly Row[],
  rounds: number,
  measure: (row: Row) => Promise<Sample>,
): Promise<Samples<Row>> {
  const samples = new Map<Row, Sample[]>(rows.map((row) => [row, []]));
  for (const row of rows) await measure(row);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? rows : rows.toReversed();
    for (const row of order) samples.get(row)?.push(await measure(row));
    console.error(`round ${round + 1} of ${rounds}`);
  }
  await laboratory.settle();
  return samples;
}

export function medianOf(samples: readonly Sample[], value: (sample: Sample) => number): number {
  return median(samples.map(value));
}

/** The median over the rounds of one row's value against another's of the same round: what slows a whole round cancels out. */
export function against(
  samples: readonly Sample[],
  others: readonly Sample[],
  value: (sample: Sample) => number,
  compare: (mine: number, other: number) => number,
): number {
  return median(
    samples.flatMap((sample, round) => {
      const other = others[round];
      return other === undefined ? [] : [compare(value(sample), value(other))];
    }),
  );
}

export const ratio = (mine: number, other: number): number => mine / other;
export const difference = (mine: number, other: number): number => mine - other;
