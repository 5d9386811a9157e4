import { describe, expect, it } from 'vitest';
import { MalformedUpstreamError } from '../../codec.ts';
import { ReportedUpstreamError } from '../fields.ts';
import { openAiChatCodec as codec } from './index.ts';

const answer = (message: object, rest: object = {}, top: object = {}): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-x',
  choices: [
    { index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: 'stop', ...rest },
  ],
  ...top,
});
const choiceOf = (message: object, rest: object = {}) =>
  codec.decodeResponse(answer(message, rest)).choices[0];

describe('an answer of an OpenAI chat server', () => {
  it('is read with its usage, cached and reasoning tokens included', () => {
    const response = codec.decodeResponse(
      answer(
        { content: 'Hello' },
        {},
        {
          service_tier: 'default',
          usage: {
            prompt_tokens: 20,
            completion_tokens: 9,
            total_tokens: 29,
            prompt_tokens_details: { cached_tokens: 12, cache_write_tokens: 4, audio_tokens: 3 },
            completion_tokens_details: { reasoning_tokens: 5 },
          },
        },
      ),
    );
    expect(response).toEqual({
      id: 'chatcmpl-1',
      model: 'gpt-x',
      created: 1_700_000_000_000,
      choices: [{ index: 0, parts: [{ type: 'text', text: 'Hello' }], finishReason: 'stop' }],
      usage: {
        inputTokens: 20,
        cachedInputTokens: 12,
        cacheWriteTokens: 4,
        outputTokens: 9,
        reasoningTokens: 5,
        audioInputTokens: 3,
      },
      serviceTier: 'default',
    });
  });

  it.each([
    [
      'DeepSeek',
      { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 8 },
      { inputTokens: 10, cachedInputTokens: 8 },
    ],
    [
      'xAI, which counts reasoning beside the completion',
      {
        prompt_tokens: 10,
        completion_tokens: 2,
        total_tokens: 19,
        completion_tokens_details: { reasoning_tokens: 7 },
      },
      { outputTokens: 9, reasoningTokens: 7 },
    ],
    [
      'a server that counts more cached than all',
      { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 12 }, cache_creation_input_tokens: 3 },
      { inputTokens: 10, cachedInputTokens: 10, cacheWriteTokens: 0 },
    ],
    [
      'a server that counts nonsense',
      { prompt_tokens: -3, completion_tokens: 'many' },
      { inputTokens: 0, outputTokens: 0 },
    ],
  ])('has its tokens counted as %s means them', (_name, usage, expected) => {
    expect(codec.decodeResponse(answer({ content: 'x' }, {}, { usage })).usage).toMatchObject(expected);
  });

  it('waits for tools whenever it calls them, whatever it says of its end', () => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
    expect(choiceOf({ tool_calls: [call] })).toEqual({
      index: 0,
      parts: [{ type: 'tool_call', id: 'c', name: 'f', arguments: '{"a":1}' }],
      finishReason: 'tool_calls',
    });
    expect(choiceOf({ tool_calls: [call] }, { finish_reason: 'length' })?.finishReason).toBe('length');
  });

  it('has calls with ids and JSON arguments even where the server gives neither', () => {
    const calls = [
      { type: 'function', function: { name: 'f', arguments: { a: 1 } } },
      { id: '', function: { name: 'g', arguments: '' } },
      { id: 'k', type: 'custom', custom: { name: 'shell', input: 'ls "x"' } },
    ];
    const parts = choiceOf({ tool_calls: calls })?.parts;
    expect(parts).toEqual([
      { type: 'tool_call', id: 'call_chatcmpl1_0_0', name: 'f', arguments: '{"a":1}' },
      { type: 'tool_call', id: 'call_chatcmpl1_0_1', name: 'g', arguments: '{}' },
      { type: 'tool_call', id: 'k', name: 'shell', arguments: '{"input":"ls \\"x\\""}' },
    ]);
  });

  it.each([
    [{ content: 'x' }, 'content_filter', 'refusal'],
    [{ refusal: 'No.' }, 'stop', 'refusal'],
    [{ content: 'x' }, 'length', 'length'],
    [{ content: 'x' }, 'eos', 'stop'],
    [{ content: 'x' }, null, 'stop'],
    [{ content: 'x' }, 'constructor', 'stop'],
  ])('with %j and the end %j has the neutral end %s', (message, finish_reason, expected) => {
    expect(choiceOf(message, { finish_reason })?.finishReason).toBe(expected);
  });

  it('names its stop sequence where the server does', () => {
    expect(choiceOf({ content: 'x' }, { stop_reason: 'END' })).toMatchObject({
      finishReason: 'stop_sequence',
      stopSequence: 'END',
    });
    expect(choiceOf({ content: 'x' }, { stop_reason: 128_001 })?.finishReason).toBe('stop');
  });

  it.each([
    ['DeepSeek', { reasoning_content: 'hm', content: 'x' }],
    ['OpenRouter without details', { reasoning: 'hm', content: 'x' }],
    [
      'Mistral',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'x' },
        ],
      },
    ],
  ])('has its thoughts before its text as %s gives them', (_name, message) => {
    expect(choiceOf(message)?.parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'x' },
    ]);
  });

  it('keeps the state of thoughts, and joins what belongs to one', () => {
    const parts = choiceOf({
      reasoning: 'hm',
      reasoning_details: [
        { type: 'reasoning.summary', summary: 'hm', id: 'rs_1', index: 0 },
        { type: 'reasoning.encrypted', data: 'XYZ', id: 'rs_1', index: 0 },
        { type: 'reasoning.text', text: 'so', signature: 'sig', index: 1 },
      ],
    })?.parts;
    expect(parts).toEqual([
      { type: 'reasoning', text: 'hm', id: 'rs_1', encrypted: 'XYZ' },
      { type: 'reasoning', text: 'so', signature: 'sig' },
    ]);
  });

  it('says spoken and drawn answers', () => {
    expect(choiceOf({ audio: { id: 'a', data: 'UklGRAAA', transcript: 'Hello' } })?.parts).toEqual([
      { type: 'text', text: 'Hello' },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklGRAAA' } },
    ]);
    expect(
      choiceOf({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] })?.parts,
    ).toEqual([{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } }]);
  });

  it('that is an error behind a good status tells what the provider said', () => {
    const read = () => codec.decodeResponse({ error: { message: 'Provider returned error', code: 502 } });
    expect(read).toThrow(ReportedUpstreamError);
    expect(() => codec.decodeResponse(answer({}, { error: { message: 'boom', code: 429 } }))).toThrow('boom');
    try {
      read();
    } catch (error) {
      expect((error as ReportedUpstreamError).error).toMatchObject({ kind: 'server_error', status: 502 });
    }
  });

  it.each([
    [null],
    ['text'],
    [{}],
    [{ choices: [] }],
    [{ choices: [{}] }],
    [{ choices: [{ message: { content: 7 } }] }],
  ])('that is not of the format is malformed: %j', (body) => {
    expect(() => codec.decodeResponse(body)).toThrow(MalformedUpstreamError);
  });
});

