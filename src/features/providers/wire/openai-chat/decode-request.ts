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
  string,
  stringRecord,
  strings,
  unknownFields,
} from '../fields.ts';
import { cacheOf, decodeMessages } from './decode-messages.ts';

/** What the neutral form says; everything else of a body is `extra`. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'n',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'reasoning',
  'verbosity',
  'user',
  'safety_identifier',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'stream',
  'stream_options',
]);

/** Most answers that one request may ask for (`n`). */
const MAX_CHOICES = 128;
/** Most likely tokens that may be asked for beside each (`top_logprobs`). */
const MAX_TOP_LOGPROBS = 20;

/**
 * The body of OpenAI's "Create chat completion" in neutral form. `null` counts as absent. Known besides: `top_k` and OpenRouter's `reasoning`;
 * `safety_identifier` stands for `user`. The functions of the time before tools are refused.
 */
export function decodeRequest(value: unknown): DecodedRequest {
  const body = requestBody(value);
  for (const field of ['functions', 'function_call'])
    if (body[field] !== undefined && body[field] !== null)
      throw invalid(field, 'is not supported: use "tools" and "tool_choice"');
  const dropped: Dropped[] = [];
  const extra: Record<string, unknown> = { ...unknownFields(body, KNOWN) };
  const tools = decodeTools(body.tools, extra, dropped);
  const streamOptions = optionalObject(body.stream_options, 'stream_options');
  const otherOptions = streamOptions && unknownFields(streamOptions, new Set(['include_usage']));
  if (otherOptions !== undefined) extra.stream_options = otherOptions;
  const request: ConversationRequest = {
    model: name(body.model, 'model'),
    messages: decodeMessages(body.messages, dropped),
    ...(tools.length === 0 ? {} : { tools }),
    ...given('toolChoice', decodeToolChoice(body.tool_choice, extra)),
    ...given('parallelToolCalls', optionalBoolean(body.parallel_tool_calls, 'parallel_tool_calls')),
    ...given('output', decodeOutput(body.response_format, extra)),
    ...given('maxTokens', decodeMaxTokens(body, dropped)),
    ...given('temperature', optionalNumber(body.temperature, 'temperature', 0, 2)),
    ...given('topP', optionalNumber(body.top_p, 'top_p', 0, 1)),
    ...given('topK', decodeTopK(body.top_k, extra)),
    ...given('stop', decodeStop(body.stop)),
    ...given('seed', optionalInteger(body.seed, 'seed')),
    ...given('choices', optionalInteger(body.n, 'n', 1, MAX_CHOICES)),
    ...given('presencePenalty', optionalNumber(body.presence_penalty, 'presence_penalty', -2, 2)),
    ...given('frequencyPenalty', optionalNumber(body.frequency_penalty, 'frequency_penalty', -2, 2)),
    ...given('logprobs', decodeLogprobs(body)),
    ...given('reasoning', decodeReasoning(body)),
    ...given('verbosity', optionalString(body.verbosity, 'verbosity')),
    ...given('user', decodeUser(body, extra)),
    ...given(
      'metadata',
      body.metadata === undefined || body.metadata === null
        ? undefined
        : stringRecord(body.metadata, 'metadata'),
    ),
    ...given('serviceTier', optionalString(body.service_tier, 'service_tier')),
    ...given('promptCacheKey', optionalString(body.prompt_cache_key, 'prompt_cache_key')),
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    ...given('includeUsage', optionalBoolean(streamOptions?.include_usage, 'stream_options.include_usage')),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
    extraFormat: 'openai-chat',
  };
  return { request, dropped };
}

const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict']);

/** Functions; tools of other types (`custom`, and those that some providers run themselves) are carried in `extra.tools`. */
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
    const at = `${path}.function`;
    const definition = object(tool.function, at);
    for (const field of Object.keys(unknownFields(definition, FUNCTION_FIELDS) ?? {}))
      dropped.push({
        path: `${at}.${field.slice(0, 60)}`,
        reason: 'a tool has no such field in the neutral form',
      });
    functions.push({
      name: name(definition.name, `${at}.name`),
      ...given('description', optionalString(definition.description, `${at}.description`)),
      parameters: optionalObject(definition.parameters, `${at}.parameters`) ?? {
        type: 'object',
        properties: {},
      },
      ...given('strict', optionalBoolean(definition.strict, `${at}.strict`)),
      ...cacheOf(tool, path),
    });
  }
  if (others.length > 0) extra.tools = others;
  return functions;
}

const CHOICES = ['auto', 'none', 'required'] as const;

