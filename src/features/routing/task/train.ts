import { TASKS, type Task } from '../../../contracts/routing.ts';
import type { PromptFeatures } from '../prompt-features.ts';
import type { Weights } from './classify.ts';
import { evidenceOf, FEATURE_NAMES } from './features.ts';

export interface LabelledPrompt {
  readonly task: Task;
  readonly prompt: PromptFeatures;
}

export interface TrainingOptions {
  /** How strongly weights are drawn to 0: the variance of their Gaussian prior is its inverse. */
  readonly ridge: number;
  readonly iterations: number;
}

interface Row {
  readonly task: number;
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

/**
 * Learns the weights of a multinomial logistic regression with a Gaussian prior, by gradient ascent with a momentum (Nesterov). The objective is
 * concave and nothing is drawn by chance, so the same prompts always give the same weights. Temperature is left at 1.
 */
export function train(prompts: readonly LabelledPrompt[], options: TrainingOptions): Weights {
  const rows = prompts.map(({ task, prompt }): Row => ({ task: TASKS.indexOf(task), ...evidenceOf(prompt) }));
  const width = TASKS.length;
  const size = (FEATURE_NAMES.length + 1) * width;
  const current = new Float64Array(size);
  const ahead = new Float64Array(size);
  const step = 1 / (0.25 * Math.max(...rows.map(squaredLength)) + options.ridge / rows.length);
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    const gradient = gradientAt(ahead, rows, width, options.ridge);
    const momentum = iteration / (iteration + 3);
    for (let i = 0; i < size; i++) {
      const next = (ahead[i] ?? 0) + step * (gradient[i] ?? 0);
      ahead[i] = next + momentum * (next - (current[i] ?? 0));
      current[i] = next;
    }
  }
  const rowOf = (index: number) => Array.from(current.subarray(index * width, (index + 1) * width));
  return {
    features: FEATURE_NAMES.map((_, index) => rowOf(index)),
    bias: rowOf(FEATURE_NAMES.length),
    temperature: 1,
  };
}

/** Gradient of the mean log-likelihood and of the prior, at these weights; the bias has no prior. */
function gradientAt(weights: Float64Array, rows: readonly Row[], width: number, ridge: number): Float64Array {
  const gradient = new Float64Array(weights.length);
  const biasAt = weights.length - width;
  for (const row of rows) {
    const sums = Array.from(weights.subarray(biasAt));
    for (let i = 0; i < row.indices.length; i++) {
      const from = (row.indices[i] ?? 0) * width;
      const value = row.values[i] ?? 0;
      for (let task = 0; task < width; task++)
        sums[task] = (sums[task] ?? 0) + value * (weights[from + task] ?? 0);
    }
    const highest = Math.max(...sums);
    const powers = sums.map((sum) => Math.exp(sum - highest));
    const total = powers.reduce((all, one) => all + one, 0);
    for (let task = 0; task < width; task++) {
      const error = ((task === row.task ? 1 : 0) - (powers[task] ?? 0) / total) / rows.length;
      gradient[biasAt + task] = (gradient[biasAt + task] ?? 0) + error;
      for (let i = 0; i < row.indices.length; i++) {
        const at = (row.indices[i] ?? 0) * width + task;
        gradient[at] = (gradient[at] ?? 0) + error * (row.values[i] ?? 0);
      }
    }
  }
  for (let i = 0; i < biasAt; i++)
    gradient[i] = (gradient[i] ?? 0) - (ridge / rows.length) * (weights[i] ?? 0);
  return gradient;
}

function squaredLength({ values }: Row): number {
  return 1 + values.reduce((sum, value) => sum + value * value, 0);
}
