import { describe, expect, it } from 'vitest';
import { MalformedUpstreamError } from '../../codec.ts';
import type { ConversationEvent } from '../../conversation.ts';
import { openAiChatCodec as codec } from './index.ts';

const chunk = (choices: unknown, rest: object = {}): string =>
  JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 5, model: 'm', choices, ...rest });
const delta = (value: object, rest: object = {}): string => chunk([{ index: 0, delta: value, ...rest }]);
const calls = (...toolCalls: object[]): string => delta({ tool_calls: toolCalls });

/** What a stream of these data lines means; it closes after the last. */
function read(...lines: readonly string[]): ConversationEvent[] {
  const decoder = codec.streamDecoder();
  const events = lines.flatMap((data) => decoder.event({ event: 'message', data }));
  return [...events, ...decoder.end()];
}

/** The same without the start. */
const meaning = (...lines: readonly string[]): ConversationEvent[] => read(...lines).slice(1);

const END: ConversationEvent[] = [{ type: 'finish', choice: 0, reason: 'stop' }, { type: 'end' }];

function toolCalls(events: readonly ConversationEvent[]): unknown {
  const found: { id: string; name: string; args: string }[] = [];
  for (const event of events) {
    if (event.type === 'tool_call_start') found[event.call] = { id: event.id, name: event.name, args: '' };
    const call = event.type === 'tool_call_arguments' ? found[event.call] : undefined;
    if (call !== undefined && event.type === 'tool_call_arguments') call.args += event.fragment;
  }
  return found;
}

