import type { JsonObject, TokenUsage } from '../../conversation.ts';
import { count, isObject } from '../fields.ts';

/**
 * `usageMetadata` ("Generating content", UsageMetadata): the prompt includes what came from the cache, but not the results of Google's own tools,
 * which are input as well; the candidates do not include the thoughts, which are output as well.
 */
export function decodeUsage(value: unknown): TokenUsage | undefined {
  if (!isObject(value)) return undefined;
  const thoughts = count(value.thoughtsTokenCount);
  const audioInput = modality(value.promptTokensDetails, 'AUDIO');
  const audioOutput = modality(value.candidatesTokensDetails, 'AUDIO');
  return {
    inputTokens: count(value.promptTokenCount) + count(value.toolUsePromptTokenCount),
    cachedInputTokens: count(value.cachedContentTokenCount),
    cacheWriteTokens: 0,
    outputTokens: count(value.candidatesTokenCount) + thoughts,
    reasoningTokens: thoughts,
    ...(audioInput === 0 ? {} : { audioInputTokens: audioInput }),
    ...(audioOutput === 0 ? {} : { audioOutputTokens: audioOutput }),
  };
}

function modality(details: unknown, name: string): number {
  if (!Array.isArray(details)) return 0;
  let total = 0;
  for (const detail of details as readonly unknown[])
    if (isObject(detail) && detail.modality === name) total += count(detail.tokenCount);
  return total;
}

/** Neutral usage as `usageMetadata`. Tokens written to a cache have no member of their own; they are within the prompt. */
export function encodeUsage(usage: TokenUsage): JsonObject {
  const { inputTokens, outputTokens, reasoningTokens, cachedInputTokens } = usage;
  const audio = (tokenCount: number): JsonObject[] => [{ modality: 'AUDIO', tokenCount }];
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: Math.max(0, outputTokens - reasoningTokens),
    totalTokenCount: inputTokens + outputTokens,
    ...(cachedInputTokens === 0 ? {} : { cachedContentTokenCount: cachedInputTokens }),
    ...(reasoningTokens === 0 ? {} : { thoughtsTokenCount: reasoningTokens }),
    ...(usage.audioInputTokens ? { promptTokensDetails: audio(usage.audioInputTokens) } : {}),
    ...(usage.audioOutputTokens ? { candidatesTokensDetails: audio(usage.audioOutputTokens) } : {}),
  };
}
