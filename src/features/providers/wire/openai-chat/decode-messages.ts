import type {
  AssistantPart,
  CacheControl,
  Dropped,
  FilePart,
  ImagePart,
  JsonObject,
  Message,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../conversation.ts';
import {
  array,
  invalid,
  isObject,
  name,
  object,
  oneOf,
  optionalArray,
  optionalObject,
  optionalOneOf,
  optionalString,
  string,
} from '../fields.ts';
import { addToolResults } from '../turns.ts';
import { reasoningParts } from './reasoning.ts';
import { audioMediaType, sourceOfUrl, UNNAMED_FILE } from './sources.ts';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'] as const;

/** `messages` of "Create chat completion" in neutral form. `dropped` receives what has none. */
export function decodeMessages(value: unknown, dropped: Dropped[]): Message[] {
  const entries = array(value, 'messages');
  if (entries.length === 0) throw invalid('messages', 'must not be empty');
  const messages: Message[] = [];
  const callNames = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    const path = `messages[${index}]`;
    const message = object(entry, path);
    const role = oneOf(message.role, `${path}.role`, ROLES);
    switch (role) {
      case 'system':
      case 'developer':
        if (message.name !== undefined && message.name !== null)
          dropped.push({ path: `${path}.name`, reason: 'a system message carries no name' });
        messages.push({ role: 'system', parts: texts(message.content, `${path}.content`) });
        break;
      case 'user':
        messages.push({
          role: 'user',
          parts: userParts(message.content, `${path}.content`),
          ...author(message, path),
        });
        break;
      case 'assistant': {
        const parts = assistantParts(message, path, dropped);
        for (const part of parts) if (part.type === 'tool_call') callNames.set(part.id, part.name);
        if (parts.length > 0) messages.push({ role: 'assistant', parts, ...author(message, path) });
        break;
      }
      case 'tool':
        addToolResults(messages, [toolResult(message, path, callNames, dropped)]);
        break;
      case 'function':
        throw invalid(`${path}.role`, 'must be "tool": functions of the time before tools are not supported');
    }
  }
  if (messages.length === 0) throw invalid('messages', 'must say something');
  return messages;
}

function author(message: JsonObject, path: string): { readonly name?: string } {
  const author = optionalString(message.name, `${path}.name`);
  return author === undefined ? {} : { name: author };
}

/** A content that is text: a string, or an array of text parts. */
function texts(content: unknown, path: string): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts = blocks(content, path).map(([block, at]) => {
    oneOf(block.type, `${at}.type`, ['text']);
    return textPart(block, at);
  });
  if (parts.length === 0) throw invalid(path, 'must not be empty');
  return parts;
}

function blocks(content: unknown, path: string): (readonly [block: JsonObject, path: string])[] {
  if (!Array.isArray(content)) throw invalid(path, 'must be a string or an array of content parts');
  return content.map((item: unknown, index) => {
    const at = `${path}[${index}]`;
    return [object(item, at), at] as const;
  });
}

function textPart(block: JsonObject, path: string): TextPart {
  return { type: 'text', text: string(block.text, `${path}.text`), ...cacheOf(block, path) };
}

/** A cache breakpoint: Anthropic's `cache_control`, as OpenRouter and LiteLLM take it, or OpenAI's own mark. */
export function cacheOf(block: JsonObject, path: string): { readonly cache?: CacheControl } {
  const control = optionalObject(block.cache_control, `${path}.cache_control`);
  if (control !== undefined) {
    const ttl = optionalString(control.ttl, `${path}.cache_control.ttl`);
    return { cache: ttl === undefined ? {} : { ttl } };
  }
  return optionalObject(block.prompt_cache_breakpoint, `${path}.prompt_cache_breakpoint`) === undefined
    ? {}
    : { cache: {} };
}

function userParts(content: unknown, path: string): UserPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts = blocks(content, path).map(([block, at]) => userPart(block, at));
  if (parts.length === 0) throw invalid(path, 'must not be empty');
  return parts;
}

const USER_PARTS = ['text', 'image_url', 'input_audio', 'file'] as const;

function userPart(block: JsonObject, path: string): UserPart {
  switch (oneOf(block.type, `${path}.type`, USER_PARTS)) {
    case 'text':
      return textPart(block, path);
    case 'image_url':
      return imagePart(block, path);
    case 'input_audio': {
      const audio = object(block.input_audio, `${path}.input_audio`);
      const format = name(audio.format, `${path}.input_audio.format`);
      const data = name(audio.data, `${path}.input_audio.data`);
      return { type: 'audio', source: { kind: 'base64', mediaType: audioMediaType(format), data } };
    }
    case 'file':
      return filePart(block, path);
  }
}

function imagePart(block: JsonObject, path: string): ImagePart {
  const at = `${path}.image_url`;
  // Some servers' examples give the URL itself.
  const image = typeof block.image_url === 'string' ? { url: block.image_url } : object(block.image_url, at);
  const url = name(image.url, `${at}.url`);
  const detail = optionalOneOf(image.detail, `${at}.detail`, ['auto', 'low', 'high', 'original']);
  return {
    type: 'image',
    source: sourceOfUrl(url),
    ...(detail === undefined ? {} : { detail }),
    ...cacheOf(block, path),
  };
}

