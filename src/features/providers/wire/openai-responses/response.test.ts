import { describe, expect, it } from 'vitest';
import { MalformedUpstreamError } from '../../codec.ts';
import { ReportedUpstreamError } from '../fields.ts';
import { openAiResponsesCodec as codec } from './index.ts';

const message = (...content: object[]): object => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content,
});
const text = (value: string): object => ({ type: 'output_text', text: value, annotations: [] });
const answer = (output: unknown, rest: object = {}): unknown => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_700_000_000,
  model: 'gpt-x',
  status: 'completed',
  error: null,
  output,
  ...rest,
});

describe('an answer of the Responses API', () => {
  it('is read with all its items and its usage', () => {
    const response = codec.decodeResponse(
      answer(
        [
          {
            type: 'reasoning',
            id: 'rs_1',
            summary: [{ type: 'summary_text', text: 'hm' }],
            encrypted_content: 'XYZ',
          },
          { type: 'web_search_call', id: 'ws_1', status: 'completed' },
          message(text('See.')),
          {
            type: 'function_call',
            id: 'fc_1',
            call_id: 'c1',
            name: 'f',
            arguments: '{"a":1}',
            status: 'completed',
          },
          { type: 'custom_tool_call', call_id: 'c2', name: 'shell', input: 'ls' },
          { type: 'image_generation_call', id: 'ig_1', result: 'AA==', output_format: 'webp' },
        ],
        {
          service_tier: 'default',
          usage: {
            input_tokens: 20,
            input_tokens_details: { cached_tokens: 12, cache_write_tokens: 3 },
            output_tokens: 9,
            output_tokens_details: { reasoning_tokens: 5 },
          },
        },
      ),
    );
    expect(response).toEqual({
      id: 'resp_1',
      model: 'gpt-x',
      created: 1_700_000_000_000,
      choices: [
        {
          index: 0,
          parts: [
            { type: 'reasoning', text: 'hm', id: 'rs_1', encrypted: 'XYZ' },
            { type: 'text', text: 'See.' },
            { type: 'tool_call', id: 'c1', name: 'f', arguments: '{"a":1}' },
            { type: 'tool_call', id: 'c2', name: 'shell', arguments: '{"input":"ls"}' },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/webp', data: 'AA==' } },
          ],
          finishReason: 'tool_calls',
        },
      ],
      usage: {
        inputTokens: 20,
        cachedInputTokens: 12,
        cacheWriteTokens: 3,
        outputTokens: 9,
        reasoningTokens: 5,
      },
      serviceTier: 'default',
    });
  });

  it.each([
    [{}, [text('x')], 'stop'],
    [{}, [{ type: 'refusal', refusal: 'No.' }], 'refusal'],
    [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, [text('x')], 'length'],
    [{ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, [text('x')], 'refusal'],
    [{ status: 'cancelled' }, [text('x')], 'error'],
    [{ status: undefined }, [text('x')], 'stop'],
  ])('that says %j has its neutral end', (rest, content, expected) => {
    expect(codec.decodeResponse(answer([message(...content)], rest)).choices[0]?.finishReason).toBe(expected);
  });

  it('takes a thought’s own text where there is no summary', () => {
    const item = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'hm' }],
    };
    expect(codec.decodeResponse(answer([item])).choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'hm', id: 'rs_1' },
    ]);
  });

  it('that failed tells why', () => {
    const failed = answer([], {
      status: 'failed',
      error: { code: 'rate_limit_exceeded', message: 'slow down' },
    });
    try {
      codec.decodeResponse(failed);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ReportedUpstreamError);
      expect((error as ReportedUpstreamError).error).toMatchObject({
        kind: 'rate_limited',
        message: 'slow down',
      });
    }
  });

  it.each([
    [null],
    [{}],
    [answer({})],
    [answer([{}])],
    [answer([message()], { status: 'queued' })],
    [answer([{ type: 'message' }])],
  ])('that is not of the format, or not finished, is malformed: %j', (body) => {
    expect(() => codec.decodeResponse(body)).toThrow(MalformedUpstreamError);
  });
});

describe('an answer for a Responses client', () => {
  const usage = {
    inputTokens: 3,
    cachedInputTokens: 1,
    cacheWriteTokens: 0,
    outputTokens: 4,
    reasoningTokens: 2,
  };

  it('repeats what the request asked for', () => {
    const { request } = codec.decodeRequest({
      model: 'local/swift',
      instructions: 'Be brief.',
      input: 'Hi',
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }],
      tool_choice: 'required',
      max_output_tokens: 99,
      previous_response_id: 'resp_0',
      metadata: { a: 'b' },
    });
    const parts = [
      { type: 'text' as const, text: 'Hi.' },
      { type: 'tool_call' as const, id: 'c', name: 'f', arguments: '{}' },
    ];
    const body = codec.encodeResponse(
      {
        id: 'resp_1',
        model: 'up',
        created: 5_500,
        choices: [{ index: 0, parts, finishReason: 'tool_calls' }],
        usage,
      },
      { model: 'local/swift', includeUsage: true, request },
    );
    expect(body).toEqual({
      id: 'resp_1',
      object: 'response',
      created_at: 5,
      status: 'completed',
      error: null,
      incomplete_details: null,
      background: false,
      instructions: 'Be brief.',
      max_output_tokens: 99,
      metadata: { a: 'b' },
      parallel_tool_calls: true,
      previous_response_id: 'resp_0',
      reasoning: { effort: null, summary: null },
      store: false,
      temperature: null,
      text: { format: { type: 'text' } },
      tool_choice: 'required',
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }],
      top_logprobs: 0,
      top_p: null,
      truncation: 'disabled',
      user: null,
      model: 'local/swift',
      output: [
        {
          type: 'message',
          id: 'msg_resp1_0',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Hi.', annotations: [], logprobs: [] }],
        },
        {
          type: 'function_call',
          id: 'fc_resp1_1',
          status: 'completed',
          call_id: 'c',
          name: 'f',
          arguments: '{}',
        },
      ],
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 1, cache_write_tokens: 0 },
        output_tokens: 4,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 7,
      },
    });
  });

  it.each([
    ['length', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
    ['refusal', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    ['pause', { status: 'completed', incomplete_details: null }],
    [
      'error',
      { status: 'failed', error: { code: 'server_error', message: 'The provider broke the answer off.' } },
    ],
  ] as const)('that ended by %s says so', (finishReason, expected) => {
    const choices = [{ index: 0, parts: [{ type: 'text' as const, text: 'x' }], finishReason }];
    const body = codec.encodeResponse(
      { id: 'r', model: 'm', created: 0, choices, usage },
      { model: 'm', includeUsage: true },
    );
    expect(body).toMatchObject(expected);
  });
});
