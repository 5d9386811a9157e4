import type {
  AssistantPart,
  CacheControl,
  Dropped,
  FilePart,
  ImagePart,
  JsonObject,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../conversation.ts';
import { textOfBase64 } from '../base64-text.ts';
import { isObject, jsonOrUndefined } from '../fields.ts';
import type { ModelTraits } from './traits.ts';

/** What the encoding of one request's content shares. */
export interface ContentContext {
  readonly traits: ModelTraits;
  readonly dropped: Dropped[];
  /** Names of the calls met so far, by the neutral call id. */
  readonly callNames: Map<string, string>;
  /** The ids written for calls whose id the API would refuse, by the neutral id. */
  readonly rewrittenIds: Map<string, string>;
}

export function contentContext(traits: ModelTraits, dropped: Dropped[]): ContentContext {
  return { traits, dropped, callNames: new Map(), rewrittenIds: new Map() };
}

/** `cache_control` of a part ("Prompt caching"). */
export function cacheControl(cache: CacheControl | undefined): { readonly cache_control?: JsonObject } {
  if (cache === undefined) return {};
  return {
    cache_control: cache.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: cache.ttl },
  };
}

/** A text block; nothing for an empty text, which the API refuses and which says nothing. */
export function textBlock(part: TextPart): JsonObject | undefined {
  if (part.text === '') return undefined;
  return { type: 'text', text: part.text, ...cacheControl(part.cache) };
}

/** The block of a user's part, or `undefined` when it is left out. */
export function userBlock(part: UserPart, path: string, dropped: Dropped[]): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return textBlock(part);
    case 'image':
      return imageBlock(part, path, dropped);
    case 'file':
      return documentBlock(part, path, dropped);
    case 'audio':
      dropped.push({ path, reason: 'the format takes no audio' });
      return undefined;
  }
}

/** The block of an assistant's part, or `undefined` when it is left out. */
export function assistantBlock(
  part: AssistantPart,
  path: string,
  context: ContentContext,
): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return textBlock(part);
    case 'tool_call':
      return toolUseBlock(part, path, context);
    case 'reasoning':
      return thinkingBlock(part, path, context);
    case 'refusal':
      context.dropped.push({ path: `${path}.type`, reason: 'a refusal is said as text' });
      return textBlock({ type: 'text', text: part.text });
    case 'image':
    case 'audio':
      context.dropped.push({ path, reason: `the format has no ${part.type} in an assistant turn` });
      return undefined;
  }
}

/** A `tool_result` block ("Handle tool calls"). */
export function toolResultBlock(part: ToolResultPart, path: string, context: ContentContext): JsonObject {
  if (part.name !== undefined && context.callNames.get(part.callId) !== part.name)
    context.dropped.push({ path: `${path}.name`, reason: 'a result names its call by id alone' });
  const content: JsonObject[] = [];
  for (const [index, item] of part.content.entries()) {
    const block = userBlock(item, `${path}.content[${index}]`, context.dropped);
    if (block !== undefined) content.push(block);
  }
  return {
    type: 'tool_result',
    tool_use_id: wireId(part.callId, `${path}.callId`, context),
    ...(content.length === 0 ? {} : { content }),
    ...(part.isError === undefined ? {} : { is_error: part.isError }),
    ...cacheControl(part.cache),
  };
}

function imageBlock(part: ImagePart, path: string, dropped: Dropped[]): JsonObject {
  if (part.detail !== undefined && part.detail !== 'auto')
    dropped.push({ path: `${path}.detail`, reason: 'an image has no detail here' });
  return { type: 'image', source: linkOrBytes(part, path, dropped), ...cacheControl(part.cache) };
}

