import type { Tier } from '../../contracts/models.ts';
import { TASKS, type Task } from '../../contracts/routing.ts';
import type { Model } from '../catalog/index.ts';

/**
 * Calls to a model, each counting for less the older it is, so that counts need not be whole. Sums are of natural logarithms: a latency is told by
 * factors, and one slow call does not outweigh ten.
 */
export interface CallSums {
  /** Calls that say something of the model's reliability, and those of them that succeeded. */
  readonly n: number;
  readonly ok: number;
  /** Milliseconds to the first content. */
  readonly firstN: number;
  readonly firstSum: number;
  readonly firstSq: number;
  /** Milliseconds for each token after it. */
  readonly tokenN: number;
  readonly tokenSum: number;
  readonly tokenSq: number;
  /** Milliseconds from begin to end. */
  readonly totalN: number;
  readonly totalSum: number;
}

/** What has been learned of one model from the calls of the last week. */
export interface ModelSums {
  /** With `LASTING_HALF_LIFE_MS`: how the model usually is. */
  readonly lasting: CallSums;
  /** With `RECENT_HALF_LIFE_MS`: how it is now. */
  readonly recent: CallSums;
  /** Tokens of output by task, and over all calls under the empty name; with `LASTING_HALF_LIFE_MS`. */
  readonly output: ReadonlyMap<string, LogSums>;
}

/** A count, and sums of logarithms and of their squares. */
export interface LogSums {
  readonly n: number;
  readonly sum: number;
  readonly sq: number;
}

/** By model id. */
export type LearnedFigures = ReadonlyMap<string, ModelSums>;

export const NOTHING_LEARNED: LearnedFigures = new Map();

/**
 * How long it takes until a call counts half, in milliseconds: once for how a model usually is, once for how it is now. One figure cannot do both:
 * a short memory forgets a model that is seldom called, and a long one sees an outage or a slow spell when it is over
 * (`npm run bench:router` was used to choose them).
 */
export const LASTING_HALF_LIFE_MS = 24 * 60 * 60 * 1000;
export const RECENT_HALF_LIFE_MS = 60 * 60 * 1000;

/**
 * What is expected of a model before it was ever called, by its tier: milliseconds to the first content and for each token after it. Rough
 * figures of what such models take; what counts is their order, until calls say better.
 */
const EXPECTED: Readonly<Record<Tier, { readonly firstTokenMs: number; readonly msPerToken: number }>> = {
  premium: { firstTokenMs: 1_500, msPerToken: 20 },
  normal: { firstTokenMs: 900, msPerToken: 13 },
  eco: { firstTokenMs: 500, msPerToken: 8 },
};

/** Tokens of an answer that are expected before any was seen, by task. */
const EXPECTED_OUTPUT: Readonly<Record<Task, number>> = {
  chat: 200,
  coding: 800,
  reasoning: 700,
  math: 500,
  writing: 500,
  summarization: 250,
  extraction: 150,
  translation: 200,
  vision: 200,
  tool_use: 120,
};

const EXPECTED_SUCCESS = 0.985;

/**
 * So many calls an expectation counts for: that of the tier against what was ever seen, and that against what was seen of late. Three lucky calls
 * do not overturn it, thirty do.
 */
const PRIOR_CALLS = 10;
/** The same for success: one failure among the first five calls must not look like an outage. */
const PRIOR_SUCCESS_CALLS = 40;
/** How far apart single calls are expected to lie, as standard deviations of logarithms. */
const FIRST_TOKEN_SPREAD = 0.5;
const TOKEN_SPREAD = 0.35;
const OUTPUT_SPREAD = 0.8;

/** A mean of logarithms, and how far it may be off (its standard deviation). */
export interface LogFigure {
  readonly mean: number;
  readonly sd: number;
}

/** What is believed of a model now: the expectation of its tier, moved by how it has been, moved by how it is of late. */
export interface ModelFigures {
  readonly firstToken: LogFigure;
  readonly perToken: LogFigure;
  /** By how much calls took longer than first token and output say (they were not streamed, or ended late); 1 where nothing says so. */
  readonly totalFactor: number;
  readonly successRate: number;
  readonly successSd: number;
  /** Recent calls, with their decay. */
  readonly calls: number;
  /** Tokens of an answer to a task. */
  output(task: Task): LogFigure;
}

