import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../../platform/errors.ts';
import type { JsonObject, Message } from '../../conversation.ts';
import { openAiChatCodec as codec } from './index.ts';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const body = (rest: JsonObject): JsonObject => ({
  model: 'm',
  messages: [{ role: 'user', content: 'Hi' }],
  ...rest,
});

function refusal(value: unknown): { code: string; param: string | undefined; message: string } {
  try {
    codec.decodeRequest(value);
  } catch (error) {
    if (error instanceof ParallaxError)
      return { code: error.code, param: error.param, message: error.message };
    throw error;
  }
  throw new Error('the request was taken');
}

describe('a request from an OpenAI chat client', () => {
  it('is read with tool results of one round together and named after their calls', () => {
    const { request, dropped } = codec.decodeRequest(
      body({
        messages: [
          { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
          { role: 'user', content: 'Hi' },
          {
            role: 'assistant',
            content: null,
            reasoning_content: 'hm',
            tool_calls: [
              { id: 'c1', type: 'function', function: { name: 'look', arguments: '' } },
              {
                id: 'c2',
                type: 'function',
                function: { name: 'ask', arguments: '{"a":1}' },
                extra_content: { google: { thought_signature: 'sig' } },
              },
            ],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
          { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'yes' }] },
          { role: 'system', content: 'Now in French.' },
        ],
      }),
    );
    expect(dropped).toEqual([]);
    expect(request.messages).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      user('Hi'),
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm' },
          { type: 'tool_call', id: 'c1', name: 'look', arguments: '{}' },
          { type: 'tool_call', id: 'c2', name: 'ask', arguments: '{"a":1}', signature: 'sig' },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool_result', callId: 'c1', name: 'look', content: [{ type: 'text', text: 'a cat' }] },
          { type: 'tool_result', callId: 'c2', name: 'ask', content: [{ type: 'text', text: 'yes' }] },
        ],
      },
      { role: 'system', parts: [{ type: 'text', text: 'Now in French.' }] },
    ]);
  });

  it('keeps parameters that have no neutral form for a provider of the same format', () => {
    const wire = body({
      store: true,
      logit_bias: { '50256': -100 },
      top_k: -1,
      tools: [
        { type: 'function', function: { name: 'f' } },
        { type: 'custom', custom: { name: 'shell' } },
      ],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
      stream: true,
      stream_options: { include_usage: false, include_obfuscation: false },
      audio: null,
      // A field that would be somebody's prototype.
      ...(JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject),
    });
    const { request } = codec.decodeRequest(wire);
    expect(request.includeUsage).toBe(false);
    expect(request).not.toHaveProperty('polluted');
    const { body: back, dropped } = codec.encodeRequest(request);
    expect(dropped).toEqual([]);
    expect(back).toMatchObject({
      store: true,
      logit_bias: { '50256': -100 },
      top_k: -1,
      tools: [
        { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
        { type: 'custom', custom: { name: 'shell' } },
      ],
      tool_choice: { type: 'allowed_tools' },
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    expect(back).not.toHaveProperty('audio');
  });

  it('reads the names by which parameters are known elsewhere', () => {
    const { request } = codec.decodeRequest(
      body({
        max_completion_tokens: 7,
        safety_identifier: 'u1',
        tool_choice: 'any',
        tools: [{ type: 'function', function: { name: 'f' } }],
        reasoning: { max_tokens: 2_000, exclude: true },
        stop: 'END',
        logprobs: true,
        top_logprobs: 3,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
        },
      }),
    );
    expect(request).toMatchObject({
      maxTokens: 7,
      user: 'u1',
      toolChoice: 'required',
      reasoning: { budgetTokens: 2_000, include: false },
      stop: ['END'],
      logprobs: 3,
      output: { kind: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
    });
  });

  it('reads images and files from URLs, data URLs, ids and bare base64', () => {
    const { request } = codec.decodeRequest(
      body({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: { url: 'https://files.example/a.png', detail: 'high' } },
              { type: 'image_url', image_url: { url: 'DATA:image/webp;base64,AA==' } },
              { type: 'file', file: { file_id: 'file-1' } },
              { type: 'file', file: { file_data: 'JVBERi0=', filename: 'a.pdf' } },
              { type: 'text', text: 'these', prompt_cache_breakpoint: { mode: 'explicit' } },
              { type: 'text', text: 'those', cache_control: { type: 'ephemeral', ttl: '1h' } },
            ],
          },
        ],
      }),
    );
    expect(request.messages[0]?.parts).toEqual([
      { type: 'image', source: { kind: 'url', url: 'https://files.example/a.png' }, detail: 'high' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/webp', data: 'AA==' } },
      { type: 'file', source: { kind: 'file_id', id: 'file-1' } },
      {
        type: 'file',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
        name: 'a.pdf',
      },
      { type: 'text', text: 'these', cache: {} },
      { type: 'text', text: 'those', cache: { ttl: '1h' } },
    ]);
  });

  it('joins the text of a thought with the signature that a client kept apart', () => {
    const { request } = codec.decodeRequest(
      body({
        messages: [
          { role: 'user', content: 'Hi' },
          {
            role: 'assistant',
            content: 'yes',
            reasoning_content: 'hm',
            reasoning_details: [{ type: 'reasoning.text', text: '', signature: 'sig', index: 0 }],
          },
        ],
      }),
    );
    expect(request.messages[1]?.parts[0]).toEqual({ type: 'reasoning', text: 'hm', signature: 'sig' });
  });

  it.each([
    [[], 'malformed_request', undefined],
    [{ messages: [{ role: 'user', content: 'x' }] }, 'invalid_parameter', 'model'],
    [{ model: 'm' }, 'invalid_parameter', 'messages'],
    [body({ messages: [] }), 'invalid_parameter', 'messages'],
    [body({ messages: [{ role: 'assistant', content: '' }] }), 'invalid_parameter', 'messages'],
    [body({ messages: [{ role: 'toString', content: 'x' }] }), 'invalid_parameter', 'messages[0].role'],
    [body({ messages: [{ role: 'user', content: [] }] }), 'invalid_parameter', 'messages[0].content'],
    [
      body({ messages: [{ role: 'user', content: [{ type: 'video_url' }] }] }),
      'invalid_parameter',
      'messages[0].content[0].type',
    ],
    [
      body({
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 7 } }] },
        ],
      }),
      'invalid_parameter',
      'messages[2].content[0].image_url.url',
    ],
    [body({ max_tokens: -1 }), 'invalid_parameter', 'max_tokens'],
    [body({ temperature: '1' }), 'invalid_parameter', 'temperature'],
    [body({ n: 1.5 }), 'invalid_parameter', 'n'],
    [
      body({ tools: [{ type: 'function', function: { name: '' } }] }),
      'invalid_parameter',
      'tools[0].function.name',
    ],
    [body({ top_logprobs: 3 }), 'invalid_parameter', 'top_logprobs'],
    [body({ metadata: { a: 1 } }), 'invalid_parameter', 'metadata.a'],
    [body({ functions: [] }), 'invalid_parameter', 'functions'],
    [
      body({ messages: [{ role: 'function', name: 'f', content: '' }] }),
      'invalid_parameter',
      'messages[0].role',
    ],
  ])('is refused by the name of its wrong field: %j', (value, code, param) => {
    expect(refusal(value)).toMatchObject({ code, param });
  });

  it('says in the sentence which field is wrong and what it must be', () => {
    expect(refusal(body({ temperature: 3 })).message).toBe('`temperature` must be at most 2.');
  });
});