function documentBlock(part: FilePart, path: string, dropped: Dropped[]): JsonObject | undefined {
  const about = { ...(part.name === undefined ? {} : { title: part.name }), ...cacheControl(part.cache) };
  const source = part.source;
  if (source.kind !== 'base64' || /^application\/pdf$/i.test(source.mediaType))
    return { type: 'document', source: linkOrBytes(part, path, dropped), ...about };
  const text = isTextual(source.mediaType) ? textOfBase64(source.data) : undefined;
  if (text === undefined) {
    dropped.push({ path, reason: `a document is a PDF or text, not ${source.mediaType}` });
    return undefined;
  }
  if (source.mediaType !== 'text/plain')
    dropped.push({ path: `${path}.source.mediaType`, reason: 'text is sent as text/plain' });
  return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...about };
}

/** Whether a media type is readable text that a plain-text document can carry. */
function isTextual(mediaType: string): boolean {
  return /^text\/|^application\/(?:[a-z0-9.+-]*\+)?(?:json|xml|yaml|x-yaml|javascript|x-ndjson)\b/i.test(
    mediaType,
  );
}

function linkOrBytes(part: ImagePart | FilePart, path: string, dropped: Dropped[]): JsonObject {
  const source = part.source;
  if (source.kind === 'base64') return { type: 'base64', media_type: source.mediaType, data: source.data };
  if (source.mediaType !== undefined)
    dropped.push({ path: `${path}.source.mediaType`, reason: 'a reference carries no media type' });
  return source.kind === 'url' ? { type: 'url', url: source.url } : { type: 'file', file_id: source.id };
}

function toolUseBlock(part: ToolCallPart, path: string, context: ContentContext): JsonObject {
  context.callNames.set(part.id, part.name);
  if (part.signature !== undefined)
    context.dropped.push({ path: `${path}.signature`, reason: 'a call carries no signature' });
  const input = jsonOrUndefined(part.arguments);
  if (!isObject(input))
    context.dropped.push({ path: `${path}.arguments`, reason: 'not a JSON object, as the format demands' });
  return {
    type: 'tool_use',
    id: wireId(part.id, `${path}.id`, context),
    name: part.name,
    input: isObject(input) ? input : {},
    ...cacheControl(part.cache),
  };
}

/**
 * Thinking goes back with the signature that it came with ("Extended thinking", preserving thinking blocks). Claude refuses it unsigned;
 * other makers' models behind this wire sign nothing and want it back all the same.
 */
function thinkingBlock(part: ReasoningPart, path: string, context: ContentContext): JsonObject | undefined {
  const { dropped, traits } = context;
  if (part.signature === undefined && part.encrypted === undefined && traits.strictThinking) {
    dropped.push({ path, reason: 'thinking without its signature is refused' });
    return undefined;
  }
  if (part.id !== undefined && part.encrypted !== undefined && traits.strictThinking) {
    // Anthropic gives its thoughts no ids: this state is another provider's, and Claude refuses the request for it.
    dropped.push({ path, reason: 'encrypted thinking of another provider' });
    return undefined;
  }
  if (part.id !== undefined) dropped.push({ path: `${path}.id`, reason: 'thinking carries no id' });
  if (part.encrypted === undefined || part.signature !== undefined) {
    if (part.encrypted !== undefined)
      dropped.push({ path: `${path}.encrypted`, reason: 'signed thinking has no encrypted state' });
    return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' };
  }
  if (part.text !== '') dropped.push({ path: `${path}.text`, reason: 'redacted thinking has no text' });
  return { type: 'redacted_thinking', data: part.encrypted };
}

/**
 * The API takes call ids of letters, digits, `_` and `-` alone; other makers' (`functions.search:0`) are rewritten, alike in the call and
 * its result.
 */
function wireId(id: string, path: string, context: ContentContext): string {
  if (/^[a-zA-Z0-9_-]+$/.test(id)) return id;
  const known = context.rewrittenIds.get(id);
  if (known !== undefined) return known;
  const written = `${id.replace(/[^a-zA-Z0-9_-]/g, '_')}_${context.rewrittenIds.size}`;
  context.rewrittenIds.set(id, written);
  context.dropped.push({ path, reason: `sent as ${written}: an id is of letters, digits, _ and -` });
  return written;
}
