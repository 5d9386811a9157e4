import type { Scored } from './score.ts';

/** An exploration keeps within these bounds, so that it costs its tenant little. */
const BOUNDS = {
  /** By how much its score may be below the best. */
  score: 0.06,
  /** By how much its expected quality may be below the best's. */
  quality: 0.1,
  /** How many times the best's cost it may cost. */
  cost: 3,
  /** Models with more calls than this are known well enough. */
  calls: 30,
} as const;

/** 0 (inclusive) to 1 (exclusive), as `Math.random`. */
export type Dice = () => number;

/**
 * The candidate to try in the best one's place, or undefined to stay with the best. With the probability `share` one of the near-best of which few calls
 * are known is drawn by Thompson sampling: each gets a draw from what its score may be, and the highest is taken, so the more promising
 * and the less known are tried more often. `ranked` is best first.
 */
export function explore(ranked: readonly Scored[], share: number, dice: Dice): Scored | undefined {
  const [best, ...others] = ranked;
  if (best === undefined || share <= 0 || dice() >= share) return undefined;
  const bestCost = best.estimate.costNano;
  if (bestCost === null) return undefined;
  let chosen: Scored | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const other of others) {
    const cost = other.estimate.costNano;
    const near =
      other.calls < BOUNDS.calls &&
      best.score - other.score <= BOUNDS.score &&
      best.quality - other.quality <= BOUNDS.quality &&
      cost !== null &&
      cost <= bestCost * BOUNDS.cost;
    if (!near) continue;
    const draw = other.score + other.unlearned * normalDraw(dice);
    if (draw > highest) [chosen, highest] = [other, draw];
  }
  return chosen;
}

/** A draw from the standard normal distribution (Box and Muller). */
function normalDraw(dice: Dice): number {
  return Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());
}