describe('a stream of an OpenAI chat server', () => {
  it('is read from its first chunk to [DONE]', () => {
    expect(
      read(
        delta({ role: 'assistant', content: '' }),
        delta({ content: 'Hel' }),
        delta({ content: 'lo' }),
        delta({}, { finish_reason: 'stop' }),
        chunk([], { usage: { prompt_tokens: 2, completion_tokens: 1 } }),
        '[DONE]',
      ),
    ).toEqual([
      { type: 'start', id: 'x', model: 'm', created: 5_000 },
      { type: 'text', choice: 0, text: 'Hel' },
      { type: 'text', choice: 0, text: 'lo' },
      {
        type: 'usage',
        usage: {
          inputTokens: 2,
          cachedInputTokens: 0,
          cacheWriteTokens: 0,
          outputTokens: 1,
          reasoningTokens: 0,
        },
      },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'end' },
    ]);
  });

  it('begins behind Azure’s chunk of filter results', () => {
    const filter = JSON.stringify({ id: '', created: 0, model: '', choices: [], prompt_filter_results: [] });
    expect(read(filter, delta({ content: 'a' }), '[DONE]')[0]).toEqual({
      type: 'start',
      id: 'x',
      model: 'm',
      created: 5_000,
    });
  });

  it('is whole without [DONE] when every choice had its reason, and cut otherwise', () => {
    expect(meaning(delta({ content: 'a' }, { finish_reason: 'stop' })).at(-1)).toEqual({ type: 'end' });
    expect(meaning(delta({ content: 'a' })).at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'connection' },
    });
    const second = chunk([{ index: 1, delta: { content: 'b' } }]);
    expect(meaning(delta({ content: 'a' }, { finish_reason: 'stop' }), second).at(-1)).toMatchObject({
      type: 'error',
    });
    expect(read()).toEqual([{ type: 'error', error: expect.objectContaining({ kind: 'connection' }) }]);
  });

  it('gives nothing after its end', () => {
    const decoder = codec.streamDecoder();
    decoder.event({ event: 'message', data: delta({ content: 'a' }) });
    expect(decoder.end()).toHaveLength(1);
    expect(decoder.event({ event: 'message', data: delta({ content: 'b' }) })).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  it('has one end a choice, also where the server says it twice or never', () => {
    const twice = [
      delta({ content: 'a' }, { finish_reason: 'stop' }),
      delta({ content: 'b' }, { finish_reason: 'stop' }),
      '[DONE]',
    ];
    expect(meaning(...twice)).toEqual([
      { type: 'text', choice: 0, text: 'a' },
      { type: 'text', choice: 0, text: 'b' },
      ...END,
    ]);
    expect(meaning(delta({ content: 'a' }), '[DONE]').slice(1)).toEqual(END);
  });

  it('keeps several choices apart', () => {
    const both = chunk([
      { index: 0, delta: { content: 'a' }, finish_reason: 'stop' },
      { index: 1, delta: { content: 'b' }, finish_reason: 'length' },
    ]);
    expect(meaning(both, '[DONE]')).toEqual([
      { type: 'text', choice: 0, text: 'a' },
      { type: 'text', choice: 1, text: 'b' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'finish', choice: 1, reason: 'length' },
      { type: 'end' },
    ]);
  });

  it.each([
    [
      'by their indexes, by turns',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
        calls({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
        calls(
          { index: 0, function: { arguments: '{"x"' } },
          { index: 1, function: { arguments: '{"y":2}' } },
        ),
        calls({ index: 0, function: { arguments: ':1}' } }),
      ],
    ],
    [
      'by their ids where every index is 0',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        calls({ index: 0, id: 'b', function: { name: 'g', arguments: '{"y":2}' } }),
      ],
    ],
    [
      'by their ids where there is no index and the id is repeated',
      [
        calls({ id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        calls({ id: 'a', function: { arguments: ':1}' } }),
        calls({ id: 'b', function: { name: 'g', arguments: '{"y":2}' } }),
      ],
    ],
    [
      'with names and ids repeated in every delta',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: ':1}' } }),
        calls({ index: 1, id: 'b', function: { name: 'g', arguments: { y: 2 } } }),
      ],
    ],
  ])('tells parallel calls apart %s', (_name, lines) => {
    const events = meaning(...lines, delta({}, { finish_reason: 'tool_calls' }), '[DONE]');
    expect(toolCalls(events)).toEqual([
      { id: 'a', name: 'f', args: '{"x":1}' },
      { id: 'b', name: 'g', args: '{"y":2}' },
    ]);
    expect(events.at(-2)).toEqual({ type: 'finish', choice: 0, reason: 'tool_calls' });
  });

  it('has calls with ids and arguments where the server gives none', () => {
    const events = meaning(
      calls({ function: { name: 'f' } }),
      calls({ function: { name: 'g' } }),
      delta({}, { finish_reason: 'stop' }),
      '[DONE]',
    );
    expect(toolCalls(events)).toEqual([
      { id: 'call_x_0_0', name: 'f', args: '{}' },
      { id: 'call_x_0_1', name: 'g', args: '{}' },
    ]);
  });

  it('holds arguments back until the name is there', () => {
    const events = meaning(
      calls({ index: 0, id: 'a', function: { arguments: '{' } }),
      calls({ index: 0, function: { name: 'f', arguments: '}' } }),
      '[DONE]',
    );
    expect(toolCalls(events)).toEqual([{ id: 'a', name: 'f', args: '{}' }]);
  });

  it('makes a custom tool’s text the argument of a function', () => {
    const events = meaning(
      calls({ index: 0, id: 'a', type: 'custom', custom: { name: 'shell', input: '' } }),
      calls({ index: 0, custom: { input: 'echo "' } }),
      calls({ index: 0, custom: { input: 'ü"\n' } }),
      '[DONE]',
    );
    expect(toolCalls(events)).toEqual([
      { id: 'a', name: 'shell', args: JSON.stringify({ input: 'echo "ü"\n' }) },
    ]);
  });

  it('numbers thoughts, with the details before the plain text', () => {
    const events = meaning(
      delta({ reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a', index: 0 }] }),
      delta({ reasoning_details: [{ type: 'reasoning.text', signature: 's', index: 0 }] }),
      delta({ content: 'x' }),
      delta({ reasoning_content: 'b' }),
      delta({ reasoning_content: 'c' }),
      '[DONE]',
    );
    expect(events.slice(0, 5)).toEqual([
      { type: 'reasoning', choice: 0, block: 0, text: 'a' },
      { type: 'reasoning', choice: 0, block: 0, text: '', signature: 's' },
      { type: 'text', choice: 0, text: 'x' },
      { type: 'reasoning', choice: 0, block: 1, text: 'b' },
      { type: 'reasoning', choice: 0, block: 1, text: 'c' },
    ]);
  });

  it('gives usage once where the server repeats it, and finds it where servers hide it', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1 };
    const repeated = meaning(
      chunk([{ index: 0, delta: { content: 'a' } }], { usage }),
      chunk([{ index: 0, delta: {} }], { usage }),
      '[DONE]',
    );
    expect(repeated.filter(({ type }) => type === 'usage')).toHaveLength(1);
    const groq = meaning(
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], { x_groq: { usage } }),
      '[DONE]',
    );
    const moonshot = meaning(chunk([{ index: 0, delta: {}, finish_reason: 'stop', usage }]), '[DONE]');
    for (const events of [groq, moonshot])
      expect(events).toContainEqual({
        type: 'usage',
        usage: expect.objectContaining({ inputTokens: 1, outputTokens: 1 }),
      });
  });

  it.each([
    [
      'an error object',
      JSON.stringify({ error: { message: 'busy', type: 'overloaded_error' } }),
      'overloaded',
    ],
    ['a numeric code', JSON.stringify({ error: { message: 'slow down', code: 429 } }), 'rate_limited'],
    ['an error beside choices', chunk([], { error: { message: 'boom', code: 502 } }), 'server_error'],
    [
      'an error in a choice',
      chunk([{ index: 0, delta: {}, error: { message: 'boom', code: 503 } }]),
      'overloaded',
    ],
    [
      'a bare sentence',
      JSON.stringify({ object: 'error', message: 'bad', type: 'BadRequestError', code: 400 }),
      'invalid_request',
    ],
    ['a reason that says so', delta({ content: 'b' }, { finish_reason: 'error' }), 'server_error'],
  ])('ends with the error of %s, and with nothing after it', (_name, line, kind) => {
    const events = read(delta({ content: 'a' }), line, delta({ content: 'late' }), '[DONE]');
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind } });
    expect(events.filter(({ type }) => type === 'end' || type === 'finish')).toEqual([]);
  });

  it('takes heartbeats, and nothing else, for granted', () => {
    const decoder = codec.streamDecoder();
    expect(decoder.event({ event: 'ping', data: '{}' })).toEqual([]);
    expect(() => decoder.event({ event: 'message_start', data: '{"type":"message_start"}' })).toThrow(
      MalformedUpstreamError,
    );
    expect(() => decoder.event({ event: 'message', data: '{"id":' })).toThrow(MalformedUpstreamError);
    expect(() => decoder.event({ event: 'message', data: '[DONE]' })).toThrow(MalformedUpstreamError);
  });
});

