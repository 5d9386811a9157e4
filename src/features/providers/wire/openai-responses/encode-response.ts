import type { StreamEncoderOptions } from '../../codec.ts';
import type { AssistantPart, Choice, ConversationResponse, JsonObject } from '../../conversation.ts';
import {
  functionCallItem,
  type ItemStatus,
  itemId,
  itemKey,
  messageItem,
  refusalContent,
  textContent,
} from './output-items.ts';
import { reasoningItem, reasoningItemId } from './reasoning-item.ts';
import { endOf, responseObject } from './response-object.ts';

/**
 * A neutral answer as "The Response object". The format gives one answer, so only the first choice is said. Texts and refusals that stand
 * together are one message item; audio has no place in it.
 */
export function encodeResponse(response: ConversationResponse, options: StreamEncoderOptions): JsonObject {
  const choice = response.choices[0];
  const refused = choice?.parts.some((part) => part.type === 'refusal') ?? false;
  const end = endOf(choice?.finishReason ?? 'error', refused);
  const { id, created, usage, serviceTier } = response;
  const output =
    choice === undefined
      ? []
      : outputItems(choice, id, end.status === 'completed' ? 'completed' : 'incomplete');
  return responseObject({ id, created, usage, serviceTier, output, ...end }, options);
}

function outputItems(choice: Choice, responseId: string, status: ItemStatus): JsonObject[] {
  const items: JsonObject[] = [];
  let open: JsonObject[] = [];
  // Log-probabilities belong to the answer as a whole; its first text carries them.
  let logprobs = listOf(choice.logprobs?.content);
  const flush = (): void => {
    if (open.length > 0) items.push(messageItem(itemId('msg', responseId, items.length), status, open));
    open = [];
  };
  for (const part of choice.parts) {
    if (part.type === 'text') {
      open.push(textContent(part.text, logprobs));
      logprobs = [];
    } else if (part.type === 'refusal') open.push(refusalContent(part.text));
    else {
      flush();
      const item = otherItem(part, responseId, items.length, status);
      if (item !== undefined) items.push(item);
    }
  }
  flush();
  return items;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function otherItem(
  part: AssistantPart,
  responseId: string,
  index: number,
  status: ItemStatus,
): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return reasoningItem(reasoningItemId(part.id, itemKey(responseId, index)), part);
    case 'tool_call':
      return functionCallItem(itemId('fc', responseId, index), status, part, part.arguments);
    case 'image': {
      if (part.source.kind !== 'base64') return undefined;
      const { data, mediaType } = part.source;
      const id = itemId('ig', responseId, index);
      const format = mediaType.replace(/^image\//, '');
      return { type: 'image_generation_call', id, status: 'completed', result: data, output_format: format };
    }
    default:
      return undefined;
  }
}
