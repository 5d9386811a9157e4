import type { UsageFigures } from '../../../contracts/usage.ts';
import { nano, toUsd } from '../../../platform/money.ts';
import { merged, percentilesOf, SKETCHED, type Sketch, type Sketched } from './sketch.ts';
import { SUM_COLUMNS } from './sum-statements.ts';

/** Sums over calls and the sketch of their times: what can be added up further. */
export interface Sums {
  readonly counts: Readonly<Record<(typeof SUM_COLUMNS)[number], number>>;
  readonly times: Sketch;
}

export const NOTHING: Sums = {
  counts: Object.fromEntries(SUM_COLUMNS.map((name) => [name, 0])) as Sums['counts'],
  times: {},
};

/** The sum of two sums. Pure. */
export function addedUp(one: Sums, other: Sums): Sums {
  const counts = SUM_COLUMNS.map((name) => [name, one.counts[name] + other.counts[name]]);
  return { counts: Object.fromEntries(counts) as Sums['counts'], times: merged(one.times, other.times) };
}

/** Sums as they are shown, with what follows from them. Pure. */
export function figuresOf({ counts, times }: Sums): UsageFigures {
  const { unpriced, cost_nano, charge_nano, ...shown } = counts;
  const judged = shown.succeeded + shown.failed;
  return {
    ...shown,
    success_rate: judged === 0 ? null : shown.succeeded / judged,
    cost_usd: toUsd(nano(cost_nano)),
    cost_nano_usd: cost_nano,
    charge_usd: toUsd(nano(charge_nano)),
    charge_nano_usd: charge_nano,
    unpriced_calls: unpriced,
    latency_ms: percentiles(times, SKETCHED.latency),
    first_token_ms: percentiles(times, SKETCHED.firstToken),
  };
}

function percentiles(times: Sketch, kind: Sketched): UsageFigures['latency_ms'] {
  const found = percentilesOf(times, kind, [0.5, 0.95, 0.99]);
  return found === null ? null : { p50: found[0], p95: found[1], p99: found[2] };
}
