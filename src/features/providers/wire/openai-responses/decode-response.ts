import type { AssistantPart, ConversationResponse, FinishReason, JsonObject } from '../../conversation.ts';
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
import { signatureOf } from '../openai-chat/decode-messages.ts';
import { errorIn, errorInfo } from './errors.ts';
import { reasoningPart, SUMMARY_BREAK } from './reasoning-item.ts';
import { decodeUsage } from './usage.ts';

/**
 * "The Response object" in neutral form. A failed one throws `ReportedUpstreamError`, one that is not finished (made in the background)
 * `MalformedUpstreamError`. Items of tools that the provider ran itself are passed over, but for images that it drew.
 */
export function decodeResponse(value: unknown): ConversationResponse {
  const body = upstreamObject(value, 'body');
  const error = isObject(body.error) || !Array.isArray(body.output) ? errorIn(body) : undefined;
  if (error !== undefined) throw new ReportedUpstreamError(errorInfo(error));
  const parts: AssistantPart[] = [];
  const logprobs: unknown[] = [];
  for (const [at, item] of upstreamArray(body.output, 'output').entries())
    parts.push(...itemParts(upstreamObject(item, `output[${at}]`), `output[${at}]`, logprobs));
  return {
    id: upstreamText(body.id, 'id'),
    model: upstreamText(body.model, 'model'),
    created: count(body.created_at) * 1_000,
    choices: [
      {
        index: 0,
        parts,
        finishReason: finishReason(body, {
          calledTools: parts.some((part) => part.type === 'tool_call'),
          refused: parts.some((part) => part.type === 'refusal'),
        }),
        ...(logprobs.length === 0 ? {} : { logprobs: { content: logprobs } }),
      },
    ],
    usage: decodeUsage(body.usage),
    ...(typeof body.service_tier === 'string' ? { serviceTier: body.service_tier } : {}),
  };
}

/** Why a response ended: its `status` and `incomplete_details.reason`; what it holds decides when it is complete. */
export function finishReason(
  response: JsonObject,
  answer: { readonly calledTools: boolean; readonly refused: boolean },
): FinishReason {
  switch (response.status) {
    case 'incomplete': {
      const reason = isObject(response.incomplete_details) ? response.incomplete_details.reason : undefined;
      return reason === 'content_filter' ? 'refusal' : 'length';
    }
    case 'failed':
    case 'cancelled':
      return 'error';
    case 'queued':
    case 'in_progress':
      throw malformed('status', 'says that the response is not finished');
    default:
      if (answer.calledTools) return 'tool_calls';
      return answer.refused ? 'refusal' : 'stop';
  }
}

function itemParts(item: JsonObject, path: string, logprobs: unknown[]): AssistantPart[] {
  switch (item.type) {
    case 'message':
      return messageParts(item.content, `${path}.content`, logprobs);
    case 'reasoning':
      return [
        reasoningPart(
          joinedTexts(item.summary) || joinedTexts(item.content),
          upstreamText(item.id, `${path}.id`),
          upstreamText(item.encrypted_content, `${path}.encrypted_content`),
        ),
      ];
    case 'function_call':
      return [
        {
          type: 'tool_call',
          id: upstreamString(item.call_id, `${path}.call_id`),
          name: upstreamString(item.name, `${path}.name`),
          arguments: upstreamText(item.arguments, `${path}.arguments`) || '{}',
          ...signatureOf(item),
        },
      ];
    case 'custom_tool_call':
      // A custom tool's free text becomes the one argument `input` of a function.
      return [
        {
          type: 'tool_call',
          id: upstreamString(item.call_id, `${path}.call_id`),
          name: upstreamString(item.name, `${path}.name`),
          arguments: JSON.stringify({ input: upstreamText(item.input, `${path}.input`) }),
        },
      ];
    case 'image_generation_call':
      return imageParts(item);
    default:
      upstreamString(item.type, `${path}.type`);
      return [];
  }
}

function imageParts(item: JsonObject): AssistantPart[] {
  if (typeof item.result !== 'string' || item.result === '') return [];
  const format = typeof item.output_format === 'string' ? item.output_format : 'png';
  return [{ type: 'image', source: { kind: 'base64', mediaType: `image/${format}`, data: item.result } }];
}

function messageParts(content: unknown, path: string, logprobs: unknown[]): AssistantPart[] {
  const parts: AssistantPart[] = [];
  for (const [at, value] of upstreamArray(content, path).entries()) {
    const block = upstreamObject(value, `${path}[${at}]`);
    if (block.type === 'output_text') {
      const text = upstreamString(block.text, `${path}[${at}].text`);
      if (text !== '') parts.push({ type: 'text', text });
      if (Array.isArray(block.logprobs)) logprobs.push(...(block.logprobs as unknown[]));
    } else if (block.type === 'refusal') {
      parts.push({ type: 'refusal', text: upstreamString(block.refusal, `${path}[${at}].refusal`) });
    }
  }
  return parts;
}

/** The texts of a `summary` or a thought's `content`; nothing of another shape is an error. */
export function joinedTexts(list: unknown): string {
  if (!Array.isArray(list)) return '';
  return list
    .map((entry: unknown) => (isObject(entry) && typeof entry.text === 'string' ? entry.text : ''))
    .filter((text) => text !== '')
    .join(SUMMARY_BREAK);
}
