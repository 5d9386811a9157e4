import type { JsonObject, TokenUsage } from '../../conversation.ts';
import { count, isObject } from '../fields.ts';

/**
 * Anthropic's `usage` ("Prompt caching", tracking cache performance): `input_tokens` are those neither read from nor written to the cache, so
 * the whole input is the sum of the three. Later objects of a stream are cumulative and leave out what they do not know: `before` fills it.
 */
export function decodeUsage(value: unknown, before?: JsonObject): { usage: TokenUsage; wire: JsonObject } {
  const wire: Record<string, unknown> = { ...before };
  if (isObject(value))
    for (const field of USAGE_FIELDS)
      if (value[field] !== undefined && value[field] !== null) wire[field] = value[field];
  const cached = count(wire.cache_read_input_tokens);
  const written = count(wire.cache_creation_input_tokens);
  const details = wire.output_tokens_details;
  return {
    wire,
    usage: {
      inputTokens: count(wire.input_tokens) + cached + written,
      cachedInputTokens: cached,
      cacheWriteTokens: written,
      outputTokens: count(wire.output_tokens),
      reasoningTokens: isObject(details) ? count(details.thinking_tokens) : 0,
    },
  };
}

const USAGE_FIELDS = [
  'input_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'output_tokens',
  'output_tokens_details',
] as const;

/** Neutral usage as Anthropic's object. Audio tokens have no place in it; they are counted within the input and output. */
export function encodeUsage(usage: TokenUsage): JsonObject {
  const { cachedInputTokens, cacheWriteTokens, reasoningTokens } = usage;
  return {
    input_tokens: Math.max(0, usage.inputTokens - cachedInputTokens - cacheWriteTokens),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedInputTokens,
    output_tokens: usage.outputTokens,
    ...(reasoningTokens === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}
