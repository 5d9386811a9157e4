import type { EncodedRequest } from '../../codec.ts';
import type { ConversationRequest, Dropped, JsonObject, Message, Tool } from '../../conversation.ts';
import { withExtra } from '../extras.ts';
import { leadingSystemCount } from '../turns.ts';
import {
  assistantBlock,
  type ContentContext,
  cacheControl,
  contentContext,
  textBlock,
  toolResultBlock,
  userBlock,
} from './encode-content.ts';
import { encodeReasoning } from './encode-reasoning.ts';
import { type ModelTraits, traitsOf } from './traits.ts';

/**
 * A neutral request as the body of Anthropic's "Create a Message". `traits` say what the model refuses; by default they are known from its
 * name, and a provider that refuses more (Bedrock: no system turns) passes its own.
 */
export function encodeRequest(
  request: ConversationRequest,
  traits: ModelTraits = traitsOf(request.model),
): EncodedRequest {
  const dropped: Dropped[] = [];
  const context = contentContext(traits, dropped);
  const { system, messages } = encodeMessages(request.messages, context);
  const { maxTokens, thinking, effort } = encodeReasoning(request, traits, dropped);
  const outputConfig = {
    ...(effort === undefined ? {} : { effort }),
    ...outputFormat(request, dropped),
  };
  const stop = stopSequences(request, dropped);
  const body: JsonObject = {
    model: request.model,
    max_tokens: maxTokens,
    ...(system.length === 0 ? {} : { system }),
    messages,
    ...tools(request, dropped),
    ...(thinking === undefined ? {} : { thinking }),
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...sampling(request, traits, thinking !== undefined && thinking.type !== 'disabled', dropped),
    ...(stop.length === 0 ? {} : { stop_sequences: stop }),
    ...(request.user === undefined ? {} : { metadata: { user_id: request.user } }),
    ...serviceTier(request.serviceTier, dropped),
    ...(request.stream ? { stream: true } : {}),
  };
  nameTheUnsaid(request, dropped);
  return { path: '/messages', body: withExtra(body, request, 'anthropic-messages', dropped), dropped };
}

interface WireMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: JsonObject[];
}

/**
 * Leading system messages become `system`. Later ones stay among the messages where the API allows it: behind a user turn and before an
 * assistant's ("Mid-conversation system messages"); one that stands before what the person wrote is moved behind it. Where the model takes
 * none, they join `system`, so that they keep their authority. Tool results and what the person wrote behind them are one user turn.
 */
function encodeMessages(
  messages: readonly Message[],
  context: ContentContext,
): { system: JsonObject[]; messages: WireMessage[] } {
  const { dropped, traits } = context;
  const leading = leadingSystemCount(messages);
  const system: JsonObject[] = [];
  const wire: WireMessage[] = [];
  let waiting: { readonly index: number; readonly blocks: JsonObject[]; moved: boolean }[] = [];
  let openResults: WireMessage | undefined;

  const placeWaiting = (): void => {
    if (waiting.length === 0) return;
    const blocks = waiting.flatMap((entry) => entry.blocks);
    const inTurn = traits.systemTurns && wire.at(-1)?.role === 'user';
    if (inTurn) wire.push({ role: 'system', content: blocks });
    else system.push(...blocks);
    for (const { index, moved } of waiting) {
      if (inTurn && !moved) continue;
      const reason = inTurn ? 'moved behind what the person wrote' : 'moved to the system prompt';
      dropped.push({ path: `messages[${index}].role`, reason });
    }
    waiting = [];
  };

  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (message.role === 'system') {
      const blocks = message.parts.map(textBlock).filter((block) => block !== undefined);
      if (index < leading) system.push(...blocks);
      else if (blocks.length > 0) waiting.push({ index, blocks, moved: false });
      continue;
    }
    if (message.role === 'assistant') {
      nameDropped(message.name, path, dropped);
      const content = message.parts
        .map((part, at) => assistantBlock(part, `${path}.parts[${at}]`, context))
        .filter((block) => block !== undefined);
      if (content.length === 0) continue;
      placeWaiting();
      openResults = undefined;
      wire.push({ role: 'assistant', content });
      continue;
    }
    const content =
      message.role === 'tool'
        ? message.parts.map((part, at) => toolResultBlock(part, `${path}.parts[${at}]`, context))
        : message.parts
            .map((part, at) => userBlock(part, `${path}.parts[${at}]`, dropped))
            .filter((block) => block !== undefined);
    if (message.role === 'user') nameDropped(message.name, path, dropped);
    if (content.length === 0) continue;
    for (const entry of waiting) entry.moved = true;
    if (openResults !== undefined) openResults.content.push(...content);
    else wire.push({ role: 'user', content });
    openResults = message.role === 'tool' ? wire.at(-1) : undefined;
  }
  placeWaiting();
  return { system, messages: wire };
}

function nameDropped(name: string | undefined, path: string, dropped: Dropped[]): void {
  if (name !== undefined) dropped.push({ path: `${path}.name`, reason: 'a turn carries no name' });
}

