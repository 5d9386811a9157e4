import { describe, expect, it } from 'vitest';
import { createSseParser } from '../../../../platform/sse.ts';
import { MalformedUpstreamError } from '../../codec.ts';
import type { ConversationEvent, JsonObject } from '../../conversation.ts';
import { openAiResponsesCodec as codec } from './index.ts';

/** What a stream of these events means; it closes after the last. */
function read(...bodies: readonly JsonObject[]): ConversationEvent[] {
  const decoder = codec.streamDecoder();
  const events = bodies.flatMap((body) =>
    decoder.event({ event: String(body.type), data: JSON.stringify(body) }),
  );
  return [...events, ...decoder.end()];
}

const response = (rest: JsonObject = {}): JsonObject => ({
  id: 'resp_1',
  object: 'response',
  created_at: 5,
  model: 'm',
  status: 'in_progress',
  output: [],
  ...rest,
});
const created = { type: 'response.created', response: response() };
const completed = {
  type: 'response.completed',
  response: response({ status: 'completed', usage: { input_tokens: 2, output_tokens: 1 } }),
};
const added = (index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.added',
  output_index: index,
  item,
});
const done = (index: number, item: JsonObject): JsonObject => ({
  ...added(index, item),
  type: 'response.output_item.done',
});
const USAGE: ConversationEvent = {
  type: 'usage',
  usage: { inputTokens: 2, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
};
const end = (reason: 'stop' | 'tool_calls' | 'refusal' | 'length'): ConversationEvent[] => [
  USAGE,
  { type: 'finish', choice: 0, reason },
  { type: 'end' },
];

describe('a stream of the Responses API', () => {
  it('is read with thoughts, text and parallel calls', () => {
    const thought = { type: 'reasoning', id: 'rs_1', summary: [] };
    const call = (id: string, name: string): JsonObject => ({
      type: 'function_call',
      id,
      call_id: `call_${id}`,
      name,
      arguments: '',
    });
    const summary = (part: number, delta: string): JsonObject => ({
      type: 'response.reasoning_summary_text.delta',
      output_index: 0,
      summary_index: part,
      delta,
    });
    const args = (index: number, delta: string): JsonObject => ({
      type: 'response.function_call_arguments.delta',
      output_index: index,
      delta,
    });
    const events = read(
      created,
      { type: 'response.in_progress', response: response() },
      added(0, thought),
      summary(0, 'a'),
      summary(0, 'b'),
      summary(1, 'c'),
      done(0, { ...thought, encrypted_content: 'XYZ' }),
      added(1, { type: 'message', id: 'msg_1', role: 'assistant', content: [] }),
      {
        type: 'response.output_text.delta',
        output_index: 1,
        content_index: 0,
        delta: 'Hi',
        logprobs: [{ token: 'Hi' }],
      },
      { type: 'response.output_text.done', output_index: 1, content_index: 0, text: 'Hi' },
      added(2, call('a', 'f')),
      added(3, call('b', 'g')),
      args(3, '{"y":'),
      args(2, '{}'),
      args(3, '2}'),
      { type: 'response.web_search_call.searching', output_index: 4, item_id: 'ws_1' },
      done(2, { ...call('a', 'f'), arguments: '{}' }),
      done(3, { ...call('b', 'g'), arguments: '{"y":2}' }),
      completed,
    );
    expect(events).toEqual([
      { type: 'start', id: 'resp_1', model: 'm', created: 5_000 },
      { type: 'reasoning', choice: 0, block: 0, text: 'a', id: 'rs_1' },
      { type: 'reasoning', choice: 0, block: 0, text: 'b' },
      { type: 'reasoning', choice: 0, block: 0, text: '\n\nc' },
      { type: 'reasoning', choice: 0, block: 0, text: '', encrypted: 'XYZ' },
      { type: 'text', choice: 0, text: 'Hi' },
      { type: 'logprobs', choice: 0, logprobs: { content: [{ token: 'Hi' }] } },
      { type: 'tool_call_start', choice: 0, call: 0, id: 'call_a', name: 'f' },
      { type: 'tool_call_start', choice: 0, call: 1, id: 'call_b', name: 'g' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '{"y":' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{}' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '2}' },
      ...end('tool_calls'),
    ]);
  });

  it('is read where items come whole, without deltas', () => {
    const events = read(
      created,
      done(0, { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }] }),
      done(1, { type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }),
      done(2, { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' }),
      added(3, { type: 'function_call', call_id: 'd', name: 'g' }),
      completed,
    );
    expect(events.slice(1)).toEqual([
      { type: 'reasoning', choice: 0, block: 0, text: 'hm', id: 'rs_1' },
      { type: 'text', choice: 0, text: 'Hi' },
      { type: 'tool_call_start', choice: 0, call: 0, id: 'c', name: 'f' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{"a":1}' },
      { type: 'tool_call_start', choice: 0, call: 1, id: 'd', name: 'g' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '{}' },
      ...end('tool_calls'),
    ]);
  });

  it('makes a custom tool’s text the argument of a function', () => {
    const item = { type: 'custom_tool_call', call_id: 'c', name: 'shell', input: '' };
    const delta = (text: string): JsonObject => ({
      type: 'response.custom_tool_call_input.delta',
      output_index: 0,
      delta: text,
    });
    const events = read(
      created,
      added(0, item),
      delta('echo "'),
      delta('ü"\n'),
      done(0, { ...item, input: 'echo "ü"\n' }),
      completed,
    );
    const args = events.map((event) => (event.type === 'tool_call_arguments' ? event.fragment : '')).join('');
    expect(JSON.parse(args)).toEqual({ input: 'echo "ü"\n' });
  });

  it.each([
    [[{ type: 'response.refusal.delta', output_index: 0, delta: 'No.' }, completed], 'refusal'],
    [
      [
        {
          type: 'response.incomplete',
          response: response({
            incomplete_details: { reason: 'max_output_tokens' },
            usage: { input_tokens: 2, output_tokens: 1 },
          }),
        },
      ],
      'length',
    ],
    [
      [{ type: 'response.completed', response: response({ usage: { input_tokens: 2, output_tokens: 1 } }) }],
      'stop',
    ],
  ] as const)('has its end from what it says and holds: %#', (bodies, reason) => {
    expect(read(created, ...bodies).slice(-3)).toEqual(end(reason));
  });

  it.each([
    [
      {
        type: 'response.failed',
        response: response({ error: { code: 'rate_limit_exceeded', message: 'slow' } }),
      },
      'rate_limited',
    ],
    [
      { type: 'response.failed', response: response({ error: { code: 'invalid_prompt', message: 'bad' } }) },
      'invalid_request',
    ],
    [{ type: 'response.failed', response: response() }, 'server_error'],
    [
      { type: 'error', code: 'server_error', message: 'The server is overloaded.', param: null },
      'overloaded',
    ],
    [{ type: 'error', error: { code: 'context_length_exceeded', message: 'long' } }, 'context_length'],
  ])('ends with its error %j, and with nothing after it', (body, kind) => {
    const events = read(created, body, completed);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind } });
    expect(events).toHaveLength(2);
  });

  it('that closes before its end is cut', () => {
    expect(read(created).at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
    expect(read()).toMatchObject([{ type: 'error', error: { kind: 'connection' } }]);
  });

  it('takes heartbeats, and nothing else, for granted', () => {
    expect(read(created, { type: 'keepalive', sequence_number: 3 }, completed).at(-1)).toEqual({
      type: 'end',
    });
    expect(() => read({ type: 'message_start' })).toThrow(MalformedUpstreamError);
    expect(() => codec.streamDecoder().event({ event: 'message', data: '{}' })).toThrow(
      MalformedUpstreamError,
    );
  });
});

