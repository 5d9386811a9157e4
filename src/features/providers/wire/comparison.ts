import type {
  AssistantPart,
  ConversationEvent,
  ConversationRequest,
  Dropped,
  Message,
  ToolResultPart,
  WireFormat,
} from '../conversation.ts';
import { isObject, jsonOrUndefined } from './fields.ts';
import { movedMediaNote } from './openai-chat/encode-messages.ts';

/**
 * Comparing what went into a codec with what came out, for tests: everything must be equal except what the codec named as dropped and what two
 * spellings of one meaning may differ in.
 */

/** Stands where a codec said that it could not say the value: anything may come back. */
export const ANY: unique symbol = Symbol('any');
const REMOVED: unique symbol = Symbol('removed');

type ResultContent = ToolResultPart['content'][number];
type Tree = { [key: string]: unknown } | unknown[];

/**
 * The first place where `after` says something else than `before`, given what was dropped on the way through `format`; `undefined` when there is
 * none.
 */
export function lostBetween(
  before: ConversationRequest,
  dropped: readonly Dropped[],
  after: ConversationRequest,
  format: WireFormat,
): string | undefined {
  const moved = dropped.some(({ path }) => /^messages\[\d+\]\.role$/.test(path));
  const expected = meaningOf(withoutDropped(before, dropped), format, moved);
  // Anthropic demands a bound of the answer; its codec adds one.
  const bound =
    format === 'anthropic-messages' && before.maxTokens === undefined ? { maxTokens: undefined } : {};
  return difference(expected, meaningOf({ ...after, ...bound }, format, moved), '');
}

/** A turn that OpenAI's chat codec adds for pictures of tool results, which it names as dropped where they stood. */
function holdsMovedMedia({ role, parts: [first] }: Message): boolean {
  return role === 'user' && first?.type === 'text' && first.text.startsWith(movedMediaNote('').slice(0, -1));
}

/** The request with every dropped element gone and every dropped field replaced by `ANY`. */
function withoutDropped(request: ConversationRequest, dropped: readonly Dropped[]): ConversationRequest {
  const copy = structuredClone(request) as unknown as Tree;
  for (const { path } of dropped) {
    const keys = [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((match) => match[1] ?? Number(match[2]));
    const last = keys.pop();
    let place: unknown = copy;
    for (const key of keys)
      place = isTree(place) ? (place as Record<string | number, unknown>)[key] : undefined;
    if (last === undefined || !isTree(place)) continue;
    const tree = place as Record<string | number, unknown>;
    if (typeof last === 'number') tree[last] = REMOVED;
    else if (last === 'type') tree.type = 'text';
    else if (last !== 'role') tree[last] = ANY;
  }
  return compacted(copy) as unknown as ConversationRequest;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

function compacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== REMOVED).map(compacted);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, compacted(item)]));
}

