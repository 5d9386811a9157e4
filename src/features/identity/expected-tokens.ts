/** Tokens that an answer is counted as beforehand in its user's tokens a minute when its request names no bound. */
const EXPECTED_OUTPUT_TOKENS = 1_200;

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

/** What a call used of them. Input that the provider had kept costs it next to nothing: agents send their whole conversation with every request. */
export function usedTokens({
  inputTokens,
  cachedInputTokens,
  outputTokens,
}: {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}): number {
  return Math.max(0, inputTokens - cachedInputTokens) + outputTokens;
}
