import { describe, expect, it } from 'vitest';
import type { ConversationRequest, Tool } from './conversation.ts';
import { clientParam, weightyLoss } from './losses.ts';
import { codecFor } from './wire/index.ts';

const look: Tool = { name: 'look', parameters: { type: 'object', properties: {} } };

/** The path that a body of the format cannot do without at a provider of another. */
function lossOf(
  format: 'openai-chat' | 'openai-responses' | 'anthropic-messages',
  body: object,
  lenient = false,
): string | undefined {
  const decoded = codecFor(format).decodeRequest({
    model: 'm',
    ...(format === 'openai-responses'
      ? { input: [{ role: 'user', content: 'Hi' }] }
      : { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 100 }),
    ...body,
  });
  const other = format === 'anthropic-messages' ? 'openai-chat' : 'anthropic-messages';
  const { dropped } = codecFor(other).encodeRequest({ ...decoded.request, model: 'n' });
  return weightyLoss(decoded.request, [...decoded.dropped, ...dropped], lenient)?.path;
}

describe('what a provider of another format cannot say', () => {
  it('is advice where it only says how freely words are drawn, or who asks', () => {
    const advice = { presence_penalty: 0.5, frequency_penalty: 0.5, store: false, metadata: { a: 'b' } };
    expect(lossOf('openai-chat', advice)).toBeUndefined();
    expect(lossOf('anthropic-messages', { top_k: 3, context_management: { edits: [] } })).toBeUndefined();
    const temperature = { path: 'temperature', reason: 'the model takes no sampling parameters' };
    expect(weightyLoss({} as ConversationRequest, [temperature])).toBeUndefined();
  });

  it('is a reason not to ask where the answer would be another', () => {
    expect(lossOf('openai-chat', { n: 2 })).toBe('choices');
    expect(lossOf('openai-chat', { logprobs: true })).toBe('logprobs');
    expect(lossOf('openai-chat', { n: 2 }, true)).toBeUndefined();
  });

  it('is an offer where a provider’s own tool stands beside functions, and the point where it stands alone', () => {
    const search = { type: 'web_search_20250305', name: 'web_search' };
    expect(lossOf('anthropic-messages', { tools: [search] })).toBe('extra.tools');
    const beside = { name: 'look', input_schema: look.parameters };
    expect(lossOf('anthropic-messages', { tools: [search, beside] })).toBeUndefined();
  });

  it.each([
    ['an earlier response', 'openai-responses', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['a kept item', 'openai-responses', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
    [
      'a call of an unknown kind',
      'openai-responses',
      { input: [{ type: 'shell_call', id: 's' }] },
      'input[0]',
    ],
    ['a thread', 'anthropic-messages', { thread: { type: 'continue', previous_message_id: 'm' } }, 'thread'],
  ] as const)(
    'is never left out where it is a part of the conversation: %s',
    (_what, format, body, param) => {
      for (const lenient of [false, true]) {
        const path = lossOf(format, body, lenient);
        expect(clientParam(format, path ?? '')).toBe(param);
      }
    },
  );

  it('is no part of the conversation where all of it is there', () => {
    expect(lossOf('anthropic-messages', { thread: { type: 'create' } })).toBeUndefined();
    const searched = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
    const input = [{ role: 'user', content: 'Hi' }, searched, { role: 'assistant', content: 'Found.' }];
    expect(lossOf('openai-responses', { input })).toBeUndefined();
  });

  it('is not lost where a picture of a tool’s result is said in another place', () => {
    const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } };
    const messages = [
      { role: 'user', content: 'Look' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: [picture] }] },
    ];
    expect(lossOf('anthropic-messages', { messages })).toBeUndefined();
  });
});
