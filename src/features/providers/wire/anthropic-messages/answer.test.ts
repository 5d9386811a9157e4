import { describe, expect, it } from 'vitest';
import { createSseParser } from '../../../../platform/sse.ts';
import { MalformedUpstreamError } from '../../codec.ts';
import type { ConversationEvent } from '../../conversation.ts';
import { ReportedUpstreamError } from '../fields.ts';
import { anthropicMessagesCodec as codec } from './index.ts';

const OPTIONS = { model: 'anthropic/claude-opus-5', includeUsage: false };

function wireText(events: readonly (readonly [name: string, data: unknown])[]): string {
  return events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
}

function read(text: string): ConversationEvent[] {
  const decoder = codec.streamDecoder();
  const events = createSseParser()
    .push(new TextEncoder().encode(text))
    .flatMap((event) => decoder.event(event));
  return [...events, ...decoder.end()];
}

function write(events: readonly ConversationEvent[]): { event: string; data: Record<string, unknown> }[] {
  const encoder = codec.streamEncoder(OPTIONS);
  const text = events.map((event) => encoder.event(event)).join('');
  return createSseParser()
    .push(new TextEncoder().encode(text))
    .map(({ event, data }) => ({ event, data: JSON.parse(data) as Record<string, unknown> }));
}

const started = [
  'message_start',
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 2,
        output_tokens: 1,
      },
    },
  },
] as const;

describe('an answer of Anthropic', () => {
  it('is read whole, cached input counted as input', () => {
    const response = codec.decodeResponse({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'ZGF0YQ==' },
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'it' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 2,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 3 },
        service_tier: 'standard',
      },
    });
    expect(response).toEqual({
      id: 'msg_1',
      model: 'claude-opus-5',
      created: 0,
      choices: [
        {
          index: 0,
          finishReason: 'tool_calls',
          parts: [
            { type: 'reasoning', text: 'Hm.', signature: 'c2ln' },
            { type: 'reasoning', text: '', encrypted: 'ZGF0YQ==' },
            { type: 'text', text: 'Let me look.' },
            { type: 'tool_call', id: 'toolu_1', name: 'look', arguments: '{"at":"it"}' },
          ],
        },
      ],
      usage: {
        inputTokens: 16,
        cachedInputTokens: 4,
        cacheWriteTokens: 2,
        outputTokens: 9,
        reasoningTokens: 3,
      },
      serviceTier: 'default',
    });
  });

  it.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['stop_sequence', 'stop_sequence'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['something_new', 'stop'],
    [null, 'error'],
  ])('that stops with %s ends with %s', (stopReason, finishReason) => {
    const body = { type: 'message', content: [], stop_reason: stopReason, usage: {} };
    expect(codec.decodeResponse(body).choices[0]?.finishReason).toBe(finishReason);
  });

  it('that explains its refusal keeps the explanation, both ways', () => {
    const stopDetails = { type: 'refusal', category: 'cyber', explanation: 'I cannot help with that.' };
    const body = {
      type: 'message',
      content: [],
      stop_reason: 'refusal',
      stop_details: stopDetails,
      usage: {},
    };
    const response = codec.decodeResponse(body);
    expect(response.choices[0]?.parts).toEqual([{ type: 'refusal', text: 'I cannot help with that.' }]);
    expect(codec.encodeResponse(response, OPTIONS)).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: 'I cannot help with that.' },
    });
  });

  it('that is an error keeps the provider’s words, and anything else is malformed', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(() => codec.decodeResponse(error)).toThrow(ReportedUpstreamError);
    expect(() => codec.decodeResponse({ object: 'chat.completion', choices: [] })).toThrow(
      MalformedUpstreamError,
    );
  });
});

