import type {
  AssistantPart,
  CacheControl,
  Dropped,
  FilePart,
  ImagePart,
  JsonObject,
  Source,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../conversation.ts';
import { base64OfText } from '../base64-text.ts';
import {
  array,
  invalid,
  name,
  object,
  oneOf,
  optionalBoolean,
  optionalObject,
  optionalString,
  string,
} from '../fields.ts';
import { jsonText } from '../json-text.ts';
import { unpackedState } from '../thought-state.ts';

/** What the decoding of one request's content shares. */
export interface DecodeContext {
  readonly dropped: Dropped[];
  /** Names of the tools called so far, by call id. */
  readonly callNames: Map<string, string>;
}

/** The blocks of a `content`: a string is short for one text block. */
export function blocksOf(content: unknown, path: string): readonly unknown[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalid(path, 'must be a string or an array of content blocks');
  return content as readonly unknown[];
}

/** The text blocks of a system prompt. */
export function systemParts(content: unknown, path: string, dropped: Dropped[]): TextPart[] {
  const parts: TextPart[] = [];
  for (const [index, item] of blocksOf(content, path).entries()) {
    const at = `${path}[${index}]`;
    const block = object(item, at);
    oneOf(block.type, `${at}.type`, ['text']);
    const part = textPart(block, at, dropped);
    if (part.text !== '') parts.push(part);
  }
  return parts;
}

/** A user turn: what the person wrote, and the tool results that the format puts beside it. */
export function userContent(
  content: unknown,
  path: string,
  context: DecodeContext,
): { parts: UserPart[]; results: ToolResultPart[] } {
  const parts: UserPart[] = [];
  const results: ToolResultPart[] = [];
  for (const [index, item] of blocksOf(content, path).entries()) {
    const at = `${path}[${index}]`;
    const block = object(item, at);
    if (block.type === 'tool_result') results.push(toolResult(block, at, context));
    else {
      const part = inputPart(block, at, context.dropped);
      if (part !== undefined) parts.push(part);
    }
  }
  return { parts, results };
}

/** An assistant turn that the client sends back. */
export function assistantContent(content: unknown, path: string, context: DecodeContext): AssistantPart[] {
  const parts: AssistantPart[] = [];
  for (const [index, item] of blocksOf(content, path).entries()) {
    const at = `${path}[${index}]`;
    const block = object(item, at);
    switch (block.type) {
      case 'text': {
        const part = textPart(block, at, context.dropped);
        if (part.text !== '') parts.push(part);
        break;
      }
      case 'thinking': {
        const signature = optionalString(block.signature, `${at}.signature`);
        const text = string(block.thinking, `${at}.thinking`);
        if (text !== '' || signature)
          parts.push({ type: 'reasoning', text, ...unpackedState(signature ?? '') });
        break;
      }
      case 'redacted_thinking':
        parts.push({ type: 'reasoning', text: '', encrypted: string(block.data, `${at}.data`) });
        break;
      case 'tool_use': {
        const id = name(block.id, `${at}.id`);
        const tool = name(block.name, `${at}.name`);
        context.callNames.set(id, tool);
        const input = block.input === undefined ? {} : object(block.input, `${at}.input`);
        parts.push({
          type: 'tool_call',
          id,
          name: tool,
          arguments: jsonText(input, `${at}.input`),
          ...cacheOf(block, at),
        });
        break;
      }
      default:
        dropBlock(block, at, context.dropped);
    }
  }
  return parts;
}

/** `cache_control` of a block or a tool. */
export function cacheOf(block: JsonObject, path: string): { readonly cache?: CacheControl } {
  const control = optionalObject(block.cache_control, `${path}.cache_control`);
  if (control === undefined) return {};
  const ttl = optionalString(control.ttl, `${path}.cache_control.ttl`);
  return { cache: ttl === undefined ? {} : { ttl } };
}

function toolResult(block: JsonObject, path: string, context: DecodeContext): ToolResultPart {
  const callId = name(block.tool_use_id, `${path}.tool_use_id`);
  const content: (TextPart | ImagePart | FilePart)[] = [];
  const given = block.content === undefined || block.content === null ? [] : block.content;
  for (const [index, item] of blocksOf(given, `${path}.content`).entries()) {
    const at = `${path}.content[${index}]`;
    const part = inputPart(object(item, at), at, context.dropped);
    if (part !== undefined) content.push(part);
  }
  const isError = optionalBoolean(block.is_error, `${path}.is_error`);
  const tool = context.callNames.get(callId);
  return {
    type: 'tool_result',
    callId,
    ...(tool === undefined ? {} : { name: tool }),
    content,
    ...(isError === undefined ? {} : { isError }),
    ...cacheOf(block, path),
  };
}

function inputPart(
  block: JsonObject,
  path: string,
  dropped: Dropped[],
): TextPart | ImagePart | FilePart | undefined {
  switch (block.type) {
    case 'text': {
      const part = textPart(block, path, dropped);
      return part.text === '' ? undefined : part;
    }
    case 'image':
      return { type: 'image', source: source(block.source, `${path}.source`), ...cacheOf(block, path) };
    case 'document':
      return document(block, path, dropped);
    case 'search_result':
      return searchResult(block, path, dropped);
    default:
      dropBlock(block, path, dropped);
      return undefined;
  }
}

/** What a person's own search found, for the model to cite: said as text, with where it is from. */
function searchResult(block: JsonObject, path: string, dropped: Dropped[]): TextPart {
  if (block.citations !== undefined && block.citations !== null)
    dropped.push({ path: `${path}.citations`, reason: 'citations have no neutral form' });
  const found = entriesOf(block.content, `${path}.content`).map(([piece, at]) =>
    string(piece.text, `${at}.text`),
  );
  const head = [string(block.title, `${path}.title`), string(block.source, `${path}.source`)];
  return { type: 'text', text: [...head, '', ...found].join('\n'), ...cacheOf(block, path) };
}

function textPart(block: JsonObject, path: string, dropped: Dropped[]): TextPart {
  if (Array.isArray(block.citations) && block.citations.length > 0)
    dropped.push({ path: `${path}.citations`, reason: 'citations have no neutral form' });
  return { type: 'text', text: string(block.text, `${path}.text`), ...cacheOf(block, path) };
}

function document(block: JsonObject, path: string, dropped: Dropped[]): FilePart | undefined {
  const at = `${path}.source`;
  const given = object(block.source, at);
  if (given.type === 'content') {
    dropped.push({ path: at, reason: 'a document made of content blocks has no neutral form' });
    return undefined;
  }
  for (const field of ['citations', 'context'] as const)
    if (block[field] !== undefined && block[field] !== null)
      dropped.push({ path: `${path}.${field}`, reason: 'a document has no such field in the neutral form' });
  const title = optionalString(block.title, `${path}.title`);
  return {
    type: 'file',
    source:
      given.type === 'text'
        ? { kind: 'base64', mediaType: 'text/plain', data: base64OfText(string(given.data, `${at}.data`)) }
        : source(given, at),
    ...(title === undefined ? {} : { name: title }),
    ...cacheOf(block, path),
  };
}

function source(value: unknown, path: string): Source {
  const given = object(value, path);
  switch (oneOf(given.type, `${path}.type`, ['base64', 'url', 'file'])) {
    case 'base64':
      return {
        kind: 'base64',
        mediaType: name(given.media_type, `${path}.media_type`),
        data: string(given.data, `${path}.data`),
      };
    case 'url':
      return { kind: 'url', url: name(given.url, `${path}.url`) };
    case 'file':
      return { kind: 'file_id', id: name(given.file_id, `${path}.file_id`) };
  }
}

/** Blocks of Anthropic's own tools (`server_tool_use`, `web_search_tool_result`, …) are left out by name; a block without a type is an error. */
function dropBlock(block: JsonObject, path: string, dropped: Dropped[]): void {
  const type = name(block.type, `${path}.type`);
  dropped.push({ path, reason: `a ${type.slice(0, 60)} block has no neutral form` });
}

/** The entries of an array with their paths. */
export function entriesOf(value: unknown, path: string): (readonly [JsonObject, string])[] {
  return array(value, path).map((item, index) => {
    const at = `${path}[${index}]`;
    return [object(item, at), at] as const;
  });
}
