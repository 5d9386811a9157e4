import type { Feature } from '../metering/index.ts';
import type { LogSums } from './figures.ts';

/** How long answers are, by who gives them and what for. Tokens of output, whole. */
export interface AnswerLengths {
  /** What half of the answers stay within. */
  usual(modelId: string, feature: Feature): number;
  /** What nine of ten answers stay within: what is held for one. */
  likely(modelId: string, feature: Feature): number;
}

/** Sums of logarithms of answers' lengths, by model id and then by feature; over all features under the empty name. */
export type LearnedLengths = ReadonlyMap<string, ReadonlyMap<string, LogSums>>;

/** What is expected before any answer was seen: half of all within 600 tokens, nine of ten within 1,200. */
const EXPECTED_TOKENS = 600;
/** Where nine tenths of a normal distribution end, in standard deviations. */
const NINE_TENTHS = 1.2816;
const EXPECTED_SPREAD = Math.LN2 / NINE_TENTHS;
/** So many answers an expectation counts for, against those that were seen. */
const PRIOR_ANSWERS = 10;

/**
 * Bounds of what is held for an answer whose request sets none. Below the first a hold would say nothing: the answers that were seen may have been bounded by their
 * requests, and anybody's calls teach. Beyond the second a tenant would be refused for what is seldom spent: more is held while an answer grows.
 */
export const LEAST_LIKELY_TOKENS = 256;
export const MOST_LIKELY_TOKENS = 8_192;

interface Expectation {
  readonly mean: number;
  readonly spread: number;
}

const NOTHING_SEEN: Expectation = { mean: Math.log(EXPECTED_TOKENS), spread: EXPECTED_SPREAD };

/**
 * Lengths by what was learned: the expectation, moved by how long a model's answers are, moved by how long they are for the feature. Lengths are taken as
 * lognormal, as the router takes them; so their nine-tenths point follows from three sums. Pure: the same sums give the same lengths.
 */
export function answerLengths(learned: LearnedLengths): AnswerLengths {
  const found = new Map<string, Expectation>();
  const expected = (modelId: string, feature: Feature): Expectation => {
    const features = learned.get(modelId);
    if (features === undefined) return NOTHING_SEEN;
    const key = `${modelId} ${feature}`;
    let known = found.get(key);
    if (known === undefined) {
      known = moved(moved(NOTHING_SEEN, features.get('')), features.get(feature));
      found.set(key, known);
    }
    return known;
  };
  return {
    usual: (modelId, feature) => Math.max(1, Math.round(Math.exp(expected(modelId, feature).mean))),
    likely(modelId, feature) {
      const { mean, spread } = expected(modelId, feature);
      const tokens = Math.round(Math.exp(mean + NINE_TENTHS * spread));
      return Math.min(MOST_LIKELY_TOKENS, Math.max(LEAST_LIKELY_TOKENS, tokens));
    },
  };
}

/** What stands where nothing was learned. */
export const USUAL_LENGTHS = answerLengths(new Map());

/**
 * An expectation moved by what was seen: as if it were answers itself. The spread is that around the new mean, so the distance between the two counts too.
 */
function moved({ mean: before, spread }: Expectation, seen: LogSums | undefined): Expectation {
  if (seen === undefined || seen.n <= 0) return { mean: before, spread };
  const weight = PRIOR_ANSWERS + seen.n;
  const mean = (PRIOR_ANSWERS * before + seen.sum) / weight;
  const squares = PRIOR_ANSWERS * (spread * spread + before * before) + seen.sq;
  return { mean, spread: Math.sqrt(Math.max(0, squares / weight - mean * mean)) };
}
