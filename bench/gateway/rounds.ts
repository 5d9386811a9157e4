import { median } from '../quantile.ts';
import type { Laboratory, Sample } from './laboratory.ts';

/** The samples of each row, one a round, in the order of the rounds. */
export type Samples<Row> = ReadonlyMap<Row, readonly Sample[]>;

/**
 * Measures each row once to warm it up and then once a round. Every round begins with another row, so that none is always the first or
 * behind the same one.
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
    for (let index = 0; index < rows.length; index++) {
      const row = rows[(round + index) % rows.length];
      if (row !== undefined) samples.get(row)?.push(await measure(row));
    }
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
