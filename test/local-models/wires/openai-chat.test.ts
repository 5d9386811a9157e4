import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalModels } from '../server.ts';
import { ask, quickModels, type ReadEvent } from '../wire-client.ts';

let models: LocalModels;
beforeAll(async () => {
  models = await quickModels();
});
afterAll(() => models.close());

const prompt = [{ role: 'user', content: 'Should we cache database queries?' }];
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Current weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const chat = (body: object) =>
  ask(`${models.url}/v1/chat/completions`, { model: 'swift', messages: prompt, ...body });

/** The deltas of one choice. */
function deltas(events: ReadEvent[], index = 0) {
  return events
    .filter((event) => event.data.choices?.[0]?.index === (index as unknown))
    .map((event) => event.data.choices?.[0]?.delta);
}

describe('OpenAI chat completions', () => {
  it('answers in the real shape, with usage that adds up', async () => {
    const { status, headers, json } = await chat({ model: 'local/swift' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-\w{29}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'swift',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          logprobs: null,
          message: { role: 'assistant', refusal: null, content: expect.stringContaining('local stand-in') },
        },
      ],
      usage: {
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    const usage = json.usage as unknown as {
      prompt_tokens: number;
      completion_tokens: number;
      total_tokens: number;
    };
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(headers.get('x-ratelimit-limit-requests')).toBe('10000');
    expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+ms$/);
  });

  it('streams the same text as it answers unstreamed, a role first, a finish reason and [DONE] last', async () => {
    const whole = await chat({});
    const { headers, events } = await chat({ stream: true });
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(events[0]?.data.choices?.[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(events.at(-1)?.data).toBe('[DONE]');
    expect(events.at(-2)?.data.choices?.[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    expect(
      deltas(events)
        .map((delta) => delta?.content ?? '')
        .join(''),
    ).toBe(whole.json.choices?.[0]?.message?.content);
    expect(events.some((event) => event.data !== ('[DONE]' as unknown) && 'usage' in event.data)).toBe(false);
  });

  it('sends usage in a last chunk without choices, and null before it, when asked to include it', async () => {
    const { events } = await chat({ stream: true, stream_options: { include_usage: true } });
    const chunks = events.slice(0, -1).map((event) => event.data);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: chunks.length - 3 } });
    expect(chunks.slice(0, -1).every((chunk) => (chunk.usage as unknown) === null)).toBe(true);
  });

  it('calls a tool once for each place that the question names, streaming the arguments', async () => {
    const { events } = await chat({
      stream: true,
      tools: [weather],
      messages: [{ role: 'user', content: 'What is the weather in Paris and New York?' }],
    });
    const calls: { id: string; name: string; arguments: string }[] = [];
    for (const delta of deltas(events)) {
      const call = delta?.tool_calls?.[0] as unknown as
        | { index: number; id?: string; function: { name?: string; arguments: string } }
        | undefined;
      if (call === undefined) continue;
      if (call.id !== undefined)
        calls[call.index] = { id: call.id, name: call.function.name ?? '', arguments: '' };
      const begun = calls[call.index];
      if (begun !== undefined) begun.arguments += call.function.arguments;
    }
    expect(calls.map((call) => JSON.parse(call.arguments))).toEqual([
      { city: 'Paris' },
      { city: 'New York' },
    ]);
    expect(calls.every((call) => /^call_\w{24}$/.test(call.id) && call.name === 'get_weather')).toBe(true);
    expect(events.at(-2)?.data.choices?.[0]?.finish_reason).toBe('tool_calls');
  });

  it('makes one call when parallel calls are off, none for choice "none", and the named one when forced', async () => {
    const messages = [{ role: 'user', content: 'What is the weather in Paris and Rome?' }];
    const one = await chat({ messages, tools: [weather], parallel_tool_calls: false });
    expect(one.json.choices?.[0]?.message?.tool_calls).toHaveLength(1);
    const none = await chat({ messages, tools: [weather], tool_choice: 'none' });
    expect(none.json.choices?.[0]?.message?.tool_calls).toBeUndefined();
    const forced = await chat({
      tools: [weather],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    });
    expect(forced.json.choices?.[0]?.message?.tool_calls?.[0]?.function?.name).toBe('get_weather');
  });

  it('answers from tool results', async () => {
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
    };
    const { json } = await chat({
      tools: [weather],
      messages: [
        { role: 'user', content: 'What is the weather in Paris?' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'Heavy rain, 12 degrees' },
      ],
    });
    expect(json.choices?.[0]?.message?.content).toContain('get_weather returned “Heavy rain, 12 degrees”');
  });

  it('honours max_tokens, stop and n', async () => {
    const cut = await chat({ max_completion_tokens: 5 });
    expect(cut.json).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 5 },
    });
    const stopped = await chat({ stop: ['stand-in', 'This text'] });
    expect(stopped.json.choices?.[0]?.finish_reason).toBe('stop');
    expect(stopped.json.choices?.[0]?.message?.content).not.toMatch(/This text|stand-in/);
    const three = await chat({ n: 3, stream: true });
    const texts = [0, 1, 2].map((index) =>
      deltas(three.events, index)
        .map((delta) => delta?.content ?? '')
        .join(''),
    );
    expect(new Set(texts).size).toBe(3);
  });

  it('shows reasoning before the answer when asked to reason, and counts it', async () => {
    const { json } = await chat({ reasoning_effort: 'low' });
    expect(json.choices?.[0]?.message?.reasoning_content).toContain('The question is about');
    expect(Number(json.usage?.completion_tokens_details?.reasoning_tokens)).toBeGreaterThan(10);
    const { events } = await chat({ reasoning_effort: 'low', stream: true });
    const kinds = deltas(events)
      .map((delta) => (delta?.reasoning_content === undefined ? (delta?.content ? 'text' : '') : 'reasoning'))
      .filter((kind) => kind !== '');
    expect(kinds.lastIndexOf('reasoning')).toBeLessThan(kinds.indexOf('text'));
  });

  it('refuses in the refusal field and finishes with stop', async () => {
    const whole = await chat({ model: 'refuses' });
    expect(whole.json.choices?.[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: null, refusal: expect.stringContaining('can’t help') },
    });
    const { events } = await chat({ model: 'refuses', stream: true });
    expect(
      deltas(events)
        .map((delta) => delta?.refusal ?? '')
        .join(''),
    ).toBe(whole.json.choices?.[0]?.message?.refusal);
  });

  it('answers JSON for json_object and valid JSON for json_schema', async () => {
    const object = await chat({ response_format: { type: 'json_object' } });
    expect(JSON.parse(String(object.json.choices?.[0]?.message?.content))).toHaveProperty('answer');
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
      required: ['city', 'days'],
    };
    const filled = await chat({
      messages: [{ role: 'user', content: 'Plan 3 days in Lisbon.' }],
      response_format: { type: 'json_schema', json_schema: { name: 'plan', schema } },
    });
    expect(JSON.parse(String(filled.json.choices?.[0]?.message?.content))).toEqual({
      city: 'Lisbon',
      days: 3,
    });
  });

  it('mentions images, sounds and files that came along', async () => {
    const { json } = await chat({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
          ],
        },
      ],
    });
    expect(json.choices?.[0]?.message?.content).toMatch(
      /an image \(image\/png, 3 bytes\) and audio \(audio\/wav.*and a file \(a\.pdf/,
    );
    expect(Number(json.usage?.prompt_tokens)).toBeGreaterThan(3 * 258);
  });

  it.each([
    ['no messages', { messages: undefined }, 400, 'messages'],
    ['an empty list of messages', { messages: [] }, 400, 'messages'],
    ['a wrong type', { temperature: 'hot' }, 400, 'temperature'],
    ['an unknown role', { messages: [{ role: 'wizard', content: 'x' }] }, 400, 'messages[0].role'],
    [
      'a tool result without a call',
      { messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] },
      400,
      'messages[0].role',
    ],
    ['negative tokens', { max_tokens: -1 }, 400, 'max_tokens'],
    ['stream options without a stream', { stream_options: { include_usage: true } }, 400, 'stream_options'],
    ['an unknown model', { model: 'nobody' }, 404, 'model'],
    ['a model that does not chat', { model: 'embed' }, 404, 'model'],
  ])('refuses %s with an error that names the field', async (_what, body, status, param) => {
    const asked = await chat(body);
    expect(asked.status).toBe(status);
    expect(asked.json.error).toEqual({
      message: expect.any(String),
      type: 'invalid_request_error',
      param,
      code: (asked.json.error?.code as unknown) ?? null,
    });
  });
});
