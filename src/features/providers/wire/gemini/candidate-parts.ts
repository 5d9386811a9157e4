import type { AssistantPart, JsonObject } from '../../conversation.ts';
import {
  isObject,
  jsonOrUndefined,
  malformed,
  upstreamObject,
  upstreamString,
  upstreamText,
} from '../fields.ts';
import { upstreamJsonText } from '../json-text.ts';
import { packedStateBase64, type ThoughtState, unpackedStateBase64 } from '../thought-state.ts';
import { madeCallId, seedOf } from './call-ids.ts';

/** One part of a candidate, read. Parts of Google's own tools (`executableCode`, …) are `undefined`: passed over. */
export type CandidatePart =
  | { readonly kind: 'text'; readonly text: string; readonly thought: boolean; readonly state: ThoughtState }
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly name: string;
      readonly arguments: string;
      readonly signature?: string;
    }
  | { readonly kind: 'media'; readonly part: AssistantPart };

/** The parts of a candidate's content; a candidate without content has none. */
export function partsOf(candidate: JsonObject, path: string): readonly unknown[] {
  const content = candidate.content;
  if (content === undefined || content === null) return [];
  const parts = upstreamObject(content, `${path}.content`).parts;
  if (parts === undefined || parts === null) return [];
  if (!Array.isArray(parts)) throw malformed(`${path}.content.parts`, 'is not an array');
  return parts as readonly unknown[];
}

/** Reads one part. `callCount` is the number of calls before it in the answer, for the id of a call that has none. */
export function readPart(
  value: unknown,
  path: string,
  responseId: string,
  callCount: number,
): CandidatePart | undefined {
  const part = upstreamObject(value, path);
  const given = upstreamText(part.thoughtSignature, `${path}.thoughtSignature`);
  const signature = given === '' ? {} : { signature: given };
  if (part.functionCall !== undefined && part.functionCall !== null) {
    const call = upstreamObject(part.functionCall, `${path}.functionCall`);
    const name = upstreamString(call.name, `${path}.functionCall.name`);
    const args = upstreamJsonText(
      call.args === undefined || call.args === null
        ? {}
        : upstreamObject(call.args, `${path}.functionCall.args`),
      `${path}.functionCall.args`,
    );
    const id =
      upstreamText(call.id, `${path}.functionCall.id`) ||
      madeCallId(responseId || seedOf(name + args), callCount);
    return { kind: 'call', id, name, arguments: args, ...signature };
  }
  if (part.text !== undefined && part.text !== null)
    return {
      kind: 'text',
      text: upstreamString(part.text, `${path}.text`),
      thought: part.thought === true,
      state: unpackedStateBase64(given),
    };
  if (part.inlineData !== undefined && part.inlineData !== null) {
    const blob = upstreamObject(part.inlineData, `${path}.inlineData`);
    const mediaType = upstreamString(blob.mimeType, `${path}.inlineData.mimeType`);
    const type = mediaType.startsWith('audio/') ? 'audio' : 'image';
    const data = upstreamString(blob.data, `${path}.inlineData.data`);
    return { kind: 'media', part: { type, source: { kind: 'base64', mediaType, data } } };
  }
  return given === ''
    ? undefined
    : { kind: 'text', text: '', thought: false, state: unpackedStateBase64(given) };
}

/** A part of an answer for a client. A call whose arguments are no JSON object cannot be said: `undefined`. */
export function writePart(part: AssistantPart): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : { text: part.text };
    case 'reasoning': {
      const signature = packedStateBase64(part);
      if (part.text === '' && signature === undefined) return undefined;
      return { text: part.text, thought: true, ...signed(signature) };
    }
    case 'tool_call': {
      const args = jsonOrUndefined(part.arguments);
      if (!isObject(args)) return undefined;
      return { functionCall: { id: part.id, name: part.name, args }, ...signed(part.signature) };
    }
    case 'image':
    case 'audio': {
      const source = part.source;
      if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
      const mimeType = source.mediaType ?? (part.type === 'image' ? 'image/jpeg' : 'audio/mpeg');
      return { fileData: { mimeType, fileUri: source.kind === 'url' ? source.url : source.id } };
    }
    case 'refusal':
      return undefined;
  }
}

function signed(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { thoughtSignature: signature };
}