describe('a stream of Anthropic', () => {
  it('is read with thinking, parallel calls and usage that the end completes', () => {
    const delta = (index: number, value: object) =>
      ['content_block_delta', { type: 'content_block_delta', index, delta: value }] as const;
    const begin = (index: number, block: object) =>
      ['content_block_start', { type: 'content_block_start', index, content_block: block }] as const;
    const stop = (index: number) => ['content_block_stop', { type: 'content_block_stop', index }] as const;
    const events = read(
      wireText([
        started,
        ['ping', { type: 'ping' }],
        begin(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
        delta(0, { type: 'signature_delta', signature: 'c2ln' }),
        stop(0),
        begin(1, { type: 'tool_use', id: 'a', name: 'left', input: {} }),
        delta(1, { type: 'input_json_delta', partial_json: '' }),
        delta(1, { type: 'input_json_delta', partial_json: '{"x"' }),
        delta(1, { type: 'input_json_delta', partial_json: ':1}' }),
        stop(1),
        begin(2, { type: 'tool_use', id: 'b', name: 'right', input: {} }),
        stop(2),
        begin(3, { type: 'tool_use', id: 'c', name: 'whole', input: { y: 2 } }),
        stop(3),
        begin(4, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }),
        delta(4, { type: 'brand_new_delta' }),
        stop(4),
        [
          'message_delta',
          {
            type: 'message_delta',
            delta: { stop_reason: 'tool_use', stop_sequence: null },
            usage: { output_tokens: 30 },
          },
        ],
        ['something_new', { type: 'something_new' }],
        ['message_stop', { type: 'message_stop' }],
      ]),
    );
    const usage = { inputTokens: 16, cachedInputTokens: 4, cacheWriteTokens: 2, reasoningTokens: 0 };
    expect(events).toEqual([
      { type: 'start', id: 'msg_1', model: 'claude-opus-5', created: 0 },
      { type: 'usage', usage: { ...usage, outputTokens: 1 } },
      { type: 'reasoning', choice: 0, block: 0, text: 'Hm.' },
      { type: 'reasoning', choice: 0, block: 0, text: '', signature: 'c2ln' },
      { type: 'tool_call_start', choice: 0, call: 0, id: 'a', name: 'left' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{"x"' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: ':1}' },
      { type: 'tool_call_start', choice: 0, call: 1, id: 'b', name: 'right' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '{}' },
      { type: 'tool_call_start', choice: 0, call: 2, id: 'c', name: 'whole' },
      { type: 'tool_call_arguments', choice: 0, call: 2, fragment: '{"y":2}' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      { type: 'usage', usage: { ...usage, outputTokens: 30 } },
      { type: 'end' },
    ]);
  });

  it('that is cut, even behind its stop reason, is an error', () => {
    const last = [
      'message_delta',
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: {} },
    ] as const;
    for (const text of ['', wireText([started]), wireText([started, last])]) {
      const events = read(text);
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
      expect(events).not.toContainEqual({ type: 'end' });
    }
  });

  it('that reports an error ends there', () => {
    const error = [
      'error',
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    ] as const;
    expect(read(wireText([started, error, ['message_stop', { type: 'message_stop' }]])).slice(2)).toEqual([
      { type: 'error', error: { kind: 'overloaded', message: 'Overloaded', code: 'overloaded_error' } },
    ]);
  });

  it('that is of another shape is malformed', () => {
    expect(() => read('data: {"choices":[]}\n\n')).toThrow(MalformedUpstreamError);
    expect(() => read('data: {"type":\n\n')).toThrow(MalformedUpstreamError);
    expect(() => read(wireText([['message_stop', { type: 'message_stop' }]]))).toThrow(
      MalformedUpstreamError,
    );
  });
});

describe('a stream for a client of Anthropic’s format', () => {
  const start: ConversationEvent = { type: 'start', id: 'x', model: 'm', created: 5_000 };

  it('opens one block at a time and tells stop reason and usage at the end', () => {
    const events = write([
      start,
      { type: 'reasoning', choice: 0, block: 0, text: 'Hm.' },
      { type: 'reasoning', choice: 0, block: 0, text: '', id: 'rs_1', encrypted: 'gAAA' },
      { type: 'text', choice: 0, text: 'A' },
      { type: 'text', choice: 0, text: 'B' },
      { type: 'tool_call_start', choice: 0, call: 0, id: 'a', name: 'left', signature: 'c2ln' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{}' },
      { type: 'text', choice: 1, text: 'another choice' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      {
        type: 'usage',
        usage: {
          inputTokens: 16,
          cachedInputTokens: 4,
          cacheWriteTokens: 2,
          outputTokens: 9,
          reasoningTokens: 3,
        },
      },
      { type: 'end' },
    ]);
    expect(events.every(({ event, data }) => event === data.type)).toBe(true);
    expect(
      events.map(({ data }) => [data.type, data.index, (data.content_block as { type?: string })?.type]),
    ).toEqual([
      ['message_start', undefined, undefined],
      ['content_block_start', 0, 'thinking'],
      ['content_block_delta', 0, undefined],
      ['content_block_delta', 0, undefined],
      ['content_block_stop', 0, undefined],
      ['content_block_start', 1, 'text'],
      ['content_block_delta', 1, undefined],
      ['content_block_delta', 1, undefined],
      ['content_block_stop', 1, undefined],
      ['content_block_start', 2, 'thinking'],
      ['content_block_delta', 2, undefined],
      ['content_block_stop', 2, undefined],
      ['content_block_start', 3, 'tool_use'],
      ['content_block_delta', 3, undefined],
      ['content_block_stop', 3, undefined],
      ['message_delta', undefined, undefined],
      ['message_stop', undefined, undefined],
    ]);
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 2,
        output_tokens: 9,
      },
    });
  });

  it('lets the state of a thought come back with the next request, whoever wants it', () => {
    const events = write([
      start,
      { type: 'reasoning', choice: 0, block: 0, text: 'Hm.', id: 'rs_1' },
      { type: 'reasoning', choice: 0, block: 0, text: '', encrypted: 'gAAA' },
      { type: 'end' },
    ]);
    const signature = events
      .map(({ data }) => (data.delta as { signature?: string })?.signature)
      .find(Boolean);
    const { request } = codec.decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.', signature }] }],
    });
    expect(request.messages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.', id: 'rs_1', encrypted: 'gAAA' },
    ]);
  });

  it('gives pieces of a call that comes by turns to its own block', () => {
    const events = write([
      start,
      { type: 'tool_call_start', choice: 0, call: 0, id: 'a', name: 'left' },
      { type: 'tool_call_start', choice: 0, call: 1, id: 'b', name: 'right' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '{"b":1}' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{"a":1}' },
    ]);
    const deltas = events.filter(({ event }) => event === 'content_block_delta').map(({ data }) => data);
    expect(deltas).toMatchObject([
      { index: 1, delta: { partial_json: '{"b":1}' } },
      { index: 0, delta: { partial_json: '{"a":1}' } },
    ]);
  });

  it('ends in an error event and nothing more when the answer breaks', () => {
    const events = write([
      start,
      { type: 'text', choice: 0, text: 'A' },
      { type: 'error', error: { kind: 'overloaded', message: 'Too busy.' } },
      { type: 'end' },
    ]);
    expect(events.at(-1)).toEqual({
      event: 'error',
      data: { type: 'error', error: { type: 'overloaded_error', message: 'Too busy.' } },
    });
    expect(events.map(({ event }) => event)).not.toContain('message_stop');
  });
});
