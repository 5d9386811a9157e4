import type { DecodedRequest } from '../../codec.ts';
import type {
  ConversationRequest,
  Dropped,
  JsonObject,
  Message,
  OutputFormat,
  ReasoningOptions,
  Tool,
  ToolChoice,
} from '../../conversation.ts';
import {
  array,
  given,
  integer,
  invalid,
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
  strings,
  unknownFields,
} from '../fields.ts';
import { addAssistantTurn, addToolResults } from '../turns.ts';
import {
  assistantContent,
  cacheOf,
  type DecodeContext,
  entriesOf,
  systemParts,
  userContent,
} from './decode-content.ts';
import { DEFAULT_SCHEMA_NAME } from './encode-request.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
  'service_tier',
  'stream',
]);

/**
 * A body of Anthropic's "Create a Message" in neutral form. Tools of Anthropic's own, and every parameter without a neutral form, are kept
 * in `extra`; blocks and fields inside the messages that have none are named in `dropped`.
 */
export function decodeRequest(value: unknown): DecodedRequest {
  const body = requestBody(value);
  const dropped: Dropped[] = [];
  const tools = decodeTools(body.tools, dropped);
  const choice = decodeToolChoice(body.tool_choice);
  const config = optionalObject(body.output_config, 'output_config');
  const thinking = decodeThinking(body.thinking, config);
  const stop = optionalArray(body.stop_sequences, 'stop_sequences');
  const metadata = optionalObject(body.metadata, 'metadata');
  const extra: Record<string, unknown> = Object.fromEntries(Object.entries(unknownFields(body, KNOWN) ?? {}));
  if (tools.own.length > 0) extra.tools = tools.own;
  if (thinking.extra !== undefined) extra.thinking = thinking.extra;
  const moreConfig = config && unknownFields(config, new Set(['effort', 'format']));
  if (moreConfig !== undefined) extra.output_config = moreConfig;
  const moreMetadata = metadata && unknownFields(metadata, new Set(['user_id']));
  if (moreMetadata !== undefined) extra.metadata = moreMetadata;
  const tier = optionalString(body.service_tier, 'service_tier');

  const request: ConversationRequest = {
    model: name(body.model, 'model'),
    messages: decodeMessages(body, dropped),
    ...(tools.functions.length === 0 ? {} : { tools: tools.functions }),
    ...choice,
    ...given('output', decodeOutput(config)),
    maxTokens: integer(body.max_tokens, 'max_tokens', 0),
    ...given('temperature', optionalNumber(body.temperature, 'temperature', 0, 1)),
    ...given('topP', optionalNumber(body.top_p, 'top_p', 0, 1)),
    ...given('topK', optionalInteger(body.top_k, 'top_k', 0)),
    ...(stop === undefined || stop.length === 0 ? {} : { stop: strings(stop, 'stop_sequences') }),
    ...given('reasoning', thinking.reasoning),
    ...given('user', optionalString(metadata?.user_id, 'metadata.user_id')),
    ...given('serviceTier', tier === 'standard_only' ? 'default' : tier),
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    ...(Object.keys(extra).length === 0 ? {} : { extra, extraFormat: 'anthropic-messages' as const }),
  };
  return { request, dropped };
}

function decodeMessages(body: JsonObject, dropped: Dropped[]): Message[] {
  const context: DecodeContext = { dropped, callNames: new Map() };
  const messages: Message[] = [];
  if (body.system !== undefined && body.system !== null) {
    const parts = systemParts(body.system, 'system', dropped);
    if (parts.length > 0) messages.push({ role: 'system', parts });
  }
  for (const [index, item] of array(body.messages, 'messages').entries()) {
    const path = `messages[${index}]`;
    const message = object(item, path);
    const at = `${path}.content`;
    switch (oneOf(message.role, `${path}.role`, ['user', 'assistant', 'system'])) {
      case 'user': {
        const { parts, results } = userContent(message.content, at, context);
        addToolResults(messages, results);
        if (parts.length > 0) messages.push({ role: 'user', parts });
        break;
      }
      case 'assistant': {
        const parts = assistantContent(message.content, at, context);
        addAssistantTurn(messages, parts, (before, after) => [...before, ...after]);
        break;
      }
      case 'system': {
        const parts = systemParts(message.content, at, dropped);
        if (parts.length > 0) messages.push({ role: 'system', parts });
        break;
      }
    }
  }
  return messages;
}

