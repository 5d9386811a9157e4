import type { JsonObject } from '../../conversation.ts';

/** Ids of the items of an answer: the same each time for the same answer. */
export function itemId(kind: 'msg' | 'fc' | 'ig', responseId: string, index: number): string {
  return `${kind}_${itemKey(responseId, index)}`;
}

/** What tells an item from those of all other answers. */
export function itemKey(responseId: string, index: number): string {
  return `${responseId.replace(/[^A-Za-z0-9]/g, '').slice(-32)}_${index}`;
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function messageItem(id: string, status: ItemStatus, content: readonly JsonObject[]): JsonObject {
  return { type: 'message', id, status, role: 'assistant', content };
}

export function textContent(text: string, logprobs: readonly unknown[]): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs };
}

export function refusalContent(text: string): JsonObject {
  return { type: 'refusal', refusal: text };
}

/** A call; its opaque state stands where Google's OpenAI compatibility keeps it. */
export function functionCallItem(
  id: string,
  status: ItemStatus,
  call: { readonly id: string; readonly name: string; readonly signature?: string },
  args: string,
): JsonObject {
  return {
    type: 'function_call',
    id,
    status,
    call_id: call.id,
    name: call.name,
    arguments: args,
    ...(call.signature === undefined
      ? {}
      : { extra_content: { google: { thought_signature: call.signature } } }),
  };
}
