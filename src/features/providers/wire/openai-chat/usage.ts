import { type JsonObject, NO_USAGE, type TokenUsage } from '../../conversation.ts';
import { count, isObject } from '../fields.ts';

/**
 * The `usage` object ("The chat completion object") in neutral form; missing counts are 0. Also read: DeepSeek's
 * `prompt_cache_hit_tokens`, Moonshot's `cached_tokens`, LiteLLM's `cache_creation_input_tokens`. Parts are never larger than their whole.
 */
export function decodeUsage(value: unknown): TokenUsage {
  if (!isObject(value)) return NO_USAGE;
  const prompt = isObject(value.prompt_tokens_details) ? value.prompt_tokens_details : {};
  const completion = isObject(value.completion_tokens_details) ? value.completion_tokens_details : {};
  const inputTokens = count(value.prompt_tokens);
  const reasoning = count(completion.reasoning_tokens);
  const written = count(value.completion_tokens);
  // xAI counts reasoning beside completion_tokens; only its total tells.
  const beside = reasoning > 0 && count(value.total_tokens) === inputTokens + written + reasoning;
  const outputTokens = beside ? written + reasoning : written;
  const cached = count(prompt.cached_tokens ?? value.prompt_cache_hit_tokens ?? value.cached_tokens);
  const cacheWrites = count(prompt.cache_write_tokens ?? value.cache_creation_input_tokens);
  const audioIn = count(prompt.audio_tokens);
  const audioOut = count(completion.audio_tokens);
  const cachedInputTokens = Math.min(cached, inputTokens);
  return {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens: Math.min(cacheWrites, inputTokens - cachedInputTokens),
    outputTokens,
    reasoningTokens: Math.min(reasoning, outputTokens),
    ...(audioIn === 0 ? {} : { audioInputTokens: audioIn }),
    ...(audioOut === 0 ? {} : { audioOutputTokens: audioOut }),
  };
}

/** The `usage` object for a client. */
export function encodeUsage(usage: TokenUsage): JsonObject {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      audio_tokens: usage.audioInputTokens ?? 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.audioOutputTokens ?? 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
