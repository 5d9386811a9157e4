import { describe, expect, it } from 'vitest';
import type { ConversationRequest, Message } from '../../conversation.ts';
import { openAiChatCodec as codec, createOpenAiChatCodec } from './index.ts';

const ask = (messages: readonly Message[], rest: Partial<ConversationRequest> = {}): ConversationRequest => ({
  model: 'm',
  messages,
  stream: false,
  ...rest,
});
const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });

describe('a request to an OpenAI chat server', () => {
  it('says a whole conversation with tools in the API’s words', () => {
    const {
      path,
      body: wire,
      dropped,
    } = codec.encodeRequest(
      ask(
        [
          { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
          {
            role: 'user',
            name: 'ada',
            parts: [
              { type: 'text', text: 'What is this?' },
              {
                type: 'image',
                source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' },
                detail: 'low',
              },
              { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'BB==' } },
              {
                type: 'file',
                source: { kind: 'base64', mediaType: 'application/pdf', data: 'CC==' },
                name: 'a.pdf',
              },
            ],
          },
          {
            role: 'assistant',
            parts: [
              { type: 'text', text: 'Let me look.' },
              { type: 'tool_call', id: 'c1', name: 'look', arguments: '{"at":1}' },
              { type: 'tool_call', id: 'c2', name: 'ask', arguments: '{}' },
            ],
          },
          {
            role: 'tool',
            parts: [
              { type: 'tool_result', callId: 'c1', name: 'look', content: [{ type: 'text', text: 'a cat' }] },
              { type: 'tool_result', callId: 'c2', name: 'ask', content: [] },
            ],
          },
        ],
        {
          tools: [{ name: 'look', parameters: { type: 'object' }, strict: true }],
          toolChoice: { name: 'look' },
          parallelToolCalls: false,
          maxTokens: 50,
          stop: ['END'],
          logprobs: 2,
          reasoning: { effort: 'low' },
          stream: true,
        },
      ),
    );
    expect(dropped).toEqual([]);
    expect(path).toBe('/chat/completions');
    expect(wire).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          name: 'ada',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'BB==', format: 'mp3' } },
            { type: 'file', file: { file_data: 'data:application/pdf;base64,CC==', filename: 'a.pdf' } },
          ],
        },
        {
          role: 'assistant',
          content: 'Let me look.',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
            { id: 'c2', type: 'function', function: { name: 'ask', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
        { role: 'tool', tool_call_id: 'c2', content: '' },
      ],
      tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' }, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      parallel_tool_calls: false,
      max_tokens: 50,
      stop: ['END'],
      logprobs: true,
      top_logprobs: 2,
      reasoning_effort: 'low',
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('names by its path everything that the format cannot say', () => {
    const { dropped } = codec.encodeRequest(
      ask(
        [
          {
            role: 'user',
            parts: [
              { type: 'text', text: 'x', cache: {} },
              { type: 'image', source: { kind: 'file_id', id: 'f' } },
              { type: 'file', source: { kind: 'url', url: 'https://files.example/a.pdf' } },
            ],
          },
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'hm', signature: 's' },
              { type: 'tool_call', id: 'c', name: 'f', arguments: '{}', signature: 's' },
              { type: 'text', text: 'after the call' },
            ],
          },
          {
            role: 'tool',
            parts: [
              {
                type: 'tool_result',
                callId: 'c',
                isError: true,
                content: [{ type: 'image', source: { kind: 'url', url: 'https://files.example/a.png' } }],
              },
            ],
          },
        ],
        {
          topK: 5,
          toolChoice: 'auto',
          reasoning: { budgetTokens: 4_000, include: true },
          extra: { thinking: {} },
          extraFormat: 'anthropic-messages',
        },
      ),
    );
    expect(dropped.map(({ path }) => path).sort()).toEqual([
      'extra.thinking',
      'messages[0].parts[0].cache',
      'messages[0].parts[1]',
      'messages[0].parts[2]',
      'messages[1].parts[0]',
      'messages[1].parts[1].signature',
      'messages[1].parts[2]',
      'messages[2].parts[0].content[0]',
      'messages[2].parts[0].isError',
      'reasoning',
      'reasoning.include',
      'toolChoice',
      'topK',
    ]);
  });

  it('follows a provider’s quirks', () => {
    const quirky = createOpenAiChatCodec({
      maxTokensField: 'max_completion_tokens',
      systemRole: 'developer',
      streamOptions: false,
      rename: { seed: 'random_seed' },
      omit: ['user'],
    });
    const { body: wire, dropped } = quirky.encodeRequest(
      ask([{ role: 'system', parts: [{ type: 'text', text: 's' }] }, user('x')], {
        maxTokens: 9,
        seed: 4,
        user: 'u',
        stream: true,
      }),
    );
    expect(wire).toEqual({
      model: 'm',
      messages: [
        { role: 'developer', content: 's' },
        { role: 'user', content: 'x' },
      ],
      max_completion_tokens: 9,
      random_seed: 4,
      stream: true,
    });
    expect(dropped).toEqual([{ path: 'user', reason: 'the provider refuses this parameter' }]);
  });

  it('sends thoughts back in the field that the provider reads', () => {
    const turn: Message = {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', signature: 'sig' },
        { type: 'text', text: 'yes' },
      ],
    };
    const said = (reasoningField: 'reasoning_content' | 'reasoning_details') =>
      createOpenAiChatCodec({ reasoningField }).encodeRequest(ask([user('x'), turn]));
    expect(said('reasoning_content').body.messages).toContainEqual({
      role: 'assistant',
      content: 'yes',
      reasoning_content: 'hm',
    });
    expect(said('reasoning_content').dropped).toHaveLength(1);
    expect(said('reasoning_details').body.messages).toContainEqual({
      role: 'assistant',
      content: 'yes',
      reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 'sig', index: 0 }],
    });
    expect(said('reasoning_details').dropped).toEqual([]);
  });

  it('says pictures of tool results in a turn of the user behind all results of the round', () => {
    const picture = { kind: 'base64', mediaType: 'image/png', data: 'AA==' } as const;
    const { body, dropped } = codec.encodeRequest(
      ask([
        user('Look.'),
        {
          role: 'assistant',
          parts: ['c1', 'c2'].map(
            (id) => ({ type: 'tool_call', id, name: 'look', arguments: '{}' }) as const,
          ),
        },
        {
          role: 'tool',
          parts: [
            {
              type: 'tool_result',
              callId: 'c1',
              content: [
                { type: 'text', text: 'a cat' },
                { type: 'image', source: picture },
              ],
            },
            { type: 'tool_result', callId: 'c2', content: [{ type: 'text', text: 'nothing' }] },
          ],
        },
        user('Well?'),
      ]),
    );
    expect((body.messages as unknown[]).slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
      { role: 'tool', tool_call_id: 'c2', content: 'nothing' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'From the result of the tool call c1:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
      { role: 'user', content: 'Well?' },
    ]);
    expect(dropped.map(({ path }) => path)).toEqual(['messages[2].parts[0].content[1]']);
  });

  it('puts a breakpoint that stands behind a tool result behind its last text', () => {
    const { body: wire } = createOpenAiChatCodec({ cacheMarks: 'cache_control' }).encodeRequest(
      ask([
        user('x'),
        {
          role: 'tool',
          parts: [
            {
              type: 'tool_result',
              callId: 'c',
              content: [{ type: 'text', text: 'r' }],
              cache: { ttl: '1h' },
            },
          ],
        },
      ]),
    );
    expect(wire.messages).toContainEqual({
      role: 'tool',
      tool_call_id: 'c',
      content: [{ type: 'text', text: 'r', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    });
  });

  it('refuses tiers in another format’s words and keeps those of its own', () => {
    const tier = (extraFormat: 'anthropic-messages' | 'openai-chat') =>
      codec.encodeRequest(ask([user('x')], { serviceTier: 'performance', extraFormat }));
    expect(tier('openai-chat').body.service_tier).toBe('performance');
    expect(tier('anthropic-messages').body.service_tier).toBeUndefined();
    expect(tier('anthropic-messages').dropped.map(({ path }) => path)).toEqual(['serviceTier']);
  });
});
