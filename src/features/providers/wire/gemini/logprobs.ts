import type { JsonObject } from '../../conversation.ts';
import { isObject } from '../fields.ts';

/**
 * `logprobsResult` ("Generating content", LogprobsResult) in the shape of OpenAI's chat completions, which is the neutral one. The bytes of a token
 * are not known: `null`.
 */
export function decodeLogprobs(value: unknown): JsonObject | undefined {
  if (!isObject(value) || !Array.isArray(value.chosenCandidates)) return undefined;
  const top: readonly unknown[] = Array.isArray(value.topCandidates)
    ? (value.topCandidates as unknown[])
    : [];
  const content = (value.chosenCandidates as readonly unknown[]).filter(isObject).map((chosen, index) => {
    const beside = top[index];
    const candidates =
      isObject(beside) && Array.isArray(beside.candidates) ? (beside.candidates as unknown[]) : [];
    return { ...tokenOf(chosen), top_logprobs: candidates.filter(isObject).map(tokenOf) };
  });
  return { content };
}

function tokenOf(candidate: JsonObject): JsonObject {
  return {
    token: typeof candidate.token === 'string' ? candidate.token : '',
    logprob: typeof candidate.logProbability === 'number' ? candidate.logProbability : 0,
    bytes: null,
  };
}

/** Log-probabilities in OpenAI's shape as `logprobsResult`; `undefined` when they are not in that shape. */
export function encodeLogprobs(logprobs: JsonObject | undefined): JsonObject | undefined {
  if (logprobs === undefined || !Array.isArray(logprobs.content)) return undefined;
  const tokens = (logprobs.content as readonly unknown[]).filter(isObject);
  return {
    chosenCandidates: tokens.map(candidateOf),
    topCandidates: tokens.map((token) => ({
      candidates: Array.isArray(token.top_logprobs)
        ? (token.top_logprobs as readonly unknown[]).filter(isObject).map(candidateOf)
        : [],
    })),
  };
}

function candidateOf(token: JsonObject): JsonObject {
  return { token: token.token ?? '', logProbability: token.logprob ?? 0 };
}
