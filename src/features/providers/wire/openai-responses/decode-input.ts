import type {
  AssistantPart,
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
  name,
  object,
  oneOf,
  optionalArray,
  optionalOneOf,
  optionalString,
  string,
} from '../fields.ts';
import { cacheOf, fileName, fileSource, signatureOf } from '../openai-chat/decode-messages.ts';
import { audioMediaType, sourceOfUrl } from '../openai-chat/sources.ts';
import { addToolResults } from '../turns.ts';
import type { PlacedItem } from './placed-items.ts';
import { reasoningPart, SUMMARY_BREAK } from './reasoning-item.ts';

export interface DecodedInput {
  readonly messages: Message[];
  /** Items without a neutral form, by the path they stood at. */
  readonly placed: Readonly<Record<string, PlacedItem>>;
}

/**
 * `instructions` and `input` of "Create a model response" in neutral form. What the assistant said in consecutive items is one message; ids
 * and states of items are the provider's own and are not kept, but for those of thoughts.
 */
export function decodeInput(
  instructions: string | undefined,
  input: unknown,
  dropped: Dropped[],
): DecodedInput {
  const messages: Message[] = [];
  const placed: { readonly path: string; readonly item: JsonObject; readonly before: number }[] = [];
  const callNames = new Map<string, string>();
  let said: AssistantPart[] = [];
  const flush = (): void => {
    if (said.length > 0) messages.push({ role: 'assistant', parts: said });
    said = [];
  };

  const item = (value: unknown, path: string): void => {
    const wire = object(value, path);
    const type =
      wire.type === undefined || wire.type === null
        ? impliedType(wire, path)
        : name(wire.type, `${path}.type`);
    switch (type) {
      case 'message':
        message(wire, path);
        break;
      case 'reasoning':
        said.push(thought(wire, path));
        break;
      case 'function_call': {
        const call = functionCall(wire, path);
        callNames.set(call.id, call.name);
        said.push(call);
        break;
      }
      case 'function_call_output':
        flush();
        addToolResults(messages, [toolResult(wire, path, callNames)]);
        break;
      default:
        flush();
        placed.push({ path, item: wire, before: messages.length });
    }
  };

  const message = (wire: JsonObject, path: string): void => {
    const role = oneOf(wire.role, `${path}.role`, ROLES);
    const at = `${path}.content`;
    if (role === 'assistant') {
      if (wire.phase !== undefined && wire.phase !== null)
        dropped.push({ path: `${path}.phase`, reason: 'a turn has no phase in the neutral form' });
      said.push(...assistantParts(wire.content, at, dropped));
      return;
    }
    flush();
    if (role === 'user') messages.push({ role, parts: contents(wire.content, at, userPart) });
    else messages.push({ role: 'system', parts: contents(wire.content, at, systemPart) });
  };

  if (instructions !== undefined && instructions !== '')
    messages.push({ role: 'system', parts: [{ type: 'text', text: instructions }] });
  if (typeof input === 'string') messages.push({ role: 'user', parts: [{ type: 'text', text: input }] });
  else if (input !== undefined && input !== null) {
    if (!Array.isArray(input)) throw invalid('input', 'must be a string or an array of items');
    for (const [index, value] of array(input, 'input').entries()) item(value, `input[${index}]`);
  }
  flush();
  return {
    messages,
    placed: Object.fromEntries(
      placed.map(({ path, item, before }) => [path, { item, messagesBehind: messages.length - before }]),
    ),
  };
}

const ROLES = ['user', 'assistant', 'system', 'developer'] as const;

/** The type may be left out of a message and of a reference. */
function impliedType(wire: JsonObject, path: string): string {
  if (wire.role !== undefined) return 'message';
  if (typeof wire.id === 'string' && Object.keys(wire).every((key) => key === 'id' || key === 'type'))
    return 'item_reference';
  throw invalid(`${path}.type`, 'must be a string');
}

/** A content: a string, short for one text, or an array of parts. */
function contents<Item extends { readonly type: string }>(
  content: unknown,
  path: string,
  read: (block: JsonObject, path: string) => Item,
): (Item | TextPart)[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalid(path, 'must be a string or an array of content parts');
  const parts = content.map((value: unknown, index) => {
    const at = `${path}[${index}]`;
    return read(object(value, at), at);
  });
  if (parts.length === 0) throw invalid(path, 'must not be empty');
  return parts;
}

function textPart(block: JsonObject, path: string): TextPart {
  return { type: 'text', text: string(block.text, `${path}.text`), ...cacheOf(block, path) };
}

/** `text` and `output_text` are no input, but clients write them. */
function systemPart(block: JsonObject, path: string): TextPart {
  oneOf(block.type, `${path}.type`, ['input_text', 'output_text', 'text']);
  return textPart(block, path);
}

