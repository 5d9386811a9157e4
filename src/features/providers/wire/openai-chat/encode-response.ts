import type { StreamEncoderOptions } from '../../codec.ts';
import type {
  AssistantPart,
  Choice,
  ConversationResponse,
  ImagePart,
  JsonObject,
  ReasoningPart,
  ToolCallPart,
} from '../../conversation.ts';
import { encodeFinishReason } from './finish-reason.ts';
import { encodeReasoningParts } from './reasoning.ts';
import { urlOfSource } from './sources.ts';
import { encodeUsage } from './usage.ts';

/**
 * A neutral answer as "The chat completion object". Texts are joined; thoughts go into `reasoning_content` and, with their state, into
 * `reasoning_details`; images into `images` (as OpenRouter does, for OpenAI's format has no place for them).
 */
export function encodeResponse(response: ConversationResponse, options: StreamEncoderOptions): JsonObject {
  return {
    id: response.id,
    object: 'chat.completion',
    created: Math.floor(response.created / 1_000),
    model: options.model,
    choices: response.choices.map((choice) => encodeChoice(choice, response.id)),
    usage: encodeUsage(response.usage),
    ...(response.serviceTier === undefined ? {} : { service_tier: response.serviceTier }),
  };
}

function encodeChoice(choice: Choice, responseId: string): JsonObject {
  const refusal = joined(choice.parts, 'refusal');
  return {
    index: choice.index,
    message: answerMessage(choice.parts, refusal, responseId),
    logprobs: encodeLogprobs(choice.logprobs),
    finish_reason: encodeFinishReason(choice.finishReason, refusal !== ''),
  };
}

/** The object always has both lists. */
export function encodeLogprobs(logprobs: JsonObject | undefined): JsonObject | null {
  return logprobs === undefined ? null : { content: null, refusal: null, ...logprobs };
}

function answerMessage(parts: readonly AssistantPart[], refusal: string, responseId: string): JsonObject {
  const thoughts: ReasoningPart[] = [];
  const calls: JsonObject[] = [];
  const images: JsonObject[] = [];
  let audio: JsonObject | undefined;
  for (const part of parts) {
    if (part.type === 'reasoning') thoughts.push(part);
    else if (part.type === 'tool_call') calls.push(encodeToolCall(part));
    else if (part.type === 'image') images.push(...encodeImage(part));
    else if (part.type === 'audio' && part.source.kind === 'base64')
      audio = {
        id: `audio_${responseId}`,
        data: part.source.data,
        expires_at: 0,
        transcript: joined(parts, 'text'),
      };
  }
  const text =
    parts.some((part) => part.type === 'text') && audio === undefined ? joined(parts, 'text') : null;
  return {
    role: 'assistant',
    content: text,
    refusal: refusal === '' ? null : refusal,
    annotations: [],
    ...encodeReasoningParts(thoughts),
    ...(audio === undefined ? {} : { audio }),
    ...(images.length === 0 ? {} : { images }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function joined(parts: readonly AssistantPart[], type: 'text' | 'refusal'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('');
}

function encodeToolCall(part: ToolCallPart): JsonObject {
  return {
    id: part.id,
    type: 'function',
    function: { name: part.name, arguments: part.arguments },
    ...(part.signature === undefined
      ? {}
      : { extra_content: { google: { thought_signature: part.signature } } }),
  };
}

function encodeImage(part: ImagePart): JsonObject[] {
  const url = urlOfSource(part.source);
  return url === undefined ? [] : [{ type: 'image_url', image_url: { url } }];
}
