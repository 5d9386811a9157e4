import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalModels } from '../server.ts';
import { ask, quickModels } from '../wire-client.ts';

let models: LocalModels;
beforeAll(async () => {
  models = await quickModels();
});
afterAll(() => models.close());

const messages = (body: object) =>
  ask(`${models.url}/v1/messages`, {
    model: 'sage',
    max_tokens: 2000,
    messages: [{ role: 'user', content: 'Is remote work good for a team?' }],
    ...body,
  });
const weather = {
  name: 'get_weather',
  description: 'Current weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const twoPlaces = [{ role: 'user', content: 'What is the weather in Paris and Rome?' }];

describe('Anthropic messages', () => {
  it('answers in the real shape, with its headers', async () => {
    const { headers, json } = await messages({});
    expect(json).toMatchObject({
      id: expect.stringMatching(/^msg_01\w{22}$/),
      type: 'message',
      role: 'assistant',
      model: 'sage',
      content: [{ type: 'text', text: expect.stringContaining('local stand-in') }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, service_tier: 'standard' },
    });
    expect(headers.get('request-id')).toMatch(/^req_011C/);
    expect(headers.get('anthropic-ratelimit-requests-limit')).toBe('10000');
    expect(headers.get('anthropic-ratelimit-input-tokens-reset')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    );
  });

  it('streams start, a ping, blocks, a delta with the usage and a stop, each event named like its type', async () => {
    const whole = await messages({});
    const { events } = await messages({ stream: true });
    expect(events.every((event) => event.name === (event.data.type as unknown))).toBe(true);
    const order = events.map((event) => event.name).filter((name, index, all) => name !== all[index - 1]);
    expect(order).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]?.data.message).toMatchObject({
      content: [],
      stop_reason: null,
      usage: { output_tokens: 1 },
    });
    const text = events.map((event) => event.data.delta?.text ?? '').join('');
    expect(text).toBe(whole.json.content?.[0]?.text);
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: Number(whole.json.usage?.output_tokens) },
    });
  });

  it('thinks in a signed block before the text', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const { json } = await messages({ thinking });
    expect(json.content).toMatchObject([
      { type: 'thinking', thinking: expect.any(String), signature: expect.stringMatching(/^[\w+/]{40,}=*$/) },
      { type: 'text' },
    ]);
    const { events } = await messages({ thinking, stream: true });
    const kinds = events.flatMap((event) =>
      event.data.delta?.type === undefined ? [] : String(event.data.delta.type),
    );
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'thinking_delta',
      'signature_delta',
      'text_delta',
    ]);
    expect(Number(json.usage?.output_tokens_details?.thinking_tokens)).toBeGreaterThan(5);
  });

  it('speaks and then calls tools in parallel, streaming their input, and takes the results', async () => {
    const { events } = await messages({ stream: true, messages: twoPlaces, tools: [weather] });
    const starts = events.flatMap((event) =>
      event.name === 'content_block_start' ? event.data.content_block : [],
    );
    expect(starts.map((block) => block?.type)).toEqual(['text', 'tool_use', 'tool_use']);
    const inputs = [1, 2].map((index) =>
      events
        .map((event) =>
          event.data.index === (index as unknown) ? (event.data.delta?.partial_json ?? '') : '',
        )
        .join(''),
    );
    expect(inputs.map((input) => JSON.parse(input))).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    expect(events.at(-2)?.data.delta?.stop_reason).toBe('tool_use');
    const whole = await messages({ messages: twoPlaces, tools: [weather] });
    const content = whole.json.content as unknown as { type: string; id: string }[];
    const results = content
      .filter((block) => block.type === 'tool_use')
      .map((block) => ({
        type: 'tool_result',
        tool_use_id: block.id,
        content: [{ type: 'text', text: 'hail' }],
        is_error: true,
      }));
    const after = await messages({
      messages: [...twoPlaces, { role: 'assistant', content }, { role: 'user', content: results }],
      tools: [weather],
    });
    expect(after.json.content?.[0]?.text).toContain('get_weather failed with “hail”');
  });

  it('gives structured output by output_config, by output_format and by a forced tool', async () => {
    const schema = {
      type: 'object',
      properties: { score: { type: 'number', minimum: 0, maximum: 1 } },
      required: ['score'],
      additionalProperties: false,
    };
    for (const body of [
      { output_config: { format: { type: 'json_schema', schema } } },
      { output_format: { type: 'json_schema', schema } },
    ]) {
      const { json } = await messages(body);
      expect(JSON.parse(String(json.content?.[0]?.text))).toEqual({ score: expect.any(Number) });
    }
    const { json } = await messages({
      tools: [{ name: 'record', input_schema: schema }],
      tool_choice: { type: 'tool', name: 'record' },
    });
    expect(json).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'tool_use', name: 'record', input: { score: expect.any(Number) } }],
    });
  });

  it('stops at a stop sequence and names it, and at the token limit', async () => {
    const stopped = await messages({ stop_sequences: ['local', 'stand-in'] });
    expect(stopped.json).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'local' });
    const cut = await messages({ max_tokens: 4 });
    expect(cut.json).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 4 } });
  });

  it('refuses with the stop reason, without content', async () => {
    const { json } = await messages({ model: 'refuses' });
    expect(json).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', explanation: expect.stringContaining('stand-in') },
    });
    const { events } = await messages({ model: 'refuses', stream: true });
    expect(events.map((event) => event.name)).toEqual([
      'message_start',
      'ping',
      'message_delta',
      'message_stop',
    ]);
  });

  it('counts what cache_control marks, and what a prompt says was cached, apart from the input', async () => {
    const system = [{ type: 'text', text: 'x'.repeat(400), cache_control: { type: 'ephemeral' } }];
    const { json } = await messages({
      system,
      messages: [{ role: 'user', content: 'hello there [[cached:5]]' }],
    });
    expect(json.usage).toMatchObject({
      cache_creation_input_tokens: 100,
      cache_read_input_tokens: 5,
      input_tokens: 1,
    });
  });

  it('counts tokens without max_tokens', async () => {
    const asked = await ask(`${models.url}/v1/messages/count_tokens`, {
      model: 'sage',
      messages: [{ role: 'user', content: 'x'.repeat(40) }],
    });
    expect(asked.json).toEqual({ input_tokens: 10 });
  });

  it.each([
    ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['no messages', { messages: undefined }, 'messages: Field required'],
    ['a system role with a wrong type', { system: 7 }, "Invalid type for 'system'"],
    [
      'an unknown block',
      { messages: [{ role: 'user', content: [{ type: 'hologram' }] }] },
      "messages.0.content.0: Input tag 'hologram'",
    ],
    [
      'a tool result without its call',
      {
        messages: [
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }] },
        ],
      },
      'unexpected `tool_use_id`',
    ],
    [
      'a thinking budget above the limit',
      { thinking: { type: 'enabled', budget_tokens: 4000 } },
      '`max_tokens` must be greater',
    ],
    ['a temperature above 1', { temperature: 1.5 }, 'temperature'],
  ])('refuses %s', async (_what, body, message) => {
    const asked = await messages(body);
    expect(asked.status).toBe(400);
    expect(asked.json).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(message) },
      request_id: asked.headers.get('request-id'),
    });
  });

  it('requires the version header', async () => {
    const asked = await ask(
      `${models.url}/v1/messages`,
      {},
      { headers: { 'content-type': 'application/json' } },
    );
    expect(asked.json.error?.message).toBe('anthropic-version: header is required');
  });

  it('lists models in its own shape when the version header is there', async () => {
    const asked = await ask(`${models.url}/v1/models?limit=2&after_id=swift`, undefined, {
      method: 'GET',
      headers: { 'anthropic-version': '2023-06-01' },
      body: null,
    });
    expect(asked.json).toMatchObject({
      data: [{ type: 'model', id: 'sage' }, { id: 'scribe' }],
      has_more: true,
      first_id: 'sage',
      last_id: 'scribe',
    });
  });
});