describe('a stream for an OpenAI chat client', () => {
  const write = (events: readonly ConversationEvent[], includeUsage: boolean): unknown[] => {
    const encoder = codec.streamEncoder({ model: 'local/swift', includeUsage });
    return events
      .map((event) => encoder.event(event))
      .join('')
      .split('\n\n')
      .filter((text) => text !== '')
      .map((text) =>
        text === 'data: [DONE]' ? 'DONE' : (JSON.parse(text.slice('data: '.length)) as unknown),
      );
  };
  const start: ConversationEvent = { type: 'start', id: 'x', model: 'up', created: 5_500 };

  it('begins with the role and ends with the reason and [DONE]', () => {
    const common = { id: 'x', object: 'chat.completion.chunk', created: 5, model: 'local/swift' };
    const choice = { index: 0, logprobs: null, finish_reason: null };
    expect(write([start, { type: 'text', choice: 0, text: 'a' }, ...END], false)).toEqual([
      { ...common, choices: [{ ...choice, delta: { role: 'assistant', content: '', refusal: null } }] },
      { ...common, choices: [{ ...choice, delta: { content: 'a' } }] },
      { ...common, choices: [{ ...choice, delta: {}, finish_reason: 'stop' }] },
      'DONE',
    ]);
  });

  it('has usage in a last chunk of its own when it was asked for', () => {
    const usage = {
      inputTokens: 1,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 2,
      reasoningTokens: 0,
    };
    const chunks = write([start, { type: 'usage', usage }, ...END], true);
    expect(chunks[0]).toMatchObject({ usage: null });
    expect(chunks.at(-2)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
    expect(write([start, { type: 'usage', usage }, ...END], false).at(-2)).not.toHaveProperty('usage');
  });

  it('turns an error into an error and never into an end', () => {
    const chunks = write(
      [start, { type: 'error', error: { kind: 'overloaded', message: 'busy' } }, ...END],
      true,
    );
    expect(chunks).toHaveLength(2);
    expect(chunks[1]).toEqual({
      error: { message: 'busy', type: 'server_error', param: null, code: 'overloaded' },
    });
  });

  it('gives a call without arguments an empty object', () => {
    const chunks = write(
      [
        start,
        { type: 'tool_call_start', choice: 0, call: 0, id: 'c', name: 'f' },
        { type: 'finish', choice: 0, reason: 'tool_calls' },
      ],
      false,
    );
    expect(chunks[2]).toMatchObject({
      choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: '{}' } }] } }],
    });
  });
});
