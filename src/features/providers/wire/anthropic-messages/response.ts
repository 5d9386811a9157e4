import type { StreamEncoderOptions } from '../../codec.ts';
import type { AssistantPart, ConversationResponse, JsonObject } from '../../conversation.ts';
import {
  isObject,
  jsonOrUndefined,
  malformed,
  ReportedUpstreamError,
  upstreamArray,
  upstreamObject,
  upstreamString,
  upstreamText,
} from '../fields.ts';
import { upstreamJsonText } from '../json-text.ts';
import { packedState, type ThoughtState, unpackedState } from '../thought-state.ts';
import { errorInfo } from './errors.ts';
import { decodeStopReason, encodeStopReason } from './stop-reason.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/**
 * Anthropic's `Message` object in neutral form. Blocks of Anthropic's own server tools are passed over: they are answered by Anthropic itself
 * and only come when its own tools were asked for. The explanation of a refusal becomes a refusal part.
 */
export function decodeResponse(value: unknown): ConversationResponse {
  const body = upstreamObject(value, 'body');
  if (body.type === 'error' && isObject(body.error)) throw new ReportedUpstreamError(errorInfo(body.error));
  if (body.type !== 'message') throw malformed('type', 'is not "message"');
  const parts: AssistantPart[] = [];
  for (const [index, item] of upstreamArray(body.content, 'content').entries()) {
    const part = decodeBlock(item, `content[${index}]`);
    if (part !== undefined) parts.push(part);
  }
  const explanation = refusalExplanation(body.stop_details);
  if (explanation !== undefined) parts.push({ type: 'refusal', text: explanation });
  const tier = isObject(body.usage) ? body.usage.service_tier : undefined;
  return {
    id: upstreamText(body.id, 'id'),
    model: upstreamText(body.model, 'model'),
    created: 0,
    choices: [
      {
        index: 0,
        parts,
        finishReason: decodeStopReason(body.stop_reason),
        ...(typeof body.stop_sequence === 'string' ? { stopSequence: body.stop_sequence } : {}),
      },
    ],
    usage: decodeUsage(body.usage).usage,
    ...(typeof tier === 'string' ? { serviceTier: tier === 'standard' ? 'default' : tier } : {}),
  };
}

/** `stop_details.explanation`, where the API says why it declined. */
export function refusalExplanation(details: unknown): string | undefined {
  if (!isObject(details) || details.type !== 'refusal') return undefined;
  return typeof details.explanation === 'string' && details.explanation !== ''
    ? details.explanation
    : undefined;
}

function decodeBlock(value: unknown, path: string): AssistantPart | undefined {
  const block = upstreamObject(value, path);
  switch (block.type) {
    case 'text': {
      const text = upstreamString(block.text, `${path}.text`);
      return text === '' ? undefined : { type: 'text', text };
    }
    case 'thinking': {
      const text = upstreamText(block.thinking, `${path}.thinking`);
      const signature = upstreamText(block.signature, `${path}.signature`);
      if (text === '' && signature === '') return undefined;
      return { type: 'reasoning', text, ...unpackedState(signature) };
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', encrypted: upstreamString(block.data, `${path}.data`) };
    case 'tool_use':
      return {
        type: 'tool_call',
        id: upstreamString(block.id, `${path}.id`),
        name: upstreamString(block.name, `${path}.name`),
        arguments: upstreamJsonText(
          block.input === undefined || block.input === null
            ? {}
            : upstreamObject(block.input, `${path}.input`),
          `${path}.input`,
        ),
      };
    default:
      upstreamString(block.type, `${path}.type`);
      return undefined;
  }
}

/**
 * A neutral answer as Anthropic's `Message` object. The format gives one answer, so only the first choice is said; it has no refusal block:
 * the words of a refusal are the explanation in `stop_details`. Images and audio have no place in it.
 */
export function encodeResponse(response: ConversationResponse, options: StreamEncoderOptions): JsonObject {
  const choice = response.choices[0];
  const parts = choice?.parts ?? [];
  const refusal = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  const reason = refusal === '' ? (choice?.finishReason ?? 'error') : 'refusal';
  const tier = response.serviceTier;
  return {
    id: response.id,
    type: 'message',
    role: 'assistant',
    model: options.model,
    content: parts.flatMap(encodePart),
    stop_reason: encodeStopReason(reason),
    stop_sequence: choice?.stopSequence ?? null,
    ...(reason === 'refusal' ? { stop_details: stopDetails(refusal) } : {}),
    usage: {
      ...encodeUsage(response.usage),
      ...(tier === undefined ? {} : { service_tier: tier === 'default' ? 'standard' : tier }),
    },
  };
}

/** `stop_details` of a refusal; `category` is Anthropic's own classification, unknown for other makers' models. */
export function stopDetails(explanation: string): JsonObject {
  return { type: 'refusal', category: null, explanation: explanation === '' ? null : explanation };
}

function encodePart(part: AssistantPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'tool_call': {
      const input = jsonOrUndefined(part.arguments);
      const call = { type: 'tool_use', id: part.id, name: part.name, input: isObject(input) ? input : {} };
      // A call has no signature here, but a thinking block does, and clients send it back in its place before the call.
      return part.signature === undefined
        ? [call]
        : [{ type: 'thinking', thinking: '', signature: part.signature }, call];
    }
    case 'reasoning':
      return [thoughtBlock(part.text, part)];
    case 'refusal':
    case 'image':
    case 'audio':
      return [];
  }
}

/**
 * A thought for a client. State that Anthropic's own thoughts do not have travels packed in the signature; redacted thinking is encrypted state
 * alone.
 */
export function thoughtBlock(text: string, state: ThoughtState): JsonObject {
  if (text === '' && state.encrypted !== undefined && state.id === undefined && state.signature === undefined)
    return { type: 'redacted_thinking', data: state.encrypted };
  return { type: 'thinking', thinking: text, signature: packedState(state) ?? '' };
}
