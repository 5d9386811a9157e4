import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../../platform/errors.ts';
import type { Message } from '../../conversation.ts';
import { openAiResponsesCodec as codec } from './index.ts';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });

function refusedField(body: unknown): string | undefined {
  try {
    codec.decodeRequest(body);
  } catch (error) {
    if (error instanceof ParallaxError) return error.param ?? error.code;
    throw error;
  }
  return undefined;
}

describe('a request from a Responses client', () => {
  it('is read with what the assistant said in consecutive items as one turn', () => {
    const { request, dropped } = codec.decodeRequest({
      model: 'm',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'Hi' },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: 'b' },
          ],
          encrypted_content: 'XYZ',
        },
        {
          type: 'message',
          id: 'msg_1',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Look:', annotations: [] }],
        },
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'look', arguments: '{"a":1}' },
        { type: 'function_call', call_id: 'c2', name: 'ask', arguments: '' },
        { type: 'function_call_output', call_id: 'c1', output: 'a cat' },
        { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'yes' }] },
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Now in French.' }] },
      ],
    });
    expect(dropped).toEqual([]);
    expect(request.messages).toEqual([
      system('Be brief.'),
      user('Hi'),
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'a\n\nb', id: 'rs_1', encrypted: 'XYZ' },
          { type: 'text', text: 'Look:' },
          { type: 'tool_call', id: 'c1', name: 'look', arguments: '{"a":1}' },
          { type: 'tool_call', id: 'c2', name: 'ask', arguments: '{}' },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool_result', callId: 'c1', name: 'look', content: [{ type: 'text', text: 'a cat' }] },
          { type: 'tool_result', callId: 'c2', name: 'ask', content: [{ type: 'text', text: 'yes' }] },
        ],
      },
      system('Now in French.'),
    ]);
  });

  it('keeps items, tools and parameters without a neutral form at their places', () => {
    const search = {
      type: 'web_search_call',
      id: 'ws_1',
      status: 'completed',
      action: { type: 'search', query: 'q' },
    };
    const reference = { id: 'msg_9' };
    const { request } = codec.decodeRequest({
      model: 'm',
      instructions: 'Be brief.',
      input: [
        reference,
        { role: 'user', content: 'Hi' },
        search,
        { role: 'assistant', content: 'Found.' },
        { role: 'user', content: 'More' },
      ],
      tools: [{ type: 'web_search' }, { type: 'function', name: 'f', parameters: null, strict: null }],
      tool_choice: { type: 'web_search_preview' },
      previous_response_id: 'resp_0',
      reasoning: { effort: 'high', summary: 'detailed' },
      include: ['file_search_call.results', 'message.output_text.logprobs'],
      text: { format: { type: 'text' }, stop: 'x' },
      prompt: null,
    });
    const { body, dropped } = codec.encodeRequest(request);
    expect(dropped).toEqual([]);
    expect(body).toMatchObject({
      instructions: 'Be brief.',
      input: [reference, { role: 'user' }, search, { role: 'assistant' }, { role: 'user' }],
      tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }],
      tool_choice: { type: 'web_search_preview' },
      previous_response_id: 'resp_0',
      reasoning: { effort: 'high', summary: 'detailed' },
      include: ['message.output_text.logprobs', 'file_search_call.results'],
      text: { stop: 'x' },
    });
    expect(body).not.toHaveProperty('prompt');
  });

  it('keeps the places of such items when a system message is put before the others', () => {
    const search = { type: 'web_search_call', id: 'ws_1' };
    const { request } = codec.decodeRequest({
      model: 'm',
      input: [{ role: 'user', content: 'Hi' }, search, { role: 'user', content: 'More' }],
    });
    const longer = { ...request, messages: [system('s'), ...request.messages] };
    expect(codec.encodeRequest(longer).body.input).toMatchObject([
      { role: 'user' },
      search,
      { role: 'user' },
    ]);
  });

  it('names such items when they go to another format', () => {
    const { request } = codec.decodeRequest({
      model: 'm',
      input: [
        { role: 'user', content: 'Hi' },
        { type: 'web_search_call', id: 'ws_1' },
      ],
    });
    expect(Object.keys(request.extra ?? {})).toEqual(['input[1]']);
  });

  it('gives a thought its maker’s state back that had to travel in our own wrapping', () => {
    const sent = codec.encodeResponse(
      {
        id: 'r',
        model: 'm',
        created: 0,
        choices: [
          { index: 0, parts: [{ type: 'reasoning', text: 'hm', signature: 'sig' }], finishReason: 'stop' },
        ],
        usage: {
          inputTokens: 0,
          cachedInputTokens: 0,
          cacheWriteTokens: 0,
          outputTokens: 0,
          reasoningTokens: 0,
        },
      },
      { model: 'm', includeUsage: true },
    );
    const { request } = codec.decodeRequest({ model: 'm', input: sent.output });
    expect(request.messages).toEqual([
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'hm', signature: 'sig' }] },
    ]);
  });

  it.each([
    ['x', 'malformed_request'],
    [{ input: 'x' }, 'model'],
    [{ model: 'm' }, 'input'],
    [{ model: 'm', input: [] }, 'input'],
    [{ model: 'm', input: 7 }, 'input'],
    [{ model: 'm', input: [7] }, 'input[0]'],
    [{ model: 'm', input: [{}] }, 'input[0].type'],
    [{ model: 'm', input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    [
      { model: 'm', input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      'input[0].content[0].image_url',
    ],
    [{ model: 'm', input: [{ type: 'function_call', call_id: 'c' }] }, 'input[0].name'],
    [{ model: 'm', input: [{ type: 'function_call_output', call_id: 'c', output: 7 }] }, 'input[0].output'],
    [{ model: 'm', input: 'x', max_output_tokens: 0 }, 'max_output_tokens'],
    [{ model: 'm', input: 'x', text: { format: { type: 'json_schema' } } }, 'text.format.name'],
    [{ model: 'm', input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ model: 'm', input: 'x', include: [7] }, 'include[0]'],
  ])('is refused by the name of its wrong field: %j', (body, field) => {
    expect(refusedField(body)).toBe(field);
  });

  it('needs no input where the conversation lies at the provider', () => {
    expect(codec.decodeRequest({ model: 'm', prompt: { id: 'pmpt_1' } }).request.messages).toEqual([]);
  });
});