describe('an answer for an OpenAI chat client', () => {
  it('has every member that the API promises', () => {
    const body = codec.encodeResponse(
      {
        id: 'r1',
        model: 'upstream',
        created: 1_700_000_000_900,
        choices: [
          {
            index: 0,
            finishReason: 'tool_calls',
            parts: [
              { type: 'reasoning', text: 'hm', signature: 'sig' },
              { type: 'text', text: 'Let ' },
              { type: 'text', text: 'me.' },
              { type: 'tool_call', id: 'c', name: 'f', arguments: '{}', signature: 'ts' },
            ],
          },
        ],
        usage: {
          inputTokens: 3,
          cachedInputTokens: 1,
          cacheWriteTokens: 0,
          outputTokens: 4,
          reasoningTokens: 2,
        },
      },
      { model: 'anthropic/claude', includeUsage: false },
    );
    expect(body).toEqual({
      id: 'r1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'anthropic/claude',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Let me.',
            refusal: null,
            annotations: [],
            reasoning_content: 'hm',
            reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 'sig', index: 0 }],
            tool_calls: [
              {
                id: 'c',
                type: 'function',
                function: { name: 'f', arguments: '{}' },
                extra_content: { google: { thought_signature: 'ts' } },
              },
            ],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 4,
        total_tokens: 7,
        prompt_tokens_details: { cached_tokens: 1, cache_write_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 2,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
    });
  });
});