const TOOL_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
]);

/** Functions, and the tools of Anthropic's own (`web_search_…`, `bash_…`), which only its wire can carry. */
function decodeTools(value: unknown, dropped: Dropped[]): { functions: Tool[]; own: JsonObject[] } {
  const functions: Tool[] = [];
  const own: JsonObject[] = [];
  if (value === undefined || value === null) return { functions, own };
  for (const [tool, path] of entriesOf(value, 'tools')) {
    const type = optionalString(tool.type, `${path}.type`);
    if (type !== undefined && type !== 'custom') {
      own.push(tool);
      continue;
    }
    for (const field of Object.keys(unknownFields(tool, TOOL_FIELDS) ?? {}))
      dropped.push({ path: `${path}.${field}`, reason: 'a tool has no such field in the neutral form' });
    functions.push({
      name: name(tool.name, `${path}.name`),
      ...given('description', optionalString(tool.description, `${path}.description`)),
      parameters: object(tool.input_schema, `${path}.input_schema`),
      ...given('strict', optionalBoolean(tool.strict, `${path}.strict`)),
      ...cacheOf(tool, path),
    });
  }
  return { functions, own };
}

function decodeToolChoice(value: unknown): { toolChoice?: ToolChoice; parallelToolCalls?: boolean } {
  const choice = optionalObject(value, 'tool_choice');
  if (choice === undefined) return {};
  const one = optionalBoolean(choice.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use');
  const parallel = one === undefined ? {} : { parallelToolCalls: !one };
  switch (oneOf(choice.type, 'tool_choice.type', ['auto', 'any', 'tool', 'none'])) {
    case 'auto':
      return { toolChoice: 'auto', ...parallel };
    case 'any':
      return { toolChoice: 'required', ...parallel };
    case 'tool':
      return { toolChoice: { name: name(choice.name, 'tool_choice.name') }, ...parallel };
    case 'none':
      return { toolChoice: 'none' };
  }
}

/**
 * `thinking` and `output_config.effort`. Adaptive thinking without more said is `reasoning: {}`. `between_tools` has no neutral form and
 * stays in `extra`.
 */
function decodeThinking(
  value: unknown,
  config: JsonObject | undefined,
): { reasoning?: ReasoningOptions; extra?: JsonObject } {
  const effort = optionalString(config?.effort, 'output_config.effort');
  const thinking = optionalObject(value, 'thinking');
  if (thinking === undefined) return effort === undefined ? {} : { reasoning: { effort } };
  const type = oneOf(thinking.type, 'thinking.type', ['enabled', 'disabled', 'adaptive', 'between_tools']);
  const display = optionalString(thinking.display, 'thinking.display');
  const shown = display === undefined ? {} : { include: display !== 'omitted' };
  const words = given('effort', effort);
  switch (type) {
    case 'enabled':
      return {
        reasoning: {
          ...words,
          budgetTokens: integer(thinking.budget_tokens, 'thinking.budget_tokens', 1),
          ...shown,
        },
      };
    case 'disabled':
      return { reasoning: { ...words, budgetTokens: 0 } };
    case 'adaptive':
      return { reasoning: { ...words, ...shown } };
    case 'between_tools':
      return { ...(effort === undefined ? {} : { reasoning: words }), extra: thinking };
  }
}

function decodeOutput(config: JsonObject | undefined): OutputFormat | undefined {
  const format = optionalObject(config?.format, 'output_config.format');
  if (format === undefined) return undefined;
  if (format.type !== 'json_schema') throw invalid('output_config.format.type', 'must be "json_schema"');
  const schema = object(format.schema, 'output_config.format.schema');
  return { kind: 'json_schema', name: DEFAULT_SCHEMA_NAME, schema };
}
