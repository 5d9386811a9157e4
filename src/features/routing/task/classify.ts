import { TASKS, type Task } from '../../../contracts/routing.ts';
import type { PromptFeatures } from '../prompt-features.ts';
import { evidenceOf, FEATURE_NAMES, isScriptFree } from './features.ts';
import learned from './weights.generated.json' with { type: 'json' };

/** What a prompt is told to be. */
export interface TaskGuess {
  readonly task: Task;
  /** How often a guess made with this figure is right, 0 to 1: the probability of `task`. */
  readonly confidence: number;
  /** Probability of each task; they add up to 1. */
  readonly scores: Readonly<Record<Task, number>>;
}

/** What training leaves: a weight for each feature and task, and how far the sums are to be believed. */
export interface Weights {
  readonly bias: readonly number[];
  /** By feature, then by task in the order of `TASKS`. */
  readonly features: readonly (readonly number[])[];
  /** The sums are divided by this before they become probabilities (temperature scaling, Guo et al. 2017). */
  readonly temperature: number;
}

/** The weights as they are committed: numbers in a line; features that say nothing are left out, and come back as zeros. */
export function readWeights(file: typeof learned): Weights {
  if (file.tasks !== TASKS.join(' '))
    throw new Error('the weights are of other tasks; run `npm run tasks:train`');
  const none = TASKS.map(() => 0);
  const byName: Readonly<Record<string, string>> = file.features;
  const numbers = (line: string) => line.split(' ').map(Number);
  return {
    bias: numbers(file.bias),
    features: FEATURE_NAMES.map((name) => {
      const line = byName[name];
      return line === undefined ? none : numbers(line);
    }),
    temperature: file.temperature,
  };
}

let committed: Weights | undefined;

/** Read when first asked for: a start-up does not pay for it. */
function committedWeights(): Weights {
  committed ??= readWeights(learned);
  return committed;
}

/** What `chat` is ahead in a text that cannot be read, as a sum of weights. */
const CHAT_WHEN_UNREADABLE = 1;

/**
 * Tells the task of a prompt: a multinomial logistic model over counted words and shapes, no model call. Looks at the begin and the end of the
 * text only, so its time has a bound. In a language that it does not know, only what holds in any language counts, and `chat` with low
 * confidence is what is left. Always answers.
 */
export function classifyTask(prompt: PromptFeatures, weights: Weights = committedWeights()): TaskGuess {
  const { indices, values, unreadable } = evidenceOf(prompt);
  const readable = 1 - unreadable;
  const sums = weights.bias.map((bias) => bias * readable);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] ?? 0;
    const value = (values[i] ?? 0) * (isScriptFree(index) ? 1 : readable);
    const row = weights.features[index];
    if (row === undefined) continue;
    for (let task = 0; task < sums.length; task++) sums[task] = (sums[task] ?? 0) + value * (row[task] ?? 0);
  }
  sums[0] = (sums[0] ?? 0) + unreadable * CHAT_WHEN_UNREADABLE;
  return guessOf(softmax(sums, weights.temperature));
}

function softmax(sums: readonly number[], temperature: number): number[] {
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp((sum - highest) / temperature));
  const total = powers.reduce((all, one) => all + one, 0);
  return powers.map((power) => power / total);
}

function guessOf(probabilities: readonly number[]): TaskGuess {
  const scores = Object.fromEntries(TASKS.map((task, i) => [task, probabilities[i] ?? 0])) as Record<
    Task,
    number
  >;
  let best: Task = TASKS[0];
  for (const task of TASKS) if (scores[task] > scores[best]) best = task;
  return { task: best, confidence: scores[best], scores };
}

/** A task that is known from elsewhere, as a guess that is sure of it. */
export function certainTask(known: Task): TaskGuess {
  const scores = Object.fromEntries(TASKS.map((task) => [task, task === known ? 1 : 0])) as Record<
    Task,
    number
  >;
  return { task: known, confidence: 1, scores };
}
