import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalModels } from '../server.ts';
import { ask, quickModels } from '../wire-client.ts';

let models: LocalModels;
beforeAll(async () => {
  models = await quickModels();
});
afterAll(() => models.close());

const respond = (body: object) =>
  ask(`${models.url}/v1/responses`, { model: 'scribe', input: 'Is tea better than coffee?', ...body });
const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'Current weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe('OpenAI responses', () => {
  it('answers in the real shape', async () => {
    const { json } = await respond({ instructions: 'You are a gardener.' });
    expect(json).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-f]{48}$/),
      object: 'response',
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: 'You are a gardener.',
      output: [
        {
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [
            { type: 'output_text', annotations: [], text: expect.stringContaining('Speaking as a gardener') },
          ],
        },
      ],
      usage: { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    });
  });

  it('streams typed events in order, numbered from 0, from created to completed', async () => {
    const { events } = await respond({ stream: true, reasoning: { effort: 'low', summary: 'auto' } });
    expect(events.map((event) => event.data.sequence_number)).toEqual(events.map((_event, index) => index));
    expect(events.every((event) => event.name === (event.data.type as unknown))).toBe(true);
    const order = events.map((event) => event.name).filter((name, index, all) => name !== all[index - 1]);
    expect(order).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const text = events
      .flatMap((event) => (event.name === 'response.output_text.delta' ? String(event.data.delta) : []))
      .join('');
    const done = events.at(-1)?.data.response;
    expect(done?.output?.[1]?.content?.[0]?.text).toBe(text);
    expect(Number(done?.usage?.output_tokens_details?.reasoning_tokens)).toBeGreaterThan(5);
    expect(events[0]?.data.response).toMatchObject({ status: 'in_progress', output: [], usage: null });
  });

  it('streams the arguments of parallel calls as items of their own, and takes their outputs', async () => {
    const input = 'What is the weather in Paris and Rome?';
    const { events } = await respond({ stream: true, input, tools: [weather] });
    const output = events.at(-1)?.data.response?.output as unknown as {
      call_id: string;
      arguments: string;
      type: string;
    }[];
    expect(output.map((item) => JSON.parse(item.arguments))).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    const first = events
      .flatMap((event) =>
        event.name?.endsWith('arguments.delta') && event.data.output_index === (0 as unknown)
          ? String(event.data.delta)
          : [],
      )
      .join('');
    expect(first).toBe(output[0]?.arguments);
    const results = output.map((item) => ({
      type: 'function_call_output',
      call_id: item.call_id,
      output: 'sunny',
    }));
    const { json } = await respond({
      input: [{ role: 'user', content: input }, ...output, ...results],
      tools: [weather],
    });
    expect(json.output?.[0]?.content?.[0]?.text).toContain('get_weather returned “sunny”');
  });

  it('is incomplete when the token limit ends it', async () => {
    const { json } = await respond({ max_output_tokens: 16 });
    expect(json).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { output_tokens: 16 },
    });
    const { events } = await respond({ max_output_tokens: 16, stream: true });
    expect(events.at(-1)?.name).toBe('response.incomplete');
  });

  it('refuses with a refusal part and refusal events', async () => {
    const { json } = await respond({ model: 'refuses' });
    expect(json.output?.[0]?.content?.[0]).toEqual({
      type: 'refusal',
      refusal: expect.stringContaining('can’t help'),
    });
    const { events } = await respond({ model: 'refuses', stream: true });
    expect(events.map((event) => event.name)).toEqual(
      expect.arrayContaining(['response.refusal.delta', 'response.refusal.done']),
    );
  });

  it('fills text.format json_schema', async () => {
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' } },
      required: ['ok'],
      additionalProperties: false,
    };
    const { json } = await respond({
      text: { format: { type: 'json_schema', name: 'x', schema, strict: true } },
    });
    expect(JSON.parse(String(json.output?.[0]?.content?.[0]?.text))).toEqual({ ok: expect.any(Boolean) });
  });

  it.each([
    ['no input', { input: undefined }, 'input'],
    ['fewer output tokens than the real API takes', { max_output_tokens: 3 }, 'max_output_tokens'],
    ['an earlier response, for it stores none', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    [
      'an output without its call',
      { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] },
      'input',
    ],
  ])('refuses %s', async (_what, body, param) => {
    const asked = await respond(body);
    expect(asked.status).toBe(400);
    expect(asked.json.error).toMatchObject({ type: 'invalid_request_error', param });
  });
});
