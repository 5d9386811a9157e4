import type { EncodedRequest } from './codec.ts';
import type { JsonObject, WireFormat } from './conversation.ts';
import type { ProviderDefinition } from './definition.ts';
import { applyQuirks } from './wire/openai-chat/apply-quirks.ts';

const PATHS: Partial<Readonly<Record<WireFormat, string>>> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'anthropic-messages': '/messages',
};

/** Whether a client's body of this format can be sent on as it stands. Gemini's carries its model in the path; no client speaks it to us. */
export function canBeVerbatim(format: WireFormat): boolean {
  return PATHS[format] !== undefined;
}

/**
 * A client's body for a provider of the same format: the model's name is the provider's, a stream is asked for its usage, and what this server
 * calls otherwise or refuses is renamed or left out. Everything else is the client's, also what we do not know.
 */
export function verbatimRequest(
  provider: ProviderDefinition,
  format: WireFormat,
  body: JsonObject,
  model: string,
): EncodedRequest {
  const path = PATHS[format] ?? '';
  const named = { ...body, model };
  if (format !== 'openai-chat') {
    const whole = format === 'openai-responses' ? applyQuirks(named, omitOnly(provider), []) : named;
    return { path, body: whole, dropped: [] };
  }
  return {
    path,
    body: applyQuirks(withBound(withUsage(named, provider), provider), provider.quirks ?? {}, []),
    dropped: [],
  };
}

/** Names of parameters differ between the OpenAI formats only where a provider says so for chat; refusals hold for both. */
function omitOnly(provider: ProviderDefinition): { readonly omit: readonly string[] } {
  return { omit: provider.quirks?.omit ?? [] };
}

/** Usage is what is charged by: a stream is asked for it unless the server refuses the question (it then sends it unasked). */
function withUsage(body: JsonObject, { quirks }: ProviderDefinition): JsonObject {
  if (body.stream !== true) {
    if (body.stream_options === undefined) return body;
    const { stream_options: _, ...rest } = body;
    return rest;
  }
  if (quirks?.streamOptions === false) {
    const { stream_options: _, ...rest } = body;
    return rest;
  }
  const given = body.stream_options;
  const options = typeof given === 'object' && given !== null ? given : {};
  return { ...body, stream_options: { ...options, include_usage: true } };
}

/** The bound of an answer has two names: servers know one of them, or, like OpenAI's reasoning models, refuse the other. */
function withBound(body: JsonObject, { quirks }: ProviderDefinition): JsonObject {
  const wanted = quirks?.maxTokensField ?? 'max_tokens';
  const other = wanted === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  if (body[other] === undefined || body[other] === null) return body;
  const { [other]: bound, ...rest } = body;
  return { ...rest, [wanted]: rest[wanted] ?? bound };
}
