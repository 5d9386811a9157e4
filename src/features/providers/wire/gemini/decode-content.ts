import type {
  AssistantPart,
  AudioPart,
  Dropped,
  FilePart,
  ImagePart,
  JsonObject,
  Source,
  ToolResultPart,
  UserPart,
} from '../../conversation.ts';
import { isObject, name, object, optionalBoolean, optionalString, string } from '../fields.ts';
import { jsonText } from '../json-text.ts';
import { type ThoughtState, unpackedStateBase64 } from '../thought-state.ts';
import { madeCallId } from './call-ids.ts';
import { FILES_API, FOREIGN_CALL_SIGNATURE } from './encode-content.ts';
import { bothSpellings, member, repeated } from './members.ts';

/** What the decoding of one request's contents shares. */
export interface DecodeContext {
  readonly dropped: Dropped[];
  /** Calls without an answer so far, in their order. */
  readonly waiting: { readonly id: string; readonly name: string }[];
  readonly callNames: Map<string, string>;
}

/** A `user` content: what the person wrote, and the function responses that the format puts into the same role. */
export function userContent(
  content: JsonObject,
  index: number,
  context: DecodeContext,
): { parts: UserPart[]; results: ToolResultPart[] } {
  const parts: UserPart[] = [];
  const results: ToolResultPart[] = [];
  eachPart(content, index, context.dropped, (part, path, at) => {
    const response = member(part, 'functionResponse');
    if (response !== undefined) {
      results.push(toolResult(object(response, `${path}.functionResponse`), path, `${index}_${at}`, context));
      return true;
    }
    const text = optionalString(member(part, 'text'), `${path}.text`);
    if (text !== undefined) {
      if (text !== '') parts.push({ type: 'text', text });
      return true;
    }
    const media = mediaPart(part, path);
    if (media !== undefined) parts.push(media);
    return media !== undefined;
  });
  return { parts, results };
}

/** A `model` content that the client sends back. */
export function modelContent(content: JsonObject, index: number, context: DecodeContext): AssistantPart[] {
  const parts: AssistantPart[] = [];
  eachPart(content, index, context.dropped, (part, path, at) => {
    const signature = signatureOf(part, path);
    const call = member(part, 'functionCall');
    if (call !== undefined) {
      const fields = object(call, `${path}.functionCall`);
      const tool = name(member(fields, 'name'), `${path}.functionCall.name`);
      const id =
        optionalString(member(fields, 'id'), `${path}.functionCall.id`) || madeCallId(`${index}_${at}`, 0);
      const args = member(fields, 'args');
      context.waiting.push({ id, name: tool });
      context.callNames.set(id, tool);
      parts.push({
        type: 'tool_call',
        id,
        name: tool,
        arguments: jsonText(
          args === undefined ? {} : object(args, `${path}.functionCall.args`),
          `${path}.functionCall.args`,
        ),
        ...(signature === undefined ? {} : { signature }),
      });
      return true;
    }
    const text = optionalString(member(part, 'text'), `${path}.text`);
    if (text !== undefined) {
      const thought = optionalBoolean(member(part, 'thought'), `${path}.thought`) === true;
      addText(parts, text, thought, unpackedStateBase64(signature ?? ''));
      return true;
    }
    const media = mediaPart(part, path);
    if (media === undefined || media.type === 'file') return false;
    parts.push(media);
    addText(parts, '', false, unpackedStateBase64(signature ?? ''));
    return true;
  });
  return parts;
}

/**
 * Adds a text or a thought. The neutral text has no signature: it becomes a reasoning part without text behind it. A signature that comes alone
 * behind unsigned thoughts, as in streams, is theirs.
 */
export function addText(parts: AssistantPart[], text: string, thought: boolean, state: ThoughtState): void {
  const hasState = Object.keys(state).length > 0;
  if (!thought) {
    if (text !== '') parts.push({ type: 'text', text });
    if (hasState) parts.push({ type: 'reasoning', text: '', ...state });
    return;
  }
  const before = parts.at(-1);
  if (text === '' && hasState && before?.type === 'reasoning' && isUnsigned(before))
    parts[parts.length - 1] = { ...before, ...state };
  else if (text !== '' || hasState) parts.push({ type: 'reasoning', text, ...state });
}

/** The parts of contents that follow each other, as chunks of a stream do: a text or thought that was cut is whole again. */
export function joinedChunks(
  before: readonly AssistantPart[],
  after: readonly AssistantPart[],
): readonly AssistantPart[] {
  const last = before.at(-1);
  const [first, ...rest] = after;
  if (last?.type === 'text' && first?.type === 'text')
    return [...before.slice(0, -1), { ...last, text: last.text + first.text }, ...rest];
  if (last?.type === 'reasoning' && isUnsigned(last) && first?.type === 'reasoning')
    return [...before.slice(0, -1), { ...first, text: last.text + first.text }, ...rest];
  return [...before, ...after];
}

function isUnsigned({ id, signature, encrypted }: ThoughtState): boolean {
  return id === undefined && signature === undefined && encrypted === undefined;
}