describe('a stream for a Responses client', () => {
  const write = (events: readonly ConversationEvent[]): JsonObject[] => {
    const encoder = codec.streamEncoder({ model: 'local/swift', includeUsage: true });
    const text = events.map((event) => encoder.event(event)).join('');
    return createSseParser()
      .push(new TextEncoder().encode(text))
      .map(({ event, data }) => {
        const body = JSON.parse(data) as JsonObject;
        expect(body.type).toBe(event);
        return body;
      });
  };
  const start: ConversationEvent = { type: 'start', id: 'resp_1', model: 'up', created: 5_500 };
  const whole: ConversationEvent[] = [
    start,
    { type: 'reasoning', choice: 0, block: 0, text: 'hm' },
    { type: 'reasoning', choice: 0, block: 0, text: '', signature: 'sig' },
    { type: 'text', choice: 0, text: 'Hi' },
    { type: 'tool_call_start', choice: 0, call: 0, id: 'c', name: 'f' },
    { type: 'finish', choice: 0, reason: 'tool_calls' },
    USAGE,
    { type: 'end' },
  ];

  it('opens, fills and closes every item in the API’s order, numbered', () => {
    const events = write(whole);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at));
    expect(
      events.map(({ type, output_index: index }) =>
        `${String(type).replace('response.', '')} ${index ?? ''}`.trim(),
      ),
    ).toEqual([
      'created',
      'in_progress',
      'output_item.added 0',
      'reasoning_summary_part.added 0',
      'reasoning_summary_text.delta 0',
      'reasoning_summary_text.done 0',
      'reasoning_summary_part.done 0',
      'output_item.done 0',
      'output_item.added 1',
      'content_part.added 1',
      'output_text.delta 1',
      'output_text.done 1',
      'content_part.done 1',
      'output_item.done 1',
      'output_item.added 2',
      'function_call_arguments.delta 2',
      'function_call_arguments.done 2',
      'output_item.done 2',
      'completed',
    ]);
  });

  it('ends with the whole response', () => {
    expect(write(whole).at(-1)).toMatchObject({
      type: 'response.completed',
      response: {
        id: 'resp_1',
        model: 'local/swift',
        created_at: 5,
        status: 'completed',
        output: [
          { type: 'reasoning', summary: [{ text: 'hm' }], encrypted_content: 'plx:{"signature":"sig"}' },
          { type: 'message', content: [{ type: 'output_text', text: 'Hi' }] },
          { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        ],
        usage: { input_tokens: 2, output_tokens: 1, total_tokens: 3 },
      },
    });
  });

  it('says only the first of several answers', () => {
    const second: ConversationEvent[] = [
      { type: 'text', choice: 1, text: 'other' },
      { type: 'finish', choice: 1, reason: 'length' },
    ];
    const last = write([...whole.slice(0, 6), ...second, ...whole.slice(6)]).at(-1);
    expect(last).toMatchObject({ type: 'response.completed', response: { output: [{}, {}, {}] } });
  });

  it('turns an error into an error and a failed response, and never into an end', () => {
    const failure: ConversationEvent = { type: 'error', error: { kind: 'overloaded', message: 'busy' } };
    const events = write([...whole.slice(0, 4), failure, ...whole.slice(5)]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'overloaded', message: 'busy', param: null },
      {
        type: 'response.failed',
        response: {
          status: 'failed',
          error: { code: 'overloaded', message: 'busy' },
          output: [{ type: 'reasoning' }],
        },
      },
    ]);
  });
});
