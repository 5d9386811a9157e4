import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerLengths, LEAST_LIKELY_TOKENS, MOST_LIKELY_TOKENS, USUAL_LENGTHS } from './answer-lengths.ts';
import type { LogSums } from './figures.ts';

const sumsOf = (tokens: readonly number[]): LogSums => {
  const logs = tokens.map(Math.log);
  return {
    n: tokens.length,
    sum: logs.reduce((all, log) => all + log, 0),
    sq: logs.reduce((all, log) => all + log * log, 0),
  };
};
const added = (one: LogSums, other: LogSums): LogSums => ({
  n: one.n + other.n,
  sum: one.sum + other.sum,
  sq: one.sq + other.sq,
});
const learnedOf = (byFeature: Readonly<Record<string, readonly number[]>>) => {
  const features = new Map(Object.entries(byFeature).map(([name, tokens]) => [name, sumsOf(tokens)]));
  features.set('', [...features.values()].reduce(added, { n: 0, sum: 0, sq: 0 }));
  return answerLengths(new Map([['openai/a', features]]));
};
const many = (tokens: number, count = 500) => Array.from({ length: count }, () => tokens);

describe('the lengths of answers', () => {
  it('are the usual ones while nothing was seen, and of models that were not seen', () => {
    expect(USUAL_LENGTHS.usual('openai/a', 'chat')).toBe(600);
    expect(USUAL_LENGTHS.likely('openai/a', 'chat')).toBe(1_200);
    expect(learnedOf({ chat: many(5_000) }).likely('openai/b', 'chat')).toBe(1_200);
  });

  it('follow what was seen, and three answers do not overturn what is expected', () => {
    expect(learnedOf({ chat: many(3_000) }).usual('openai/a', 'chat')).toBeGreaterThan(2_800);
    expect(learnedOf({ chat: many(3_000, 3) }).usual('openai/a', 'chat')).toBeLessThan(1_500);
  });

  it('are told apart by feature, and a feature that was not seen goes by the model’s others', () => {
    const lengths = learnedOf({ chat: many(400), perspective: many(3_000) });
    expect(lengths.usual('openai/a', 'chat')).toBeLessThan(500);
    expect(lengths.usual('openai/a', 'perspective')).toBeGreaterThan(2_500);
    expect(learnedOf({ chat: many(3_000) }).usual('openai/a', 'messages')).toBeGreaterThan(2_000);
  });

  it('have nine tenths of what was seen within the likely one', () => {
    // Lognormal, as answers are: 2,000 draws by the quantiles of a normal distribution around 900.
    const draws = Array.from({ length: 2_000 }, (_, i) => {
      const u = (i + 0.5) / 2_000;
      // Tukey's lambda, close to the normal distribution's quantile.
      const z = (u ** 0.1349 - (1 - u) ** 0.1349) / 0.1975;
      return 900 * Math.exp(0.7 * z);
    });
    const likely = learnedOf({ chat: draws }).likely('openai/a', 'chat');
    const within = draws.filter((tokens) => tokens <= likely).length / draws.length;
    expect(within).toBeGreaterThan(0.88);
    expect(within).toBeLessThan(0.92);
  });

  it('stay within their bounds whatever was seen', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000_000 }), { maxLength: 300 }), (tokens) => {
        const likely = learnedOf({ chat: tokens }).likely('openai/a', 'chat');
        expect(Number.isSafeInteger(likely)).toBe(true);
        expect(likely).toBeGreaterThanOrEqual(LEAST_LIKELY_TOKENS);
        expect(likely).toBeLessThanOrEqual(MOST_LIKELY_TOKENS);
      }),
      { numRuns: 500 },
    );
  });

  it('never become shorter because all answers became longer', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 100 }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        (tokens, factor) => {
          const [short, long] = [
            learnedOf({ chat: tokens }),
            learnedOf({ chat: tokens.map((n) => n * factor) }),
          ];
          expect(long.usual('openai/a', 'chat')).toBeGreaterThanOrEqual(short.usual('openai/a', 'chat'));
        },
      ),
      { numRuns: 300 },
    );
  });
});