const PART_FIELDS = bothSpellings([
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
]);

function eachPart(
  content: JsonObject,
  index: number,
  dropped: Dropped[],
  take: (part: JsonObject, path: string, at: number) => boolean,
): void {
  const path = `contents[${index}].parts`;
  for (const [at, item] of repeated(member(content, 'parts'), path).entries()) {
    const here = `${path}[${at}]`;
    const part = object(item, here);
    const unknown = Object.keys(part).filter((key) => !PART_FIELDS.has(key));
    if (!take(part, here, at))
      dropped.push({ path: here, reason: 'a part of this kind has no neutral form' });
    else
      for (const field of unknown)
        dropped.push({ path: `${here}.${field}`, reason: 'a part has no such field in the neutral form' });
  }
}

/** `thoughtSignature`; the stand-in that the encoder writes is none. */
function signatureOf(part: JsonObject, path: string): string | undefined {
  const signature = optionalString(member(part, 'thoughtSignature'), `${path}.thoughtSignature`);
  return signature === '' || signature === FOREIGN_CALL_SIGNATURE ? undefined : signature;
}

/** `inlineData` or `fileData` by its media type; video is a file in the neutral form. */
function mediaPart(part: JsonObject, path: string): ImagePart | AudioPart | FilePart | undefined {
  const inline = member(part, 'inlineData');
  const file = member(part, 'fileData');
  if (inline === undefined && file === undefined) return undefined;
  const at = `${path}.${inline === undefined ? 'fileData' : 'inlineData'}`;
  const fields = object(inline ?? file, at);
  const mediaType = optionalString(member(fields, 'mimeType'), `${at}.mimeType`);
  const source: Source =
    inline === undefined
      ? reference(name(member(fields, 'fileUri'), `${at}.fileUri`), mediaType)
      : {
          kind: 'base64',
          mediaType: name(mediaType, `${at}.mimeType`),
          data: string(member(fields, 'data'), `${at}.data`),
        };
  if (mediaType?.startsWith('image/')) return { type: 'image', source };
  if (mediaType?.startsWith('audio/')) return { type: 'audio', source };
  const title = optionalString(member(fields, 'displayName'), `${at}.displayName`);
  return { type: 'file', source, ...(title === undefined ? {} : { name: title }) };
}

function reference(uri: string, mediaType: string | undefined): Source {
  const typed = mediaType === undefined ? {} : { mediaType };
  if (uri.startsWith(`${FILES_API}files/`))
    return { kind: 'file_id', id: uri.slice(FILES_API.length), ...typed };
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(uri)
    ? { kind: 'url', url: uri, ...typed }
    : { kind: 'file_id', id: uri, ...typed };
}

/** A function response without an id answers the first open call of its name, in the order of the calls. */
function toolResult(fields: JsonObject, path: string, place: string, context: DecodeContext): ToolResultPart {
  const at = `${path}.functionResponse`;
  const givenId = optionalString(member(fields, 'id'), `${at}.id`) || undefined;
  const givenName = optionalString(member(fields, 'name'), `${at}.name`) || undefined;
  const open = context.waiting.findIndex((call) =>
    givenId === undefined ? call.name === givenName : call.id === givenId,
  );
  const call = open < 0 ? undefined : context.waiting.splice(open, 1)[0];
  const callId = givenId ?? call?.id ?? madeCallId(place, 0);
  const tool = givenName ?? context.callNames.get(callId);
  const response = member(fields, 'response');
  const { text, isError } = resultText(
    response === undefined ? {} : object(response, `${at}.response`),
    `${at}.response`,
  );
  const content: ToolResultPart['content'][number][] = text === '' ? [] : [{ type: 'text', text }];
  for (const [index, item] of repeated(member(fields, 'parts'), `${at}.parts`).entries()) {
    const here = `${at}.parts[${index}]`;
    const media = mediaPart(object(item, here), here);
    if (media !== undefined && media.type !== 'audio') content.push(media);
    else context.dropped.push({ path: here, reason: 'a tool result holds text, images and files' });
  }
  return {
    type: 'tool_result',
    callId,
    ...(tool === undefined ? {} : { name: tool }),
    content,
    ...(isError ? { isError } : {}),
  };
}

/** `output` and `error` wrap a result; any other object is the result itself (FunctionResponse, `response`). */
function resultText(response: JsonObject, path: string): { text: string; isError: boolean } {
  const keys = Object.keys(response);
  if (keys.length === 0) return { text: '', isError: false };
  const wrapper = keys.length === 1 && (keys[0] === 'output' || keys[0] === 'error') ? keys[0] : undefined;
  const value: unknown = wrapper === undefined ? response : response[wrapper];
  return { text: typeof value === 'string' ? value : jsonText(value, path), isError: wrapper === 'error' };
}

/** Whether a content's part list holds anything that must be read as an object. */
export function contentOf(value: unknown, path: string): JsonObject {
  // A content may be given as its text alone by clients that skip the official libraries.
  if (typeof value === 'string') return { parts: [{ text: value }] };
  return isObject(value) ? value : object(value, path);
}
