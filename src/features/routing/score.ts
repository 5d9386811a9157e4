import { COMPONENTS, type Component, TASKS, type Task } from '../../contracts/routing.ts';
import type { Model } from '../catalog/index.ts';
import { type Estimate, estimateCall, type RequestSize } from './estimate.ts';
import type { ModelFigures } from './figures.ts';
import type { Knowledge } from './knowledge.ts';
import type { TaskGuess } from './task/classify.ts';

/** What counts how much. Not negative, not all 0; only the proportion matters. */
export type Weights = Readonly<Record<Component, number>>;

/** A model with how well it fits a request. */
export interface Scored {
  readonly model: Model;
  /** 0 to 1: the weighted mean of the components. */
  readonly score: number;
  /** Each 0 to 1; 0.5 is as good as the median candidate. */
  readonly components: Readonly<Record<Component, number>>;
  readonly estimate: Estimate;
  /** Expected quality, 0 to 1, over the tasks that the prompt may be. */
  readonly quality: number;
  /** Standard deviation of the score by what calls have not yet shown: latency, success, length of answers. */
  readonly unlearned: number;
  /** Standard deviation of the score by all that may be otherwise, the quality's prior included. */
  readonly uncertainty: number;
  /** Calls behind the figures, with their decay. */
  readonly calls: number;
}

/**
 * How sharply a component answers to a factor between a model and the median candidate: with 1, twice as good is 0.67 and ten times as good 0.91;
 * with 0.5, four times as good is 0.67. Prices differ by factors of a hundred where latencies differ by five, and nobody feels the twentieth part of a
 * cent as they feel the twentieth second; good answers are told from bad ones by odds, and those are felt most.
 */
const SHARPNESS: Weights = { cost: 0.5, latency: 1, quality: 2, reliability: 1 };

/** The quality table may be off by so much. */
const QUALITY_SD = 0.06;
/** Failures below this share are no worse than none: a retry or a fallback hides them. */
const HARMLESS_FAILURES = 0.02;
/** A model that is down still has a latency. */
const LEAST_SUCCESS = 0.05;

/**
 * Scores models for a request, best first; equal ones by id, so that the same state always chooses the same.
 *
 * Each component compares a model with the median of the candidates by a ratio, as `ratio^s / (1 + ratio^s)`: what a call costs, how long it takes, the odds of
 * a good answer, the odds that it comes at all. The median does not move for an outlier, the scale is logarithmic, and a free model, or one that is
 * down, gets 1 or 0 and no infinity. What is weighed is what a call is worth before one knows whether it fails: a quality that only comes with the success
 * rate, and a latency that a failed attempt lengthens. A model without a known price is taken for the dearest.
 */
export function scoreModels(
  models: readonly Model[],
  request: RequestSize,
  guess: TaskGuess,
  knowledge: Knowledge,
  weights: Weights,
): Scored[] {
  const candidates = models.map((model) => candidateOf(model, request, guess, knowledge));
  const medians = Object.fromEntries(
    COMPONENTS.map((component) => [component, median(candidates.map(({ worth }) => worth[component]))]),
  ) as Record<Component, number>;
  const shares = normalised(weights);
  return candidates
    .map((candidate) => scored(candidate, guess.task, medians, shares))
    .sort((a, b) => b.score - a.score || (a.model.id < b.model.id ? -1 : 1));
}

/** Weights that add up to 1. */
export function normalised(weights: Weights): Weights {
  const total = COMPONENTS.reduce((sum, component) => sum + weights[component], 0);
  return Object.fromEntries(COMPONENTS.map((component) => [component, weights[component] / total])) as Record<
    Component,
    number
  >;
}

interface Candidate {
  readonly model: Model;
  readonly estimate: Estimate;
  readonly figures: ModelFigures;
  readonly quality: number;
  /** What is compared: the more the better, never negative; `Infinity` for what costs nothing. */
  readonly worth: Readonly<Record<Component, number>>;
}

function candidateOf(model: Model, request: RequestSize, guess: TaskGuess, knowledge: Knowledge): Candidate {
  const figures = knowledge.figures(model);
  const estimate = estimateCall(model, figures, guess, request);
  let quality = 0;
  for (const task of TASKS) quality += guess.scores[task] * knowledge.quality(model, task);
  const success = estimate.successRate;
  const comes = quality * success;
  return {
    model,
    estimate,
    figures,
    quality,
    worth: {
      cost: estimate.costNano === null ? 0 : 1 / estimate.costNano,
      latency: Math.max(success, LEAST_SUCCESS) / estimate.latencyMs,
      quality: comes / (1 - comes),
      reliability: success / (1 - success + HARMLESS_FAILURES),
    },
  };
}

function scored(
  { model, estimate, figures, quality, worth }: Candidate,
  task: Task,
  medians: Weights,
  shares: Weights,
): Scored {
  const components = Object.fromEntries(
    COMPONENTS.map((component) => [
      component,
      compared(worth[component], medians[component], SHARPNESS[component]),
    ]),
  ) as Record<Component, number>;
  const score = COMPONENTS.reduce((sum, component) => sum + shares[component] * components[component], 0);
  const { unlearned, prior } = deviations(figures, task, quality, components, shares);
  return {
    model,
    score,
    components,
    estimate,
    quality,
    unlearned,
    uncertainty: Math.hypot(unlearned, prior),
    calls: figures.calls,
  };
}

/** 0 to 1 for how a worth compares with the median's; 0.5 when they are equal, both infinite included. */
function compared(worth: number, middle: number, sharpness: number): number {
  if (worth === middle) return 0.5;
  if (worth === Number.POSITIVE_INFINITY || middle === 0) return 1;
  if (middle === Number.POSITIVE_INFINITY) return 0;
  const ratio = (worth / middle) ** sharpness;
  return ratio / (1 + ratio);
}

/**
 * How far the score may be off. Near a component's value `x`, a factor of `e^d` in what is compared moves it by `x(1 - x) · sharpness · d`; the parts are
 * taken as independent.
 */
function deviations(
  figures: ModelFigures,
  task: Task,
  quality: number,
  components: Weights,
  shares: Weights,
): { readonly unlearned: number; readonly prior: number } {
  const slope = (component: Component) =>
    shares[component] * SHARPNESS[component] * components[component] * (1 - components[component]);
  const failure = 1 - figures.successRate + HARMLESS_FAILURES;
  const latency = slope('latency') * Math.max(figures.firstToken.sd, figures.perToken.sd);
  const length = (slope('cost') + slope('latency')) * figures.output(task).sd;
  const success = (slope('reliability') * figures.successSd) / failure;
  return {
    unlearned: Math.hypot(latency, length, success),
    prior: (slope('quality') * QUALITY_SD) / (quality * (1 - quality)),
  };
}

/** The middle one; of two in the middle their geometric mean, for what is compared are ratios. Of those that have none, the finite one. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[middle - 1] ?? 0;
  if (upper === Number.POSITIVE_INFINITY) return lower === 0 ? 1 : lower;
  return lower === 0 ? upper : Math.sqrt(lower * upper);
}

/** How probable it is that the first is better than the second, by what is known of both: 0.5 to 1. Their errors are taken as independent and normal. */
export function confidenceIn(first: Scored, second: Scored | undefined): number {
  if (second === undefined) return 1;
  const spread = Math.hypot(first.uncertainty, second.uncertainty);
  if (spread === 0) return first.score > second.score ? 1 : 0.5;
  return normalCdf((first.score - second.score) / spread);
}

/** The standard normal distribution (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}