/** A request with what means the same said the same. */
function meaningOf(request: ConversationRequest, format: WireFormat, moved: boolean): unknown {
  const { messages, tools, toolChoice, parallelToolCalls, choices, reasoning, stop, ...rest } = request;
  const { includeUsage: _usage, extra: _extra, extraFormat: _format, ...said } = rest;
  const meant = messages.filter((message) => !holdsMovedMedia(message));
  const turns = mergedTurns(meant.map((message) => messageMeaning(message, messages, format)));
  return {
    ...said,
    // Where system messages were moved, their texts count, not their places.
    systemTexts: moved
      ? turns.flatMap((turn) => (turn.role === 'system' ? turn.parts.map(({ text }) => text) : [])).sort()
      : [],
    messages: moved ? turns.filter((turn) => turn.role !== 'system') : turns,
    ...(tools === undefined
      ? {}
      : { tools: tools.map(({ strict, ...tool }) => (strict ? { ...tool, strict } : tool)) }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(toolChoice === undefined || toolChoice === 'auto' ? {} : { toolChoice }),
    ...(parallelToolCalls === undefined || parallelToolCalls === true ? {} : { parallelToolCalls }),
    ...(choices === undefined || choices === 1 ? {} : { choices }),
    ...(reasoning === undefined ? {} : { reasoning: reasoningMeaning(reasoning) }),
  };
}

function reasoningMeaning(reasoning: NonNullable<ConversationRequest['reasoning']>): unknown {
  if (!isObject(reasoning)) return reasoning;
  const { effort, ...rest } = reasoning;
  // `none` and a budget of 0 are two words for off.
  return effort === 'none' ? { ...rest, budgetTokens: 0 } : reasoning;
}

function mergedTurns(turns: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (const turn of turns) {
    if (turn.parts.length === 0) continue;
    const before = merged.at(-1);
    if (before !== undefined && before.role === turn.role && turn.role !== 'user')
      merged[merged.length - 1] = { ...before, parts: [...before.parts, ...turn.parts] } as Message;
    else merged.push(turn);
  }
  return merged;
}

function messageMeaning(message: Message, all: readonly Message[], format: WireFormat): Message {
  switch (message.role) {
    case 'system':
      return message;
    case 'user':
      return { ...message, parts: message.parts.map(withoutLinkType) };
    case 'assistant':
      return { ...message, parts: assistantMeaning(message.parts) };
    case 'tool':
      return { ...message, parts: message.parts.map((part) => resultMeaning(part, all, format)) };
  }
}

function assistantMeaning(parts: readonly AssistantPart[]): AssistantPart[] {
  return parts.map((part) => {
    if (part.type === 'image' || part.type === 'audio') return withoutLinkType(part);
    if (part.type !== 'tool_call' || typeof part.arguments !== 'string') return part;
    return { ...part, arguments: JSON.stringify(jsonOrUndefined(part.arguments) ?? part.arguments) };
  });
}

function resultMeaning(part: ToolResultPart, all: readonly Message[], format: WireFormat): ToolResultPart {
  const call = all
    .flatMap((message): readonly AssistantPart[] => (message.role === 'assistant' ? message.parts : []))
    .find((other) => other.type === 'tool_call' && other.id === part.callId);
  const name = part.name ?? (call?.type === 'tool_call' ? call.name : undefined);
  const content = markedAtEnd(part.content.map(withoutLinkType), part.cache);
  const texts = content.filter((item) => item.type === 'text');
  // Gemini's response object holds one text, and media stand beside it.
  const joined =
    format === 'gemini' && texts.length > 0
      ? [
          { type: 'text' as const, text: texts.map(({ text }) => text).join('\n'), cache: ANY },
          ...content.filter((item) => item.type !== 'text'),
        ]
      : content;
  const { isError, cache: _cache, ...rest } = part;
  return {
    ...rest,
    ...(name === undefined ? {} : { name }),
    ...(isError === false || isError === undefined ? {} : { isError }),
    content: joined as ToolResultPart['content'],
  };
}

/** A breakpoint behind a result is one behind the last thing in it. */
function markedAtEnd(
  content: readonly ResultContent[],
  cache: ToolResultPart['cache'],
): readonly ResultContent[] {
  const last = content.at(-1);
  if (last === undefined || cache === undefined) return content;
  const either = [last.cache, cache].find((mark) => (mark as unknown) === ANY) ?? last.cache ?? cache;
  return [...content.slice(0, -1), { ...last, cache: either }];
}

/** The media type of a reference is a hint that formats add or leave out; `auto` is an image's usual detail. */
function withoutLinkType<Part extends { readonly type: string }>(given: Part): Part {
  const { detail, ...rest } = given as Part & { readonly detail?: unknown };
  const part = (detail === undefined || detail === 'auto' ? rest : given) as Part;
  if (!('source' in part) || !isObject(part.source) || part.source.kind === 'base64') return part;
  const { mediaType: _type, ...source } = part.source;
  return { ...part, source };
}

/** Where two values differ, as a path and both of them; `ANY` on the left side is like everything. */
export function difference(expected: unknown, actual: unknown, path: string): string | undefined {
  if (expected === ANY || Object.is(expected, actual)) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    for (let at = 0; at < Math.max(expected.length, actual.length); at += 1) {
      const found = difference(expected[at], actual[at], `${path}[${at}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const found = difference(expected[key], actual[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return `${path || 'the whole'}: expected ${shown(expected)}, got ${shown(actual)}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 300);
}

/** Events with neighbouring pieces of one text joined, empty ones gone and blocks numbered as they come. */
export function joinedEvents(events: readonly ConversationEvent[]): ConversationEvent[] {
  const joined: ConversationEvent[] = [];
  for (const event of events) {
    const before = joined.at(-1);
    if (event.type === 'text' || event.type === 'refusal') {
      if (event.text === '') continue;
      if (before?.type === event.type && before.choice === event.choice)
        joined[joined.length - 1] = { ...before, text: before.text + event.text };
      else joined.push(event);
    } else if (event.type === 'tool_call_arguments') {
      if (event.fragment === '') continue;
      if (before?.type === event.type && before.call === event.call && before.choice === event.choice)
        joined[joined.length - 1] = { ...before, fragment: before.fragment + event.fragment };
      else joined.push(event);
    } else if (event.type === 'reasoning') {
      if (before?.type === 'reasoning' && before.block === event.block && before.choice === event.choice)
        joined[joined.length - 1] = { ...before, ...event, text: before.text + event.text };
      else joined.push(event);
    } else joined.push(event);
  }
  return joined;
}
