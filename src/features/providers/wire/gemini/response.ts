import type { StreamEncoderOptions } from '../../codec.ts';
import {
  type AssistantPart,
  type Choice,
  type ConversationResponse,
  type FinishReason,
  type JsonObject,
  NO_USAGE,
} from '../../conversation.ts';
import {
  isObject,
  malformed,
  ReportedUpstreamError,
  upstreamArray,
  upstreamObject,
  upstreamText,
} from '../fields.ts';
import { partsOf, readPart, writePart } from './candidate-parts.ts';
import { addText } from './decode-content.ts';
import { errorInfo, errorMember } from './errors.ts';
import { decodeFinishReason, encodeFinishReason } from './finish-reason.ts';
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/**
 * A `GenerateContentResponse` in neutral form. A prompt that was blocked is a choice that refuses; the reason that Gemini gives for a refusal
 * becomes a refusal part.
 */
export function decodeResponse(value: unknown): ConversationResponse {
  const body = upstreamObject(value, 'body');
  const error = errorMember(body);
  if (error !== undefined) throw new ReportedUpstreamError(errorInfo(error));
  const id = upstreamText(body.responseId, 'responseId');
  const choices: Choice[] = [];
  let calls = 0;
  for (const [position, item] of candidatesOf(body).entries()) {
    const path = `candidates[${position}]`;
    const candidate = upstreamObject(item, path);
    const parts: AssistantPart[] = [];
    let called = false;
    for (const [at, raw] of partsOf(candidate, path).entries()) {
      const part = readPart(raw, `${path}.content.parts[${at}]`, id, calls);
      if (part === undefined) continue;
      if (part.kind === 'media') parts.push(part.part);
      else if (part.kind === 'text') addText(parts, part.text, part.thought, part.state);
      else {
        calls += 1;
        called = true;
        const { kind: _kind, ...call } = part;
        parts.push({ type: 'tool_call', ...call });
      }
    }
    const finishReason = decodeFinishReason(candidate.finishReason, called);
    if (finishReason === 'refusal') parts.push(...refusal(candidate.finishMessage));
    const logprobs = decodeLogprobs(candidate.logprobsResult);
    choices.push({
      index: indexOf(candidate, position),
      parts,
      finishReason,
      ...(logprobs === undefined ? {} : { logprobs }),
    });
  }
  if (choices.length === 0) choices.push(blockedChoice(body));
  return {
    id,
    model: upstreamText(body.modelVersion, 'modelVersion'),
    created: createdOf(body),
    choices,
    usage: decodeUsage(body.usageMetadata) ?? NO_USAGE,
  };
}

/** The candidates of an answer or a stream's event; a blocked prompt has none. */
export function candidatesOf(body: JsonObject): readonly unknown[] {
  return body.candidates === undefined || body.candidates === null
    ? []
    : upstreamArray(body.candidates, 'candidates');
}

/** A candidate's `index`, which is left out for the first. */
export function indexOf(candidate: JsonObject, position: number): number {
  return typeof candidate.index === 'number' ? candidate.index : position;
}

/** `createTime` in milliseconds; the Gemini API itself does not send it, Vertex does. */
export function createdOf(body: JsonObject): number {
  const time = typeof body.createTime === 'string' ? Date.parse(body.createTime) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}

/** Why the prompt was blocked, as a sentence; `undefined` when it was not. */
export function blockedPrompt(body: JsonObject): string | undefined {
  const feedback = body.promptFeedback;
  if (!isObject(feedback) || typeof feedback.blockReason !== 'string') return undefined;
  return typeof feedback.blockReasonMessage === 'string' && feedback.blockReasonMessage !== ''
    ? feedback.blockReasonMessage
    : `The provider blocked the prompt (${feedback.blockReason}).`;
}

function blockedChoice(body: JsonObject): Choice {
  const text = blockedPrompt(body);
  if (text === undefined) throw malformed('candidates', 'is empty, and the prompt was not blocked');
  return { index: 0, parts: [{ type: 'refusal', text }], finishReason: 'refusal' };
}

function refusal(message: unknown): AssistantPart[] {
  return typeof message === 'string' && message !== '' ? [{ type: 'refusal', text: message }] : [];
}

/**
 * A neutral answer as a `GenerateContentResponse`. A call that is not JSON is what Gemini itself reports as `MALFORMED_FUNCTION_CALL`. The words of a
 * refusal are the `finishMessage`.
 */
export function encodeResponse(response: ConversationResponse, options: StreamEncoderOptions): JsonObject {
  return {
    candidates: response.choices.map((choice) => {
      const parts = choice.parts.map(writePart);
      const broken = choice.parts.some((part, at) => part.type === 'tool_call' && parts[at] === undefined);
      const logprobsResult = encodeLogprobs(choice.logprobs);
      const message = choice.parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
      const reason = message === '' ? choice.finishReason : 'refusal';
      return {
        content: {
          role: 'model',
          parts: contentParts(
            parts.filter((part) => part !== undefined),
            reason,
          ),
        },
        finishReason: broken ? 'MALFORMED_FUNCTION_CALL' : encodeFinishReason(reason),
        ...(message === '' ? {} : { finishMessage: message }),
        index: choice.index,
        ...(logprobsResult === undefined ? {} : { logprobsResult }),
      };
    }),
    usageMetadata: encodeUsage(response.usage),
    modelVersion: options.model,
    responseId: response.id,
    ...(response.created === 0 ? {} : { createTime: new Date(response.created).toISOString() }),
  };
}

/**
 * The parts of a content: never none, as in Gemini's own answers, because its libraries drop a turn with an empty content, and the question
 * with it, from a chat's history. That is what they do with a refused turn.
 */
export function contentParts(parts: readonly JsonObject[], reason: FinishReason): readonly JsonObject[] {
  return parts.length > 0 || reason === 'refusal' ? parts : [{ text: '' }];
}
