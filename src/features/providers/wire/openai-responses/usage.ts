import { type JsonObject, NO_USAGE, type TokenUsage } from '../../conversation.ts';
import { count, isObject } from '../fields.ts';

/** `usage` of "The Response object" in neutral form; missing counts are 0, parts never larger than their whole. */
export function decodeUsage(value: unknown): TokenUsage {
  if (!isObject(value)) return NO_USAGE;
  const input = isObject(value.input_tokens_details) ? value.input_tokens_details : {};
  const output = isObject(value.output_tokens_details) ? value.output_tokens_details : {};
  const inputTokens = count(value.input_tokens);
  const outputTokens = count(value.output_tokens);
  const cachedInputTokens = Math.min(count(input.cached_tokens), inputTokens);
  return {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens: Math.min(count(input.cache_write_tokens), inputTokens - cachedInputTokens),
    outputTokens,
    reasoningTokens: Math.min(count(output.reasoning_tokens), outputTokens),
  };
}

/** `usage` for a client. */
export function encodeUsage(usage: TokenUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}
