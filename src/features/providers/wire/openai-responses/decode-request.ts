import type { DecodedRequest } from '../../codec.ts';
import type {
  ConversationRequest,
  Dropped,
  JsonObject,
  OutputFormat,
  ReasoningOptions,
  Tool,
  ToolChoice,
} from '../../conversation.ts';
import {
  given,
  invalid,
  isObject,
  name,
  object,
  oneOf,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  requestBody,
  stringRecord,
  strings,
  unknownFields,
} from '../fields.ts';
import { decodeSchema, decodeUser } from '../openai-chat/decode-request.ts';
import { decodeInput } from './decode-input.ts';

/** What the neutral form says; everything else of a body is `extra`. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'include',
  'reasoning',
  'user',
  'safety_identifier',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'stream',
]);

/** With one of these the conversation lies at the provider, and `input` may be absent. */
const STATE = ['previous_response_id', 'conversation', 'prompt'] as const;

const LOGPROBS = 'message.output_text.logprobs';

/**
 * The body of OpenAI's "Create a model response" in neutral form. `null` counts as absent. What the provider keeps or runs itself (`store`,
 * `previous_response_id`, its own tools and their items) has no neutral form and is carried in `extra`.
 */
export function decodeRequest(value: unknown): DecodedRequest {
  const body = requestBody(value);
  const dropped: Dropped[] = [];
  const instructions = optionalString(body.instructions, 'instructions');
  const { messages, placed } = decodeInput(instructions, body.input, dropped);
  const hasState = STATE.some((field) => body[field] !== undefined && body[field] !== null);
  if (!hasState && (body.input === undefined || body.input === null)) throw invalid('input', 'is needed');
  if (!hasState && messages.length === 0 && Object.keys(placed).length === 0)
    throw invalid('input', 'must not be empty');
  const extra: Record<string, unknown> = { ...unknownFields(body, KNOWN), ...placed };
  const tools = decodeTools(body.tools, extra, dropped);
  const text = optionalObject(body.text, 'text') ?? {};
  const otherText = unknownFields(text, new Set(['format', 'verbosity']));
  if (otherText !== undefined) extra.text = otherText;
  const { metadata } = body;
  const request: ConversationRequest = {
    model: name(body.model, 'model'),
    messages,
    ...(tools.length === 0 ? {} : { tools }),
    ...given('toolChoice', decodeToolChoice(body.tool_choice, extra)),
    ...given('parallelToolCalls', optionalBoolean(body.parallel_tool_calls, 'parallel_tool_calls')),
    ...given('output', decodeOutput(text.format)),
    ...given('maxTokens', optionalInteger(body.max_output_tokens, 'max_output_tokens', 1)),
    ...given('temperature', optionalNumber(body.temperature, 'temperature', 0, 2)),
    ...given('topP', optionalNumber(body.top_p, 'top_p', 0, 1)),
    ...given('logprobs', decodeLogprobs(body, extra)),
    ...given('reasoning', decodeReasoning(body.reasoning, extra)),
    ...given('verbosity', optionalString(text.verbosity, 'text.verbosity')),
    ...given('user', decodeUser(body, extra)),
    ...given(
      'metadata',
      metadata === undefined || metadata === null ? undefined : stringRecord(metadata, 'metadata'),
    ),
    ...given('serviceTier', optionalString(body.service_tier, 'service_tier')),
    ...given('promptCacheKey', optionalString(body.prompt_cache_key, 'prompt_cache_key')),
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
    extraFormat: 'openai-responses',
  };
  return { request, dropped };
}

const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters', 'strict']);

function decodeTools(value: unknown, extra: Record<string, unknown>, dropped: Dropped[]): Tool[] {
  const functions: Tool[] = [];
  const others: JsonObject[] = [];
  for (const [index, item] of (optionalArray(value, 'tools') ?? []).entries()) {
    const path = `tools[${index}]`;
    const tool = object(item, path);
    if (name(tool.type, `${path}.type`) !== 'function') {
      others.push(tool);
      continue;
    }
    for (const field of Object.keys(unknownFields(tool, FUNCTION_FIELDS) ?? {}))
      dropped.push({
        path: `${path}.${field.slice(0, 60)}`,
        reason: 'a tool has no such field in the neutral form',
      });
    functions.push({
      name: name(tool.name, `${path}.name`),
      ...given('description', optionalString(tool.description, `${path}.description`)),
      parameters: optionalObject(tool.parameters, `${path}.parameters`) ?? { type: 'object', properties: {} },
      ...given('strict', optionalBoolean(tool.strict, `${path}.strict`)),
    });
  }
  if (others.length > 0) extra.tools = others;
  return functions;
}

const CHOICES = ['auto', 'none', 'required'] as const;

function decodeToolChoice(value: unknown, extra: Record<string, unknown>): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return oneOf(value, 'tool_choice', CHOICES);
  if (!isObject(value)) throw invalid('tool_choice', 'must be a string or an object');
  if (name(value.type, 'tool_choice.type') === 'function')
    return { name: name(value.name, 'tool_choice.name') };
  extra.tool_choice = value;
  return undefined;
}

const FORMATS = ['text', 'json_object', 'json_schema'] as const;

function decodeOutput(value: unknown): OutputFormat | undefined {
  const format = optionalObject(value, 'text.format');
  if (format === undefined) return undefined;
  switch (oneOf(format.type, 'text.format.type', FORMATS)) {
    case 'text':
      return undefined;
    case 'json_object':
      return { kind: 'json_object' };
    case 'json_schema':
      return { kind: 'json_schema', ...decodeSchema(format, 'text.format') };
  }
}

/** Log-probabilities are asked for in `include`, their number in `top_logprobs`. What else is to be included is the provider's own. */
function decodeLogprobs(body: JsonObject, extra: Record<string, unknown>): number | undefined {
  const include = body.include === undefined || body.include === null ? [] : strings(body.include, 'include');
  const others = include.filter((entry) => entry !== LOGPROBS);
  if (others.length > 0) extra.include = others;
  const top = optionalInteger(body.top_logprobs, 'top_logprobs', 0, 20);
  if (include.includes(LOGPROBS)) return top ?? 0;
  return top === 0 ? undefined : top;
}

/** Thoughts are wanted when a summary is, and not when it is `null`. A summary is `auto` in neutral words; a client's own word (`detailed`) and what else it says of reasoning stay in `extra`. */
function decodeReasoning(value: unknown, extra: Record<string, unknown>): ReasoningOptions | undefined {
  const options = optionalObject(value, 'reasoning');
  if (options === undefined) return undefined;
  const effort = optionalString(options.effort, 'reasoning.effort');
  const summary = optionalString(options.summary, 'reasoning.summary');
  const older = optionalString(options.generate_summary, 'reasoning.generate_summary');
  const others = { ...unknownFields(options, new Set(['effort', 'summary', 'generate_summary'])) };
  const word = summary ?? older;
  const kept = word === undefined || word === 'auto' ? others : { ...others, summary: word };
  if (Object.keys(kept).length > 0) extra.reasoning = kept;
  const include = word !== undefined ? true : options.summary === null ? false : undefined;
  const reasoning = { ...given('effort', effort), ...given('include', include) };
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}
