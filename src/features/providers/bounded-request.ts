import { ParallaxError } from '../../platform/errors.ts';
import { isClientRequest, isEmbeddingCall, type ModelRequest } from './client-request.ts';
import type { JsonObject, WireFormat } from './conversation.ts';

/** What the formats call the bound of an answer. */
const BOUNDS: Readonly<Record<WireFormat, string>> = {
  'openai-chat': 'max_completion_tokens',
  'openai-responses': 'max_output_tokens',
  'anthropic-messages': 'max_tokens',
  gemini: 'maxOutputTokens',
};

/**
 * The same request with another bound of its answer, in both its forms. Throws `insufficient_credit` where the thinking that is asked for leaves no room within it: providers
 * refuse such a request. Pure.
 */
export function withMaxTokens(request: ModelRequest, maxTokens: number): ModelRequest {
  if (isEmbeddingCall(request)) return request;
  if (!isClientRequest(request)) return { ...request, maxTokens };
  const { thinking } = request.body as { thinking?: { budget_tokens?: unknown } | null };
  if (Number(thinking?.budget_tokens ?? 0) >= maxTokens) {
    throw new ParallaxError(
      'insufficient_credit',
      `The credit that is free pays ${maxTokens} tokens of answer, and the request lets the model think for more (\`thinking.budget_tokens\`). Ask for less thinking, choose a cheaper model, or add credit.`,
      { param: 'thinking.budget_tokens' },
    );
  }
  const { format, body, neutral } = request;
  return {
    ...request,
    body: bounded(format, body, maxTokens),
    neutral: () => {
      const { request: said, dropped } = neutral();
      return { request: { ...said, maxTokens }, dropped };
    },
  };
}

function bounded(format: WireFormat, body: JsonObject, maxTokens: number): JsonObject {
  // Chat has two names for it, of which one is to be said.
  const { max_tokens: _, ...rest } = body;
  return { ...rest, [BOUNDS[format]]: maxTokens };
}
