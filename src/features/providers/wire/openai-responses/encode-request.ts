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
import { given } from '../fields.ts';
import { applyQuirks } from '../openai-chat/apply-quirks.ts';
import { serviceTier } from '../openai-chat/encode-request.ts';
import type { OpenAiQuirks } from '../openai-chat/quirks.ts';
import { effortOf } from '../openai-chat/reasoning.ts';
import { encodeInput } from './encode-input.ts';
import { takePlacedItems } from './placed-items.ts';

/**
 * A neutral request as the body of OpenAI's "Create a model response". A conversation that did not come in this format carries all its
 * state itself: the provider is told to keep nothing (`store: false`) and, where reasoning is asked for, to give it encrypted.
 */
export function encodeRequest(request: ConversationRequest, quirks: OpenAiQuirks = {}): EncodedRequest {
  const dropped: Dropped[] = [];
  const own = request.extraFormat === 'openai-responses';
  const { items, rest } = takePlacedItems(own ? (request.extra ?? {}) : {});
  const { instructions, input } = encodeInput(request.messages, items, {
    quirks,
    dropped,
    stored: own && request.extra?.store !== false,
  });
  const include = [
    ...(request.logprobs === undefined ? [] : ['message.output_text.logprobs']),
    ...(own || !reasons(request) ? [] : ['reasoning.encrypted_content']),
  ];
  const body: JsonObject = {
    model: request.model,
    ...given('instructions', instructions),
    input,
    ...tools(request, dropped),
    ...text(request),
    ...given('max_output_tokens', maxOutputTokens(request, dropped)),
    ...given('temperature', request.temperature),
    ...given('top_p', request.topP),
    ...(request.logprobs === undefined || request.logprobs === 0 ? {} : { top_logprobs: request.logprobs }),
    ...(include.length === 0 ? {} : { include }),
    ...reasoning(request, dropped),
    ...given('user', request.user),
    ...given('metadata', request.metadata),
    ...serviceTier(request, 'openai-responses', dropped),
    ...given('prompt_cache_key', request.promptCacheKey),
    ...(own ? {} : { store: false }),
    ...(request.stream ? { stream: true } : {}),
  };
  nameTheUnsaid(request, dropped);
  const whole = withExtra(body, own ? { ...request, extra: rest } : request, 'openai-responses', dropped);
  return { path: '/responses', body: applyQuirks(whole, quirks, dropped), dropped };
}

/** The least `max_output_tokens` that OpenAI takes. */
const MIN_OUTPUT_TOKENS = 16;

/** A client of this format hears the API's own refusal; a bound from another one, which knows no least, is raised to it. */
function maxOutputTokens(request: ConversationRequest, dropped: Dropped[]): number | undefined {
  const { maxTokens } = request;
  if (maxTokens === undefined || maxTokens >= MIN_OUTPUT_TOKENS || request.extraFormat === 'openai-responses')
    return maxTokens;
  dropped.push({ path: 'maxTokens', reason: `sent as ${MIN_OUTPUT_TOKENS}, the least that the API takes` });
  return MIN_OUTPUT_TOKENS;
}

function reasons(request: ConversationRequest): boolean {
  const { reasoning } = request;
  return reasoning !== undefined && reasoning.effort !== 'none' && reasoning.budgetTokens !== 0;
}

function tools(request: ConversationRequest, dropped: Dropped[]): JsonObject {
  const own = request.extraFormat === 'openai-responses';
  const functions = request.tools ?? [];
  if (functions.length === 0 && !(own && Array.isArray(request.extra?.tools))) {
    for (const path of ['toolChoice', 'parallelToolCalls'] as const)
      if (request[path] !== undefined) dropped.push({ path, reason: 'the request has no tools' });
    return {};
  }
  for (const [at, tool] of functions.entries())
    if (tool.cache !== undefined)
      dropped.push({ path: `tools[${at}].cache`, reason: 'a tool carries no cache breakpoint here' });
  return {
    ...(functions.length === 0 ? {} : { tools: functions.map((tool) => encodeTool(tool, own)) }),
    ...given(
      'tool_choice',
      request.toolChoice === undefined ? undefined : encodeToolChoice(request.toolChoice),
    ),
    ...given('parallel_tool_calls', request.parallelToolCalls),
  };
}

/** Functions are strict here unless told otherwise, and in no other format: only a tool that came in this one leaves it open. */
export function encodeTool(tool: Tool, leaveStrictOpen: boolean): JsonObject {
  return {
    type: 'function',
    name: tool.name,
    ...given('description', tool.description),
    parameters: tool.parameters,
    ...given('strict', tool.strict ?? (leaveStrictOpen ? undefined : false)),
  };
}

export function encodeToolChoice(choice: ToolChoice): string | JsonObject {
  return typeof choice === 'string' ? choice : { type: 'function', name: choice.name };
}

function text(request: ConversationRequest): JsonObject {
  if (request.output === undefined && request.verbosity === undefined) return {};
  return {
    text: {
      ...given('format', request.output === undefined ? undefined : encodeTextFormat(request.output)),
      ...given('verbosity', request.verbosity),
    },
  };
}

export function encodeTextFormat(output: OutputFormat): JsonObject {
  if (output.kind === 'json_object') return { type: 'json_object' };
  return {
    type: 'json_schema',
    name: output.name,
    ...given('description', output.description),
    schema: output.schema,
    ...given('strict', output.strict),
  };
}

/** Thoughts come back as summaries, when asked for; `null` says that they are not wanted. */
function reasoning(request: ConversationRequest, dropped: Dropped[]): JsonObject {
  const options = request.reasoning;
  if (options === undefined) return {};
  const effort = effortOf(options, dropped);
  // A summary in a client's own word (`detailed`) lies in extra.
  const worded = request.extraFormat === 'openai-responses' && isWorded(request.extra?.reasoning);
  const summary = options.include === undefined || worded ? undefined : options.include ? 'auto' : null;
  const members = { ...given('effort', effort), ...given('summary', summary) };
  return Object.keys(members).length === 0 ? {} : { reasoning: members };
}

function isWorded(reasoning: unknown): boolean {
  return typeof reasoning === 'object' && reasoning !== null && 'summary' in reasoning;
}

function nameTheUnsaid(request: ConversationRequest, dropped: Dropped[]): void {
  for (const path of ['topK', 'seed', 'presencePenalty', 'frequencyPenalty'] as const)
    if (request[path] !== undefined) dropped.push({ path, reason: 'the format has no such parameter' });
  if (request.stop !== undefined && request.stop.length > 0)
    dropped.push({ path: 'stop', reason: 'the format has no such parameter' });
  if (request.choices !== undefined && request.choices !== 1)
    dropped.push({ path: 'choices', reason: 'the format gives one answer' });
}
