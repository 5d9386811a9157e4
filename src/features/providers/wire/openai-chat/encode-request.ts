import type { EncodedRequest } from '../../codec.ts';
import type {
  ConversationRequest,
  Dropped,
  JsonObject,
  OutputFormat,
  Tool,
  ToolChoice,
} from '../../conversation.ts';
import { withExtra } from '../extras.ts';
import { applyQuirks } from './apply-quirks.ts';
import { encodeMessages } from './encode-messages.ts';
import type { OpenAiQuirks } from './quirks.ts';
import { effortOf } from './reasoning.ts';

/**
 * A neutral request as the body of OpenAI's "Create chat completion". A streamed answer is always asked for its usage. Without a quirk
 * the bound is `max_tokens`, which servers of other makers know too.
 */
export function encodeRequest(request: ConversationRequest, quirks: OpenAiQuirks = {}): EncodedRequest {
  const dropped: Dropped[] = [];
  const body: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, quirks, dropped),
    ...tools(request, quirks, dropped),
    ...(request.output === undefined ? {} : { response_format: responseFormat(request.output) }),
    ...member(quirks.maxTokensField ?? 'max_tokens', request.maxTokens),
    ...member('temperature', request.temperature),
    ...member('top_p', request.topP),
    ...topK(request.topK, quirks, dropped),
    ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop: request.stop }),
    ...member('seed', request.seed),
    ...member('n', request.choices),
    ...member('presence_penalty', request.presencePenalty),
    ...member('frequency_penalty', request.frequencyPenalty),
    ...logprobs(request.logprobs),
    ...reasoning(request, quirks, dropped),
    ...member('verbosity', request.verbosity),
    ...member('user', request.user),
    ...member('metadata', request.metadata),
    ...serviceTier(request, 'openai-chat', dropped),
    ...member('prompt_cache_key', request.promptCacheKey),
    ...(request.stream ? streaming(quirks) : {}),
  };
  const whole = withExtra(body, request, 'openai-chat', dropped);
  return { path: '/chat/completions', body: applyQuirks(whole, quirks, dropped), dropped };
}

function member(name: string, value: unknown): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

function streaming(quirks: OpenAiQuirks): JsonObject {
  return quirks.streamOptions === false
    ? { stream: true }
    : { stream: true, stream_options: { include_usage: true } };
}

/** Tools with what belongs to them; the API refuses `tool_choice` and `parallel_tool_calls` without tools. */
function tools(request: ConversationRequest, quirks: OpenAiQuirks, dropped: Dropped[]): JsonObject {
  const own = request.extraFormat === 'openai-chat' && Array.isArray(request.extra?.tools);
  const functions = request.tools ?? [];
  if (functions.length === 0 && !own) {
    for (const path of ['toolChoice', 'parallelToolCalls'] as const)
      if (request[path] !== undefined) dropped.push({ path, reason: 'the request has no tools' });
    return {};
  }
  return {
    ...(functions.length === 0
      ? {}
      : { tools: functions.map((tool, at) => toolDefinition(tool, `tools[${at}]`, quirks, dropped)) }),
    ...(request.toolChoice === undefined ? {} : { tool_choice: toolChoice(request.toolChoice) }),
    ...member('parallel_tool_calls', request.parallelToolCalls),
  };
}

function toolDefinition(tool: Tool, path: string, quirks: OpenAiQuirks, dropped: Dropped[]): JsonObject {
  const marked = tool.cache !== undefined && quirks.cacheMarks === 'cache_control';
  if (tool.cache !== undefined && !marked)
    dropped.push({ path: `${path}.cache`, reason: 'a tool carries no cache breakpoint here' });
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...member('description', tool.description),
      parameters: tool.parameters,
      ...member('strict', tool.strict),
    },
    ...(marked ? { cache_control: { type: 'ephemeral', ...member('ttl', tool.cache?.ttl) } } : {}),
  };
}

function toolChoice(choice: ToolChoice): string | JsonObject {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function responseFormat(output: OutputFormat): JsonObject {
  if (output.kind === 'json_object') return { type: 'json_object' };
  return {
    type: 'json_schema',
    json_schema: {
      name: output.name,
      ...member('description', output.description),
      schema: output.schema,
      ...member('strict', output.strict),
    },
  };
}

function topK(value: number | undefined, quirks: OpenAiQuirks, dropped: Dropped[]): JsonObject {
  if (value === undefined) return {};
  if (quirks.topK === true) return { top_k: value };
  dropped.push({ path: 'topK', reason: 'the provider has no such parameter' });
  return {};
}

function logprobs(value: number | undefined): JsonObject {
  if (value === undefined) return {};
  return value === 0 ? { logprobs: true } : { logprobs: true, top_logprobs: value };
}

function reasoning(request: ConversationRequest, quirks: OpenAiQuirks, dropped: Dropped[]): JsonObject {
  const options = request.reasoning;
  if (options === undefined) return {};
  const { effort, budgetTokens, include } = options;
  if (quirks.reasoningParameter === 'reasoning') {
    if (effort !== undefined && budgetTokens !== undefined)
      dropped.push({ path: 'reasoning.effort', reason: 'only one of effort and budget can be said' });
    const amount = budgetTokens === undefined ? member('effort', effort) : budgetOf(budgetTokens);
    return { reasoning: { ...amount, ...(include === undefined ? {} : { exclude: !include }) } };
  }
  if (include !== undefined) {
    const alone = effort === undefined && budgetTokens === undefined;
    const path = alone ? 'reasoning' : 'reasoning.include';
    dropped.push({ path, reason: 'the format cannot ask for thoughts' });
  }
  return member('reasoning_effort', effortOf(options, dropped));
}

function budgetOf(budgetTokens: number): JsonObject {
  return budgetTokens === 0 ? { effort: 'none' } : { max_tokens: budgetTokens };
}

const TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority']);

/** A tier in another format's words would be refused; one that came in this format, or from nowhere, is the provider's own. */
export function serviceTier(
  request: ConversationRequest,
  format: 'openai-chat' | 'openai-responses',
  dropped: Dropped[],
): JsonObject {
  const tier = request.serviceTier;
  if (tier === undefined) return {};
  if (TIERS.has(tier) || request.extraFormat === undefined || request.extraFormat === format)
    return { service_tier: tier };
  dropped.push({ path: 'serviceTier', reason: `not a tier that the format knows` });
  return {};
}