function decodeToolChoice(value: unknown, extra: Record<string, unknown>): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  // `any` is Mistral's word for `required`.
  if (value === 'any') return 'required';
  if (typeof value === 'string') return oneOf(value, 'tool_choice', CHOICES);
  if (!isObject(value)) throw invalid('tool_choice', 'must be a string or an object');
  if (name(value.type, 'tool_choice.type') === 'function')
    return { name: name(object(value.function, 'tool_choice.function').name, 'tool_choice.function.name') };
  extra.tool_choice = value;
  return undefined;
}

/** `response_format`: `text` is the default; types beyond OpenAI's (`grammar`, …) are carried in `extra`. */
function decodeOutput(value: unknown, extra: Record<string, unknown>): OutputFormat | undefined {
  const format = optionalObject(value, 'response_format');
  if (format === undefined) return undefined;
  const type = name(format.type, 'response_format.type');
  if (type === 'json_object') return { kind: 'json_object' };
  if (type === 'json_schema') {
    const at = 'response_format.json_schema';
    const given = object(format.json_schema, at);
    return { kind: 'json_schema', ...decodeSchema(given, at) };
  }
  if (type !== 'text') extra.response_format = format;
  return undefined;
}

/** The named schema of an output format; both OpenAI formats write its members alike. */
export function decodeSchema(
  value: JsonObject,
  path: string,
): { name: string; schema: JsonObject; description?: string; strict?: boolean } {
  return {
    name: name(value.name, `${path}.name`),
    schema: optionalObject(value.schema, `${path}.schema`) ?? {},
    ...given('description', optionalString(value.description, `${path}.description`)),
    ...given('strict', optionalBoolean(value.strict, `${path}.strict`)),
  };
}

function decodeMaxTokens(body: JsonObject, dropped: Dropped[]): number | undefined {
  const older = optionalInteger(body.max_tokens, 'max_tokens', 1);
  const newer = optionalInteger(body.max_completion_tokens, 'max_completion_tokens', 1);
  if (older !== undefined && newer !== undefined && older !== newer)
    dropped.push({ path: 'max_tokens', reason: 'max_completion_tokens is taken' });
  return newer ?? older;
}

/** 0 and −1 switch the bound off where `top_k` is known: they are no number of tokens and stay the provider's own. */
function decodeTopK(value: unknown, extra: Record<string, unknown>): number | undefined {
  const topK = optionalInteger(value, 'top_k', -1);
  if (topK !== undefined && topK < 1) {
    extra.top_k = topK;
    return undefined;
  }
  return topK;
}

function decodeStop(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const stop = typeof value === 'string' ? [string(value, 'stop')] : strings(value, 'stop');
  return stop.length === 0 ? undefined : stop;
}

function decodeLogprobs(body: JsonObject): number | undefined {
  const wanted = optionalBoolean(body.logprobs, 'logprobs') ?? false;
  const top = optionalInteger(body.top_logprobs, 'top_logprobs', 0, MAX_TOP_LOGPROBS);
  if (wanted) return top ?? 0;
  if (top !== undefined && top > 0) throw invalid('top_logprobs', 'needs "logprobs": true');
  return undefined;
}

function decodeReasoning(body: JsonObject): ReasoningOptions | undefined {
  const word = optionalString(body.reasoning_effort, 'reasoning_effort');
  const options = optionalObject(body.reasoning, 'reasoning');
  if (options === undefined) return word === undefined ? undefined : { effort: word };
  const effort = optionalString(options.effort, 'reasoning.effort') ?? word;
  const budgetTokens = optionalInteger(options.max_tokens, 'reasoning.max_tokens', 0);
  const exclude = optionalBoolean(options.exclude, 'reasoning.exclude');
  const enabled = optionalBoolean(options.enabled, 'reasoning.enabled');
  // OpenRouter: `enabled` alone means effort medium.
  const implied =
    budgetTokens !== undefined || enabled === undefined ? undefined : enabled ? 'medium' : 'none';
  const reasoning = {
    ...given('effort', effort ?? implied),
    ...given('budgetTokens', budgetTokens),
    ...(exclude === undefined ? {} : { include: !exclude }),
  };
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

/** `safety_identifier` took the place of `user`; when both are given, it stays the provider's own. Shared by both OpenAI formats. */
export function decodeUser(body: JsonObject, extra: Record<string, unknown>): string | undefined {
  const user = optionalString(body.user, 'user');
  const identifier = optionalString(body.safety_identifier, 'safety_identifier');
  if (user === undefined) return identifier;
  if (identifier !== undefined) extra.safety_identifier = identifier;
  return user;
}
