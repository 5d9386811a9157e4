import { type Nano, ZERO } from '../../platform/money.ts';
import { expectedCost, type Model } from '../catalog/index.ts';

/** Tokens that an answer is expected to have at most when its request names no bound: twice the usual length of an answer. */
const EXPECTED_OUTPUT_TOKENS = 1_200;
/** How much more than estimated the input is held for: what the estimate errs by on prose. */
const INPUT_MARGIN = 1.25;

/** What a call is estimated to use of its user's tokens a minute: its input, and the output it may be expected to have. */
export function expectedTokens({
  inputTokens,
  maxTokens,
}: {
  readonly inputTokens: number;
  readonly maxTokens: number | null;
}): number {
  return inputTokens + Math.min(maxTokens ?? EXPECTED_OUTPUT_TOKENS, EXPECTED_OUTPUT_TOKENS);
}

/**
 * What is held for a call before it is made: its input with a margin, and the output it may be expected to have, or its bound where that is
 * less. Not the worst case: a tenant with credit would be refused while nothing is spent. What an answer costs beyond is charged all the same
 * when it is settled. A model without a price is held at nothing, since nothing can be charged for it.
 */
export function holdFor(
  model: Pick<Model, 'prices'>,
  { inputTokens, maxTokens }: { readonly inputTokens: number; readonly maxTokens: number | null },
): Nano {
  const outputTokens = Math.min(maxTokens ?? EXPECTED_OUTPUT_TOKENS, EXPECTED_OUTPUT_TOKENS);
  return expectedCost(model, { inputTokens: Math.ceil(inputTokens * INPUT_MARGIN), outputTokens }) ?? ZERO;
}
