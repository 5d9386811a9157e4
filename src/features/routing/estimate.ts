import { TASKS } from '../../contracts/routing.ts';
import { expectedCost, type Model } from '../catalog/index.ts';
import { latencyMs, type ModelFigures } from './figures.ts';
import type { TaskGuess } from './task/classify.ts';

/** The size of a request, as far as it is known beforehand. Tokens. */
export interface RequestSize {
  readonly inputTokens: number;
  /** The bound that the request sets; null where it sets none. */
  readonly maxOutputTokens: number | null;
}

/** What a call is likely to be like. */
export interface Estimate {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Nano-dollars; null where a price is not known. */
  readonly costNano: number | null;
  readonly firstTokenMs: number;
  readonly latencyMs: number;
  /** 0 to 1. */
  readonly successRate: number;
}

/** What a call to a model is likely to be like, by what is believed of the model now and by how probable each task is. */
export function estimateCall(
  model: Model,
  figures: ModelFigures,
  guess: TaskGuess,
  { inputTokens, maxOutputTokens }: RequestSize,
): Estimate {
  let log = 0;
  for (const task of TASKS) log += guess.scores[task] * figures.output(task).mean;
  const bound = Math.min(
    maxOutputTokens ?? Number.POSITIVE_INFINITY,
    model.maxOutputTokens ?? Number.POSITIVE_INFINITY,
  );
  const outputTokens = Math.max(1, Math.min(Math.round(Math.exp(log)), bound));
  return {
    inputTokens,
    outputTokens,
    costNano: expectedCost(model, { inputTokens, outputTokens }),
    firstTokenMs: Math.round(Math.exp(figures.firstToken.mean)),
    latencyMs: Math.round(latencyMs(figures, outputTokens)),
    successRate: figures.successRate,
  };
}