function filePart(block: JsonObject, path: string): FilePart {
  const file = object(block.file, `${path}.file`);
  const filename = optionalString(file.filename, `${path}.file.filename`);
  const id = optionalString(file.file_id, `${path}.file.file_id`);
  const rest = { ...fileName(filename), ...cacheOf(block, path) };
  if (id !== undefined && id !== '') return { type: 'file', source: { kind: 'file_id', id }, ...rest };
  return { type: 'file', source: fileSource(name(file.file_data, `${path}.file.file_data`)), ...rest };
}

/** The name of a file, unless it is what a file without one is called. */
export function fileName(filename: string | undefined): { readonly name?: string } {
  return filename === undefined || filename === UNNAMED_FILE ? {} : { name: filename };
}

/** `file_data` is a `data:` URL; bare base64 is taken for a PDF, the one kind that the API's page shows so. */
export function fileSource(data: string): FilePart['source'] {
  if (/^[a-z][a-z0-9+.-]*:/i.test(data.slice(0, 40))) return sourceOfUrl(data);
  return { kind: 'base64', mediaType: 'application/pdf', data };
}

function assistantParts(message: JsonObject, path: string, dropped: Dropped[]): AssistantPart[] {
  if (message.function_call !== undefined && message.function_call !== null)
    throw invalid(`${path}.function_call`, 'is not supported: use "tool_calls"');
  const parts: AssistantPart[] = [...reasoningParts(message)];
  const { content } = message;
  if (typeof content === 'string') {
    if (content !== '') parts.push({ type: 'text', text: content });
  } else if (content !== undefined && content !== null) {
    for (const [block, at] of blocks(content, `${path}.content`)) {
      const part = assistantPart(block, at, dropped);
      if (part !== undefined) parts.push(part);
    }
  }
  const refusal = optionalString(message.refusal, `${path}.refusal`);
  if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal });
  const audio = optionalObject(message.audio, `${path}.audio`);
  if (audio !== undefined)
    parts.push({ type: 'audio', source: { kind: 'file_id', id: name(audio.id, `${path}.audio.id`) } });
  // Images of an earlier answer, where OpenRouter and Parallax put them.
  for (const [index, item] of (optionalArray(message.images, `${path}.images`) ?? []).entries())
    parts.push(imagePart(object(item, `${path}.images[${index}]`), `${path}.images[${index}]`));
  for (const [index, item] of (optionalArray(message.tool_calls, `${path}.tool_calls`) ?? []).entries())
    parts.push(toolCall(item, `${path}.tool_calls[${index}]`, dropped));
  return parts;
}

function assistantPart(block: JsonObject, path: string, dropped: Dropped[]): AssistantPart | undefined {
  switch (block.type) {
    case 'text': {
      const part = textPart(block, path);
      return part.text === '' ? undefined : part;
    }
    case 'refusal':
      return { type: 'refusal', text: string(block.refusal, `${path}.refusal`) };
    default: {
      const type = name(block.type, `${path}.type`);
      dropped.push({ path, reason: `a ${type.slice(0, 60)} part has no neutral form in an answer` });
      return undefined;
    }
  }
}

/** A call that the assistant made. A custom tool's call becomes a function call with the one argument `input`. */
function toolCall(value: unknown, path: string, dropped: Dropped[]): ToolCallPart {
  const call = object(value, path);
  const id = name(call.id, `${path}.id`);
  if (call.type === 'custom') {
    const custom = object(call.custom, `${path}.custom`);
    dropped.push({ path: `${path}.type`, reason: 'a custom tool call is carried as a function call' });
    const input = string(custom.input, `${path}.custom.input`);
    return {
      type: 'tool_call',
      id,
      name: name(custom.name, `${path}.custom.name`),
      arguments: JSON.stringify({ input }),
    };
  }
  optionalOneOf(call.type, `${path}.type`, ['function', 'custom']);
  const called = object(call.function, `${path}.function`);
  const given = optionalString(called.arguments, `${path}.function.arguments`) ?? '';
  return {
    type: 'tool_call',
    id,
    name: name(called.name, `${path}.function.name`),
    arguments: given === '' ? '{}' : given,
    ...signatureOf(call),
  };
}

/** Where Google's OpenAI compatibility keeps a call's opaque state: `extra_content.google.thought_signature`. */
export function signatureOf(call: JsonObject): { readonly signature?: string } {
  const google = isObject(call.extra_content) ? call.extra_content.google : undefined;
  const signature = isObject(google) ? google.thought_signature : undefined;
  return typeof signature === 'string' && signature !== '' ? { signature } : {};
}

function toolResult(
  message: JsonObject,
  path: string,
  callNames: ReadonlyMap<string, string>,
  dropped: Dropped[],
): ToolResultPart {
  const callId = name(message.tool_call_id, `${path}.tool_call_id`);
  const tool = callNames.get(callId);
  return {
    type: 'tool_result',
    callId,
    ...(tool === undefined ? {} : { name: tool }),
    content: resultContent(message.content, `${path}.content`, dropped),
  };
}

/** Text by the format's page; some servers and clients put images there as well. */
function resultContent(content: unknown, path: string, dropped: Dropped[]): ToolResultPart['content'] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts: (TextPart | ImagePart | FilePart)[] = [];
  for (const [block, at] of blocks(content, path)) {
    if (block.type === 'text') parts.push(textPart(block, at));
    else if (block.type === 'image_url') parts.push(imagePart(block, at));
    else if (block.type === 'file') parts.push(filePart(block, at));
    else {
      const type = name(block.type, `${at}.type`);
      dropped.push({ path: at, reason: `a ${type.slice(0, 60)} part has no neutral form in a tool result` });
    }
  }
  return parts;
}