/** What is believed of a model. Pure: the same sums always give the same figures. */
export function figuresOf(model: Pick<Model, 'tier'>, sums: ModelSums | undefined): ModelFigures {
  const expected = EXPECTED[model.tier];
  const { lasting, recent, output } = sums ?? { lasting: NO_CALLS, recent: NO_CALLS, output: new Map() };
  const usualFirst = blend(Math.log(expected.firstTokenMs), FIRST_TOKEN_SPREAD, firstOf(lasting));
  const usualToken = blend(Math.log(expected.msPerToken), TOKEN_SPREAD, tokenOf(lasting));
  const usualSuccess =
    (PRIOR_SUCCESS_CALLS * EXPECTED_SUCCESS + lasting.ok) / (PRIOR_SUCCESS_CALLS + lasting.n);
  const successCalls = PRIOR_SUCCESS_CALLS + recent.n;
  const successRate = (PRIOR_SUCCESS_CALLS * usualSuccess + recent.ok) / successCalls;
  return {
    firstToken: blend(usualFirst.mean, FIRST_TOKEN_SPREAD, firstOf(recent)),
    perToken: blend(usualToken.mean, TOKEN_SPREAD, tokenOf(recent)),
    totalFactor: totalFactorOf(lasting, output.get('') ?? NONE, usualFirst, usualToken),
    successRate,
    successSd: Math.sqrt((successRate * (1 - successRate)) / (successCalls + 1)),
    calls: recent.n,
    output: outputsOf(output),
  };
}

/** Milliseconds that an answer of so many tokens takes. */
export function latencyMs(figures: ModelFigures, outputTokens: number): number {
  const spoken = Math.exp(figures.firstToken.mean) + Math.exp(figures.perToken.mean) * outputTokens;
  return spoken * figures.totalFactor;
}

export const NO_CALLS: CallSums = {
  n: 0,
  ok: 0,
  firstN: 0,
  firstSum: 0,
  firstSq: 0,
  tokenN: 0,
  tokenSum: 0,
  tokenSq: 0,
  totalN: 0,
  totalSum: 0,
};
const NONE: LogSums = { n: 0, sum: 0, sq: 0 };

function firstOf({ firstN, firstSum, firstSq }: CallSums): LogSums {
  return { n: firstN, sum: firstSum, sq: firstSq };
}

function tokenOf({ tokenN, tokenSum, tokenSq }: CallSums): LogSums {
  return { n: tokenN, sum: tokenSum, sq: tokenSq };
}

/** An expected mean, moved by what was seen (a normal distribution's posterior, the spread being taken as nearly known). */
function blend(expected: number, spread: number, seen: LogSums): LogFigure {
  const weight = PRIOR_CALLS + seen.n;
  const mean = (PRIOR_CALLS * expected + seen.sum) / weight;
  // The spread that was seen counts beside the expected one; rounding must not make it negative.
  const seenSquares = Math.max(0, seen.sq - (seen.n === 0 ? 0 : (seen.sum * seen.sum) / seen.n));
  const variance = (PRIOR_CALLS * spread * spread + seenSquares) / weight;
  return { mean, sd: Math.sqrt(variance / weight) };
}

function totalFactorOf(
  { totalN, totalSum }: CallSums,
  output: LogSums,
  firstToken: LogFigure,
  perToken: LogFigure,
): number {
  if (totalN === 0 || output.n === 0) return 1;
  const usual = Math.exp(firstToken.mean) + Math.exp(perToken.mean) * Math.exp(output.sum / output.n);
  const seen = totalSum / totalN - Math.log(usual);
  return Math.exp((totalN / (PRIOR_CALLS + totalN)) * seen);
}

const USUAL_OUTPUT_LOG = TASKS.reduce((sum, task) => sum + Math.log(EXPECTED_OUTPUT[task]), 0) / TASKS.length;

/**
 * Answers' lengths: each task begins at what is expected of it, moved by how much longer or shorter this model's answers are than expected, and
 * then by the task's own calls. Calls whose task nobody told are held against the mean over tasks.
 */
function outputsOf(output: ModelSums['output']): (task: Task) => LogFigure {
  const all = output.get('') ?? NONE;
  let untold = all.n;
  let longer = all.sum;
  for (const task of TASKS) {
    const own = output.get(task) ?? NONE;
    untold -= own.n;
    longer -= own.n * Math.log(EXPECTED_OUTPUT[task]);
  }
  longer -= Math.max(0, untold) * USUAL_OUTPUT_LOG;
  const habit = longer / (PRIOR_CALLS + all.n);
  return (task) => blend(Math.log(EXPECTED_OUTPUT[task]) + habit, OUTPUT_SPREAD, output.get(task) ?? NONE);
}
