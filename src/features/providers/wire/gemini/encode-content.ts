import type {
  AssistantPart,
  AudioPart,
  Dropped,
  FilePart,
  ImagePart,
  JsonObject,
  Source,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../conversation.ts';
import { isObject, jsonOrUndefined } from '../fields.ts';
import { isMadeCallId } from './call-ids.ts';

/** The folder of the Files API, whose files are named by their whole address in `fileUri`. */
export const FILES_API = 'https://generativelanguage.googleapis.com/v1beta/';

/**
 * Stands for the signature of a call that this model did not make itself, so that a model which refuses unsigned calls takes the history of
 * another ("Thought signatures", frequently asked questions).
 */
export const FOREIGN_CALL_SIGNATURE = 'skip_thought_signature_validator';

/** What the encoding of one request's content shares. */
export interface ContentContext {
  readonly dropped: Dropped[];
  /** Names of the calls met so far, by call id: a `functionResponse` must name its function. */
  readonly callNames: Map<string, string>;
  /** Whether the model refuses unsigned calls. */
  readonly signedCalls: boolean;
}

/** A part of a user turn. */
export function userPart(part: UserPart, path: string, dropped: Dropped[]): JsonObject | undefined {
  if (part.type === 'text') return textPart(part, path, dropped);
  return mediaPart(part, path, dropped);
}

function textPart(part: TextPart, path: string, dropped: Dropped[]): JsonObject | undefined {
  dropCache(part, path, dropped);
  return part.text === '' ? undefined : { text: part.text };
}

function dropCache(part: { readonly cache?: unknown }, path: string, dropped: Dropped[]): void {
  if (part.cache !== undefined)
    dropped.push({ path: `${path}.cache`, reason: 'the format caches by itself or by named contents' });
}

function mediaPart(part: ImagePart | AudioPart | FilePart, path: string, dropped: Dropped[]): JsonObject {
  if (part.type !== 'audio') dropCache(part, path, dropped);
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto')
    dropped.push({ path: `${path}.detail`, reason: 'resolution is set for the whole request' });
  const named = part.type === 'file' && part.name !== undefined ? { displayName: part.name } : {};
  return blobOrLink(part.source, part.type, named);
}

/** `inlineData` or `fileData`. A reference needs a media type: it is guessed from the address, or the usual one of its kind. */
function blobOrLink(source: Source, kind: 'image' | 'audio' | 'file', named: JsonObject): JsonObject {
  if (source.kind === 'base64')
    return { inlineData: { mimeType: source.mediaType, data: source.data, ...named } };
  const uri = source.kind === 'url' ? source.url : source.id;
  const fileUri = source.kind === 'file_id' && uri.startsWith('files/') ? FILES_API + uri : uri;
  return { fileData: { mimeType: source.mediaType ?? guessMediaType(uri, kind), fileUri, ...named } };
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  mp4: 'video/mp4',
};
const USUAL_TYPE = { image: 'image/jpeg', audio: 'audio/mpeg', file: 'application/pdf' } as const;

function guessMediaType(uri: string, kind: 'image' | 'audio' | 'file'): string {
  const extension = /\.([a-z0-9]{2,5})(?:[?#].*)?$/i.exec(uri)?.[1]?.toLowerCase();
  const guess =
    extension !== undefined && Object.hasOwn(MEDIA_TYPES, extension) ? MEDIA_TYPES[extension] : undefined;
  return guess !== undefined && (kind === 'file' || guess.startsWith(`${kind}/`)) ? guess : USUAL_TYPE[kind];
}

/** The parts of an assistant's turn. A signature goes onto the part that it was received with. */
export function modelParts(
  parts: readonly AssistantPart[],
  path: string,
  context: ContentContext,
): JsonObject[] {
  const { dropped } = context;
  const wire: Record<string, unknown>[] = [];
  /** A signature without thoughts of its own, waiting for the call behind it. */
  let loose: string | undefined;
  let calls = 0;

  const placeLoose = (): void => {
    if (loose === undefined) return;
    const before = wire.at(-1);
    if (
      before !== undefined &&
      typeof before.text === 'string' &&
      before.thoughtSignature === undefined &&
      before.thought !== true
    )
      before.thoughtSignature = loose;
    else wire.push({ text: '', thought: true, thoughtSignature: loose });
    loose = undefined;
  };

  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type !== 'tool_call') placeLoose();
    switch (part.type) {
      case 'text': {
        const text = textPart(part, at, dropped);
        if (text !== undefined) wire.push(text);
        break;
      }
      case 'refusal':
        dropped.push({ path: `${at}.type`, reason: 'a refusal is said as text' });
        if (part.text !== '') wire.push({ text: part.text });
        break;
      case 'image':
      case 'audio':
        wire.push(mediaPart(part, at, dropped));
        break;
      case 'reasoning': {
        const signature = signatureOf(part.signature, at, dropped);
        if (part.text === '' && signature === undefined) {
          dropped.push({ path: at, reason: 'encrypted reasoning of another format' });
          break;
        }
        for (const field of ['id', 'encrypted'] as const)
          if (part[field] !== undefined)
            dropped.push({ path: `${at}.${field}`, reason: 'a thought has no such field' });
        if (part.text === '') loose = signature;
        else wire.push({ text: part.text, thought: true, ...signed(signature) });
        break;
      }
      case 'tool_call': {
        dropCache(part, at, dropped);
        context.callNames.set(part.id, part.name);
        const args = jsonOrUndefined(part.arguments);
        if (!isObject(args))
          dropped.push({ path: `${at}.arguments`, reason: 'not a JSON object, as the format demands' });
        let signature = signatureOf(part.signature, at, dropped);
        if (signature === undefined && loose !== undefined) {
          signature = loose;
          loose = undefined;
        }
        placeLoose();
        // Of calls made at once only the first is signed.
        if (signature === undefined && calls === 0 && context.signedCalls) signature = FOREIGN_CALL_SIGNATURE;
        calls += 1;
        wire.push({
          functionCall: { ...callId(part.id), name: part.name, args: isObject(args) ? args : {} },
          ...signed(signature),
        });
        break;
      }
    }
  }
  placeLoose();
  return wire;
}

function callId(id: string): JsonObject {
  return isMadeCallId(id) ? {} : { id };
}

function signed(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { thoughtSignature: signature };
}

/** A signature is bytes in base64; anything else is another format's and would fail the whole request. */
function signatureOf(signature: string | undefined, path: string, dropped: Dropped[]): string | undefined {
  if (signature === undefined || /^[A-Za-z0-9+/_-]+={0,2}$/.test(signature)) return signature;
  dropped.push({ path: `${path}.signature`, reason: 'not base64: the signature of another format' });
  return undefined;
}

/**
 * A `functionResponse`. Its `response` is an object: a result that is one itself goes as it is, other text under `output`, an error under
 * `error` ("Function calling", FunctionResponse). Images and files go beside it as `parts`.
 */
export function functionResponse(part: ToolResultPart, path: string, context: ContentContext): JsonObject {
  const { dropped } = context;
  dropCache(part, path, dropped);
  const texts: string[] = [];
  const media: JsonObject[] = [];
  for (const [index, item] of part.content.entries()) {
    const at = `${path}.content[${index}]`;
    if (item.type === 'text') {
      dropCache(item, at, dropped);
      texts.push(item.text);
    } else media.push(mediaPart(item, at, dropped));
  }
  return {
    functionResponse: {
      ...callId(part.callId),
      name: part.name ?? context.callNames.get(part.callId) ?? part.callId,
      response: responseObject(texts.join('\n'), part.isError === true),
      ...(media.length === 0 ? {} : { parts: media }),
    },
  };
}

function responseObject(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  if (text.startsWith('{')) {
    const value = jsonOrUndefined(text);
    // Only when it reads back to the very same text, and is not mistaken for a wrapper.
    if (isObject(value) && !('output' in value) && !('error' in value) && JSON.stringify(value) === text)
      return value;
  }
  return text === '' ? {} : { output: text };
}