function tools(request: ConversationRequest, dropped: Dropped[]): JsonObject {
  const own = request.extraFormat === 'anthropic-messages' && Array.isArray(request.extra?.tools);
  const functions = request.tools ?? [];
  if (functions.length === 0 && !own) {
    for (const path of ['toolChoice', 'parallelToolCalls'] as const)
      if (request[path] !== undefined) dropped.push({ path, reason: 'the request has no tools' });
    return {};
  }
  const choice = toolChoice(request, dropped);
  return {
    ...(functions.length === 0 ? {} : { tools: functions.map(toolDefinition) }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
  };
}

function toolDefinition(tool: Tool): JsonObject {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema:
      tool.parameters.type === undefined ? { type: 'object', ...tool.parameters } : tool.parameters,
    ...(tool.strict === undefined ? {} : { strict: tool.strict }),
    ...cacheControl(tool.cache),
  };
}

function toolChoice(request: ConversationRequest, dropped: Dropped[]): JsonObject | undefined {
  const choice = request.toolChoice;
  const one = request.parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  if (choice === 'none') {
    if (request.parallelToolCalls === false)
      dropped.push({ path: 'parallelToolCalls', reason: 'no tool may be called at all' });
    return { type: 'none' };
  }
  if (choice === 'required') return { type: 'any', ...one };
  if (typeof choice === 'object') return { type: 'tool', name: choice.name, ...one };
  return choice === 'auto' || request.parallelToolCalls === false ? { type: 'auto', ...one } : undefined;
}

/** "Structured outputs": a schema without a name, always enforced. */
function outputFormat(request: ConversationRequest, dropped: Dropped[]): JsonObject {
  const output = request.output;
  if (output === undefined) return {};
  if (output.kind === 'json_object') {
    dropped.push({ path: 'output', reason: 'the format knows JSON output with a schema only' });
    return {};
  }
  if (output.name !== DEFAULT_SCHEMA_NAME)
    dropped.push({ path: 'output.name', reason: 'the schema has no name' });
  if (output.description !== undefined)
    dropped.push({ path: 'output.description', reason: 'the schema has no description of its own' });
  if (output.strict !== undefined)
    dropped.push({ path: 'output.strict', reason: 'the schema is always enforced' });
  return { format: { type: 'json_schema', schema: output.schema } };
}

/** The name that a schema gets when it comes from a format that names none. */
export const DEFAULT_SCHEMA_NAME = 'output';

function sampling(
  request: ConversationRequest,
  traits: ModelTraits,
  thinks: boolean,
  dropped: Dropped[],
): JsonObject {
  const { temperature, topP, topK } = request;
  if (!traits.sampling) {
    for (const path of ['temperature', 'topP', 'topK'] as const)
      if (request[path] !== undefined)
        dropped.push({ path, reason: 'the model takes no sampling parameters' });
    return {};
  }
  const strict = thinks && traits.strictThinking;
  const body: Record<string, number> = {};
  if (temperature !== undefined) {
    if (strict) dropped.push({ path: 'temperature', reason: 'thinking fixes it' });
    else {
      if (temperature > 1) dropped.push({ path: 'temperature', reason: 'sent as 1, the highest here' });
      body.temperature = Math.min(1, temperature);
    }
  }
  if (topP !== undefined) {
    if (strict && topP < 0.95) dropped.push({ path: 'topP', reason: 'thinking takes 0.95 to 1 only' });
    else body.top_p = topP;
  }
  if (topK !== undefined) {
    if (strict) dropped.push({ path: 'topK', reason: 'thinking excludes it' });
    else body.top_k = topK;
  }
  return body;
}

/** The API refuses a stop sequence of white space alone. */
function stopSequences(request: ConversationRequest, dropped: Dropped[]): string[] {
  const kept: string[] = [];
  for (const [index, sequence] of (request.stop ?? []).entries()) {
    if (sequence.trim() === '')
      dropped.push({ path: `stop[${index}]`, reason: 'a stop sequence of white space alone is refused' });
    else kept.push(sequence);
  }
  return kept;
}

/** The tiers in OpenAI's words, which the neutral form uses: `default` is Anthropic's `standard_only`. */
function serviceTier(tier: string | undefined, dropped: Dropped[]): JsonObject {
  if (tier === undefined) return {};
  if (tier === 'auto') return { service_tier: 'auto' };
  if (tier === 'default' || tier === 'standard_only') return { service_tier: 'standard_only' };
  dropped.push({ path: 'serviceTier', reason: 'the format knows auto and default only' });
  return {};
}

function nameTheUnsaid(request: ConversationRequest, dropped: Dropped[]): void {
  const unsaid = 'the format has no such parameter';
  for (const path of [
    'seed',
    'presencePenalty',
    'frequencyPenalty',
    'logprobs',
    'verbosity',
    'metadata',
    'promptCacheKey',
  ] as const)
    if (request[path] !== undefined) dropped.push({ path, reason: unsaid });
  if (request.choices !== undefined && request.choices !== 1)
    dropped.push({ path: 'choices', reason: 'the format gives one answer' });
}