const USER_PARTS = ['input_text', 'input_image', 'input_file', 'input_audio', 'output_text', 'text'] as const;

function userPart(block: JsonObject, path: string): UserPart {
  if (oneOf(block.type, `${path}.type`, USER_PARTS) !== 'input_audio') return contentPart(block, path);
  const audio = object(block.input_audio, `${path}.input_audio`);
  const format = name(audio.format, `${path}.input_audio.format`);
  const data = name(audio.data, `${path}.input_audio.data`);
  return { type: 'audio', source: { kind: 'base64', mediaType: audioMediaType(format), data } };
}

const CONTENT_PARTS = ['input_text', 'input_image', 'input_file', 'output_text', 'text'] as const;

/** What both a user's message and a tool's output may hold. */
function contentPart(block: JsonObject, path: string): TextPart | ImagePart | FilePart {
  switch (oneOf(block.type, `${path}.type`, CONTENT_PARTS)) {
    case 'input_image':
      return imagePart(block, path);
    case 'input_file':
      return filePart(block, path);
    default:
      return textPart(block, path);
  }
}

function imagePart(block: JsonObject, path: string): ImagePart {
  const id = optionalString(block.file_id, `${path}.file_id`);
  const detail = optionalOneOf(block.detail, `${path}.detail`, ['auto', 'low', 'high', 'original']);
  return {
    type: 'image',
    source: id ? { kind: 'file_id', id } : sourceOfUrl(name(block.image_url, `${path}.image_url`)),
    // The API demands `detail`, so that `auto` is what a client says when it has nothing to say.
    ...(detail === undefined || detail === 'auto' ? {} : { detail }),
    ...cacheOf(block, path),
  };
}

function filePart(block: JsonObject, path: string): FilePart {
  const filename = optionalString(block.filename, `${path}.filename`);
  const id = optionalString(block.file_id, `${path}.file_id`);
  const url = optionalString(block.file_url, `${path}.file_url`);
  const rest = { ...fileName(filename), ...cacheOf(block, path) };
  if (id) return { type: 'file', source: { kind: 'file_id', id }, ...rest };
  if (url) return { type: 'file', source: sourceOfUrl(url), ...rest };
  return { type: 'file', source: fileSource(name(block.file_data, `${path}.file_data`)), ...rest };
}

function assistantParts(content: unknown, path: string, dropped: Dropped[]): AssistantPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalid(path, 'must be a string or an array of content parts');
  const parts: AssistantPart[] = [];
  for (const [index, value] of array(content, path).entries()) {
    const at = `${path}[${index}]`;
    const block = object(value, at);
    const type = name(block.type, `${at}.type`);
    if (type === 'refusal') parts.push({ type: 'refusal', text: string(block.refusal, `${at}.refusal`) });
    else if (type === 'output_text' || type === 'input_text' || type === 'text') {
      if (Array.isArray(block.annotations) && block.annotations.length > 0)
        dropped.push({ path: `${at}.annotations`, reason: 'citations have no neutral form' });
      const part = textPart(block, at);
      if (part.text !== '') parts.push(part);
    } else dropped.push({ path: at, reason: `a ${type.slice(0, 60)} part has no neutral form in an answer` });
  }
  return parts;
}

/** A thought that the client sends back: its summary, or its text where there is no summary. */
function thought(wire: JsonObject, path: string): AssistantPart {
  const summary = listedTexts(wire.summary, `${path}.summary`);
  const content = listedTexts(wire.content, `${path}.content`);
  const id = optionalString(wire.id, `${path}.id`);
  const encrypted = optionalString(wire.encrypted_content, `${path}.encrypted_content`);
  return reasoningPart(summary === '' ? content : summary, id, encrypted);
}

function listedTexts(value: unknown, path: string): string {
  return (optionalArray(value, path) ?? [])
    .map((entry, index) => string(object(entry, `${path}[${index}]`).text, `${path}[${index}].text`))
    .join(SUMMARY_BREAK);
}

function functionCall(wire: JsonObject, path: string): ToolCallPart {
  const given = optionalString(wire.arguments, `${path}.arguments`) ?? '';
  return {
    type: 'tool_call',
    id: name(wire.call_id, `${path}.call_id`),
    name: name(wire.name, `${path}.name`),
    arguments: given === '' ? '{}' : given,
    ...signatureOf(wire),
  };
}

function toolResult(wire: JsonObject, path: string, callNames: ReadonlyMap<string, string>): ToolResultPart {
  const callId = name(wire.call_id, `${path}.call_id`);
  const tool = callNames.get(callId);
  const empty = wire.output === '' || (Array.isArray(wire.output) && wire.output.length === 0);
  return {
    type: 'tool_result',
    callId,
    ...(tool === undefined ? {} : { name: tool }),
    content: empty ? [] : contents(wire.output, `${path}.output`, contentPart),
  };
}
