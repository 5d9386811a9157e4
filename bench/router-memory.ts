import {
  type CallSums,
  LASTING_HALF_LIFE_MS,
  type LearnedFigures,
  NO_CALLS,
  RECENT_HALF_LIFE_MS,
} from '../src/features/routing/figures.ts';
import {
  type CountedCall,
  countedAs,
  HOUR_MS,
  type HourSums,
  learnedFrom,
  type WeighedSums,
  weighed,
} from '../src/features/routing/hours.ts';

/**
 * What the database does in production, without one: calls are summed up by the hour, and summed up again with decay when asked. Hours that are over
 * only fade, each by the same factor, and are therefore kept in one sum: 2,000 refreshes of a week stay cheap.
 */
export class Memory {
  #over: readonly WeighedSums[] = [];
  #at = 0;
  readonly #current = new Map<string, HourSums>();

  count(call: CountedCall): void {
    const sums = countedAs(call);
    if (sums === undefined) return;
    const key = `${sums.hour} ${sums.model} ${sums.task}`;
    const before = this.#current.get(key);
    this.#current.set(key, before === undefined ? sums : addHours(before, sums));
  }

  /** What is known at a time; times must not go backwards. */
  learned(now: number): LearnedFigures {
    const hour = now - (now % HOUR_MS);
    const over = [...this.#current].filter(([, sums]) => sums.hour + HOUR_MS <= hour);
    this.#over = faded(this.#over, now - this.#at);
    this.#at = now;
    if (over.length > 0) {
      for (const [key] of over) this.#current.delete(key);
      this.#over = joined([
        ...this.#over,
        ...weighed(
          over.map(([, sums]) => sums),
          now,
        ),
      ]);
    }
    return learnedFrom([...this.#over, ...weighed(this.#current.values(), now)]);
  }
}

const CALLS = Object.keys(NO_CALLS) as readonly (keyof CallSums)[];

function addHours(a: HourSums, b: HourSums): HourSums {
  return {
    ...a,
    ...addCalls(a, b),
    outputN: a.outputN + b.outputN,
    outputSum: a.outputSum + b.outputSum,
    outputSq: a.outputSq + b.outputSq,
  };
}

function addCalls(a: CallSums, b: CallSums): CallSums {
  const sum: Record<keyof CallSums, number> = { ...NO_CALLS };
  for (const name of CALLS) sum[name] = a[name] + b[name];
  return sum;
}

function scale(a: CallSums, factor: number): CallSums {
  const scaled: Record<keyof CallSums, number> = { ...NO_CALLS };
  for (const name of CALLS) scaled[name] = a[name] * factor;
  return scaled;
}

function faded(sums: readonly WeighedSums[], ms: number): WeighedSums[] {
  const lasting = 2 ** (-ms / LASTING_HALF_LIFE_MS);
  const recent = 2 ** (-ms / RECENT_HALF_LIFE_MS);
  return sums.map((one) => ({
    ...one,
    lasting: scale(one.lasting, lasting),
    recent: scale(one.recent, recent),
    output: { n: one.output.n * lasting, sum: one.output.sum * lasting, sq: one.output.sq * lasting },
  }));
}

function joined(sums: readonly WeighedSums[]): WeighedSums[] {
  const byKey = new Map<string, WeighedSums>();
  for (const one of sums) {
    const key = `${one.model} ${one.task}`;
    const before = byKey.get(key);
    byKey.set(
      key,
      before === undefined
        ? one
        : {
            ...one,
            lasting: addCalls(before.lasting, one.lasting),
            recent: addCalls(before.recent, one.recent),
            output: {
              n: before.output.n + one.output.n,
              sum: before.output.sum + one.output.sum,
              sq: before.output.sq + one.output.sq,
            },
          },
    );
  }
  return [...byKey.values()];
}
