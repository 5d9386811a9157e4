import type { Nano } from '../../platform/money.ts';
import { expectedCost, type Model } from '../catalog/index.ts';
import type { Feature } from '../metering/index.ts';
import type { AnswerLengths } from '../routing/index.ts';

/** How much more than estimated the input is held for: what the estimate errs by on prose. */
const INPUT_MARGIN = 1.25;

export interface HeldCall {
  readonly feature: Feature;
  /** Estimated tokens of what is asked. */
  readonly inputTokens: number;
  /** The bound that the request sets; null where it sets none. */
  readonly maxTokens: number | null;
  /** Answers asked for at once; 1 when absent. */
  readonly choices?: number | undefined;
}

/**
 * What is held for a call before it is made: its input with a margin, and the output that nine of ten answers of the model stay within, or the request's
 * bound where that is less. Not the worst case: a tenant with credit would be refused while nothing is spent. Null for a model whose price is not known, which
 * credit cannot pay; a price of 0 is one.
 */
export function holdFor(
  model: Pick<Model, 'id' | 'prices' | 'maxOutputTokens'>,
  { feature, inputTokens, maxTokens, choices = 1 }: HeldCall,
  lengths: AnswerLengths,
): { readonly cost: Nano; readonly outputTokens: number } | null {
  const bound = Math.min(
    maxTokens ?? Number.POSITIVE_INFINITY,
    model.maxOutputTokens ?? Number.POSITIVE_INFINITY,
  );
  const outputTokens = choices * Math.min(lengths.likely(model.id, feature), bound);
  const cost = expectedCost(model, { inputTokens: Math.ceil(inputTokens * INPUT_MARGIN), outputTokens });
  return cost === null ? null : { cost, outputTokens };
}

/** What the longest answer is taken to be of a model that says nothing of it. Tokens. */
const LONGEST_UNKNOWN = 32_768;

/** The most tokens that the answers to a call can have, and whether anything bounds them there. */
export function mostTokens(
  model: Pick<Model, 'maxOutputTokens'>,
  { maxTokens, choices = 1 }: Pick<HeldCall, 'maxTokens' | 'choices'>,
): { readonly tokens: number; readonly known: boolean } {
  const bounds = [maxTokens, model.maxOutputTokens].filter((bound) => bound !== null);
  return {
    tokens: choices * Math.min(...bounds, bounds.length === 0 ? LONGEST_UNKNOWN : Number.POSITIVE_INFINITY),
    known: bounds.length > 0,
  };
}
