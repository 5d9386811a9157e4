import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../../platform/errors.ts';
import { anthropicMessagesCodec as codec } from './index.ts';

function refusal(body: unknown): ParallaxError {
  try {
    codec.decodeRequest(body);
  } catch (error) {
    if (error instanceof ParallaxError) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

describe('a request in Anthropic’s format', () => {
  const body = { model: 'claude-opus-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };

  it('is read, a string being short for one text block', () => {
    expect(codec.decodeRequest({ ...body, system: 'Be brief.', stream: true }).request).toEqual({
      model: 'claude-opus-5',
      maxTokens: 10,
      stream: true,
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
      ],
    });
  });

  it('gives one round of tool results in one message behind the calls, with the tools’ names', () => {
    const { request } = codec.decodeRequest({
      ...body,
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'left', input: { x: 1 } },
            { type: 'tool_use', id: 'b', name: 'right', input: {} },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'b', content: 'two', is_error: true }],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'go on' },
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'one' }] },
          ],
        },
      ],
    });
    expect(request.messages.slice(1)).toEqual([
      {
        role: 'tool',
        parts: [
          {
            type: 'tool_result',
            callId: 'b',
            name: 'right',
            content: [{ type: 'text', text: 'two' }],
            isError: true,
          },
          { type: 'tool_result', callId: 'a', name: 'left', content: [{ type: 'text', text: 'one' }] },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'go on' }] },
    ]);
  });

  it('gives assistant turns in a row as the one turn that they are', () => {
    const { request } = codec.decodeRequest({
      ...body,
      messages: [
        { role: 'assistant', content: 'Let me look.' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: '' }] },
      ],
    });
    expect(request.messages.map(({ role, parts }) => [role, parts.map(({ type }) => type)])).toEqual([
      ['assistant', ['text', 'tool_call']],
      ['tool', ['tool_result']],
    ]);
  });

  it('gives what a search found as a text that says where it is from', () => {
    const found = {
      type: 'search_result',
      title: 'Tides',
      source: 'https://sea.example/tides',
      content: [
        { type: 'text', text: 'Twice a day.' },
        { type: 'text', text: 'Or once.' },
      ],
      citations: { enabled: true },
    };
    const { request, dropped } = codec.decodeRequest({
      ...body,
      messages: [{ role: 'user', content: [found] }],
    });
    expect(dropped.map(({ path }) => path)).toEqual(['messages[0].content[0].citations']);
    expect(request.messages[0]?.parts).toEqual([
      { type: 'text', text: 'Tides\nhttps://sea.example/tides\n\nTwice a day.\nOr once.' },
    ]);
  });

  it('keeps Anthropic’s own parameters and tools for Anthropic and names them for others', () => {
    const own = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
    const full = {
      ...body,
      container: 'c_1',
      inference_geo: 'eu',
      tools: [{ name: 'f', input_schema: { type: 'object' } }, own],
      output_config: { effort: 'low', task_budget: { tokens: 5 } },
      thinking: { type: 'between_tools' },
    };
    const { request, dropped } = codec.decodeRequest(full);
    expect(dropped).toEqual([]);
    expect(request.extraFormat).toBe('anthropic-messages');
    const again = codec.encodeRequest(request).body;
    expect(again).toMatchObject({
      container: 'c_1',
      inference_geo: 'eu',
      output_config: { effort: 'low', task_budget: { tokens: 5 } },
    });
    expect(again.tools).toEqual([{ name: 'f', input_schema: { type: 'object' } }, own]);
  });

  it('names the blocks and fields that have no neutral form', () => {
    const { dropped } = codec.decodeRequest({
      ...body,
      tools: [{ name: 'f', input_schema: {}, defer_loading: true }],
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
            { type: 'text', text: 'x', citations: [{ type: 'char_location' }] },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'url', url: 'https://a.example' },
              citations: { enabled: true },
            },
          ],
        },
      ],
    });
    expect(dropped.map(({ path }) => path)).toEqual([
      'tools[0].defer_loading',
      'messages[0].content[0]',
      'messages[0].content[1].citations',
      'messages[1].content[0].citations',
    ]);
  });

  it.each([
    [[], undefined],
    [{ ...body, model: 7 }, 'model'],
    [{ ...body, max_tokens: undefined }, 'max_tokens'],
    [{ ...body, temperature: 3 }, 'temperature'],
    [{ ...body, messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [
      { ...body, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url' } }] }] },
      'messages[0].content[0].source.url',
    ],
    [
      {
        ...body,
        messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text' }] }] }],
      },
      'messages[0].content[0].tool_use_id',
    ],
    [{ ...body, tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
    [{ ...body, tool_choice: { type: 'maybe' } }, 'tool_choice.type'],
    [{ ...body, thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
    [{ ...body, output_config: { format: { type: 'xml' } } }, 'output_config.format.type'],
  ])('is refused with the field to blame: %j', (wrong, param) => {
    expect(refusal(wrong).param).toBe(param);
  });
});
