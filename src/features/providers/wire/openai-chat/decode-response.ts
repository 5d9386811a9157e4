import type {
  AssistantPart,
  Choice,
  ConversationResponse,
  JsonObject,
  ToolCallPart,
} from '../../conversation.ts';
import {
  count,
  isObject,
  malformed,
  ReportedUpstreamError,
  upstreamArray,
  upstreamObject,
  upstreamString,
  upstreamText,
} from '../fields.ts';
import { signatureOf } from './decode-messages.ts';
import { errorIn, errorInfo } from './errors.ts';
import { decodeFinishReason } from './finish-reason.ts';
import { reasoningParts } from './reasoning.ts';
import { sniffedAudioType, sourceOfUrl } from './sources.ts';
import { decodeUsage } from './usage.ts';

/**
 * "The chat completion object" in neutral form. Throws `MalformedUpstreamError`, and `ReportedUpstreamError` (one of them) when the body
 * of a successful answer is an error, as OpenRouter's sometimes is.
 */
export function decodeResponse(value: unknown): ConversationResponse {
  const body = upstreamObject(value, 'body');
  const error = Array.isArray(body.choices) ? undefined : errorIn(body);
  if (error !== undefined) throw new ReportedUpstreamError(errorInfo(error));
  const id = upstreamText(body.id, 'id');
  const choices = upstreamArray(body.choices, 'choices');
  if (choices.length === 0) throw malformed('choices', 'is empty');
  return {
    id,
    model: upstreamText(body.model, 'model'),
    created: createdMs(body.created),
    choices: choices.map((choice, at) => decodeChoice(choice, at, id)),
    usage: decodeUsage(body.usage),
    ...(typeof body.service_tier === 'string' ? { serviceTier: body.service_tier } : {}),
  };
}

/** `created` is in seconds; 0 when it is missing. */
export function createdMs(created: unknown): number {
  return count(created) * 1_000;
}

function decodeChoice(value: unknown, at: number, responseId: string): Choice {
  const path = `choices[${at}]`;
  const choice = upstreamObject(value, path);
  const error = errorIn({ error: choice.error });
  if (error !== undefined) throw new ReportedUpstreamError(errorInfo(error));
  const index = typeof choice.index === 'number' ? choice.index : at;
  const parts = answerParts(
    upstreamObject(choice.message, `${path}.message`),
    `${path}.message`,
    responseId,
    index,
  );
  const reason = decodeFinishReason(choice.finish_reason, {
    calledTools: parts.some((part) => part.type === 'tool_call'),
    refused: parts.some((part) => part.type === 'refusal'),
  });
  const stopped = reason === 'stop' ? stopSequenceOf(choice) : undefined;
  return {
    index,
    parts,
    finishReason: stopped === undefined ? reason : 'stop_sequence',
    ...(stopped === undefined ? {} : { stopSequence: stopped }),
    ...(isObject(choice.logprobs) ? { logprobs: choice.logprobs } : {}),
  };
}

/** vLLM says in `stop_reason` which stop sequence matched (a number there is a token, `null` the model's own end). */
export function stopSequenceOf(choice: JsonObject): string | undefined {
  return typeof choice.stop_reason === 'string' && choice.stop_reason !== '' ? choice.stop_reason : undefined;
}

function answerParts(message: JsonObject, path: string, responseId: string, choice: number): AssistantPart[] {
  const parts: AssistantPart[] = [
    ...reasoningParts(message),
    ...contentParts(message.content, `${path}.content`),
  ];
  const refusal = upstreamText(message.refusal, `${path}.refusal`);
  if (refusal !== '') parts.push({ type: 'refusal', text: refusal });
  parts.push(...audioParts(message.audio), ...imageParts(message.images));
  if (message.tool_calls !== undefined && message.tool_calls !== null)
    for (const [at, call] of upstreamArray(message.tool_calls, `${path}.tool_calls`).entries())
      parts.push(toolCall(call, `${path}.tool_calls[${at}]`, synthesizedCallId(responseId, choice, at)));
  return parts;
}

/**
 * A content: text, or, from Mistral, an array in which thoughts (`thinking`) stand among texts. Blocks of other types are passed over.
 */
export function contentParts(content: unknown, path: string): AssistantPart[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts: AssistantPart[] = [];
  for (const [at, item] of upstreamArray(content, path).entries()) {
    const block = upstreamObject(item, `${path}[${at}]`);
    const part = contentPart(block, `${path}[${at}]`);
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

function contentPart(block: JsonObject, path: string): AssistantPart | undefined {
  switch (block.type) {
    case 'text': {
      const text = upstreamString(block.text, `${path}.text`);
      return text === '' ? undefined : { type: 'text', text };
    }
    case 'refusal':
      return { type: 'refusal', text: upstreamString(block.refusal, `${path}.refusal`) };
    case 'thinking': {
      const inner =
        typeof block.thinking === 'string'
          ? block.thinking
          : contentParts(block.thinking, `${path}.thinking`);
      const text =
        typeof inner === 'string'
          ? inner
          : inner.map((part) => (part.type === 'text' ? part.text : '')).join('');
      return text === '' ? undefined : { type: 'reasoning', text };
    }
    case 'image_url':
      return imageParts([block])[0];
    default:
      return undefined;
  }
}

/** `message.audio`: its transcript is the text of the answer, which has no other. */
function audioParts(audio: unknown): AssistantPart[] {
  if (!isObject(audio)) return [];
  const parts: AssistantPart[] = [];
  if (typeof audio.transcript === 'string' && audio.transcript !== '')
    parts.push({ type: 'text', text: audio.transcript });
  if (typeof audio.data === 'string' && audio.data !== '')
    parts.push({
      type: 'audio',
      source: { kind: 'base64', mediaType: sniffedAudioType(audio.data), data: audio.data },
    });
  return parts;
}

/** `message.images`: where OpenRouter puts what an image model drew. */
function imageParts(images: unknown): AssistantPart[] {
  if (!Array.isArray(images)) return [];
  const parts: AssistantPart[] = [];
  for (const image of images) {
    const url: unknown = isObject(image) && isObject(image.image_url) ? image.image_url.url : undefined;
    if (typeof url === 'string' && url !== '') parts.push({ type: 'image', source: sourceOfUrl(url) });
  }
  return parts;
}

function toolCall(value: unknown, path: string, fallbackId: string): ToolCallPart {
  const call = upstreamObject(value, path);
  const id = upstreamText(call.id, `${path}.id`) || fallbackId;
  if (call.type === 'custom' && isObject(call.custom)) {
    const input = upstreamText(call.custom.input, `${path}.custom.input`);
    const name = upstreamString(call.custom.name, `${path}.custom.name`);
    return { type: 'tool_call', id, name, arguments: JSON.stringify({ input }) };
  }
  const called = upstreamObject(call.function, `${path}.function`);
  return {
    type: 'tool_call',
    id,
    name: upstreamString(called.name, `${path}.function.name`),
    arguments: argumentsText(called.arguments, `${path}.function.arguments`) || '{}',
    ...signatureOf(call),
  };
}

/** Arguments are JSON text; some servers send the object itself. Empty when there are none. */
export function argumentsText(value: unknown, path: string): string {
  return isObject(value) ? JSON.stringify(value) : upstreamText(value, path);
}

/**
 * An id for a call that came without one: the same each time for the same answer, different between answers, and within the 40 characters
 * that OpenAI takes.
 */
export function synthesizedCallId(responseId: string, choice: number, call: number): string {
  const tail = responseId.replace(/[^A-Za-z0-9]/g, '').slice(-20);
  return `call_${tail}_${choice}_${call}`.slice(0, 40);
}
