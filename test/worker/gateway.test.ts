import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant } from './client.ts';
import { ask, eventsOf, type Json, putModel, SHAPE_NAMES, SHAPES, textOf } from './gateway-client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
  await putModel('local/responder', {
    upstream_name: 'swift',
    wire: 'openai-responses',
    pricing: { input: 0, output: 0 },
  });
});

/** One model of each wire format. */
const MODELS = ['local/swift', 'local/sage', 'local/scribe', 'local/responder'];
const every = SHAPE_NAMES.flatMap((shape) => MODELS.map((model) => [shape, model] as const));

describe('an answer', () => {
  it.each(every)('of %s by %s comes whole, with who served it and what it cost', async (shape, model) => {
    const response = await ask(client, shape, model, 'Why is the sky blue?');
    const answer = await response.json<Json>();
    expect(response.status).toBe(200);
    expect(SHAPES[shape].text(answer)).toContain('not from a trained model');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-parallax-model': model,
      'x-parallax-provider': 'local',
      'x-parallax-cost-usd': '0',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    });
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(response.headers.get('request-id')).toBe(response.headers.get('x-request-id'));
  });

  it.each(every)('of %s by %s comes streamed, the same text and a proper end', async (shape, model) => {
    const events = await eventsOf(
      await ask(client, shape, model, 'Why is the sky blue?', { body: { stream: true } }),
    );
    expect(textOf(shape, events)).toContain('not from a trained model');
    const last = events.at(-1);
    if (shape === 'chat') expect(last?.data).toBe('[DONE]');
    if (shape === 'responses') expect(last?.event).toBe('response.completed');
    if (shape === 'messages') expect(last?.event).toBe('message_stop');
  });

  it.each([
    ['chat', 'x-ratelimit-limit-requests'],
    ['responses', 'x-ratelimit-remaining-requests'],
    ['messages', 'anthropic-ratelimit-requests-remaining'],
  ] as const)('of %s tells how the limit stands in the client’s own header %s', async (shape, header) => {
    const response = await ask(client, shape, 'local/swift', 'Hello');
    expect(Number(response.headers.get(header))).toBeGreaterThan(0);
    expect(response.headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+$/);
    expect(response.headers.get('ratelimit-policy')).toMatch(/^"requests";q=\d+$/);
  });
});

describe('usage in a chat stream', () => {
  const chunksOf = async (body: object, headers: Record<string, string> = {}) => {
    const response = await ask(client, 'chat', 'local/swift', 'Hello', {
      body: { stream: true, ...body },
      headers,
    });
    return (await eventsOf(response)).map(({ data }) => data).filter((data) => data !== '[DONE]');
  };

  it('is not sent to who did not ask for it', async () => {
    const chunks = (await chunksOf({})).map((data) => JSON.parse(data) as Json);
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true);
    expect(chunks.every(({ usage }) => usage === undefined || usage === null)).toBe(true);
  });

  it.each(['local/swift', 'local/sage'])('comes last to who asked, with the cost, by %s', async (model) => {
    const body = { stream: true, stream_options: { include_usage: true } };
    const events = await eventsOf(await ask(client, 'chat', model, 'Hello', { body }));
    const last = JSON.parse(events.at(-2)?.data ?? '') as Json;
    expect(last).toMatchObject({ choices: [], 'x-parallax-cost-usd': 0 });
    expect(last.usage.total_tokens).toBeGreaterThan(0);
    expect(events.filter(({ data }) => data.includes('x-parallax-cost-usd'))).toHaveLength(1);
  });

  it('is passed on as the provider sends it when the client wants the stream exact', async () => {
    const chunks = await chunksOf({}, { 'x-parallax-stream': 'exact' });
    expect(JSON.parse(chunks.at(-1) ?? '')).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number) },
    });
    expect(chunks.join('')).not.toContain('x-parallax');
  });
});

describe('the cost in the other streams', () => {
  it.each([
    ['messages', 'local/sage', 'message_delta'],
    ['responses', 'local/responder', 'response.completed'],
  ] as const)('of %s by a provider of that format is there when asked for', async (shape, model, event) => {
    const stream = async (headers: Record<string, string>) =>
      eventsOf(await ask(client, shape, model, 'Hello', { body: { stream: true }, headers }));
    const plain = await stream({});
    expect(plain.some(({ data }) => data.includes('x-parallax'))).toBe(false);
    const annotated = await stream({ 'x-parallax-stream': 'annotated' });
    const last = annotated.findLast((one) => one.event === event);
    expect(JSON.parse(last?.data ?? '')).toMatchObject(
      shape === 'messages' ? { 'x-parallax-cost-usd': 0 } : { response: { 'x-parallax-cost-usd': 0 } },
    );
    expect(textOf(shape, annotated)).toBe(textOf(shape, plain));
  });

  it('of a translated stream are always there', async () => {
    for (const [shape, model] of [
      ['messages', 'local/swift'],
      ['responses', 'local/sage'],
    ] as const) {
      const events = await eventsOf(await ask(client, shape, model, 'Hello', { body: { stream: true } }));
      expect(events.filter(({ data }) => data.includes('x-parallax-cost-usd'))).toHaveLength(1);
    }
  });
});

describe('fallbacks', () => {
  it('answer when the first model fails before its first word, streamed and whole', async () => {
    for (const stream of [false, true]) {
      const response = await ask(client, 'chat', 'local/overloaded', 'Hello', {
        body: { models: ['local/sage'], stream },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-parallax-model')).toBe('local/sage');
      await response.text();
    }
  });

  it('are what is asked when no model is named beside them', async () => {
    const response = await client.fetch('/v1/chat/completions', {
      body: { models: ['local/overloaded', 'local/swift'], messages: [{ role: 'user', content: 'Hi' }] },
    });
    expect(response.headers.get('x-parallax-model')).toBe('local/swift');
  });
});

describe('what a model cannot do', () => {
  it('is a 400 that names the parameter in the client’s words', async () => {
    const response = await ask(client, 'chat', 'local/sage', 'Hello', { body: { n: 2 } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', param: 'n', code: 'unsupported_parameter' },
    });
  });

  it('is left out and named where the client said that it may be', async () => {
    const response = await ask(client, 'chat', 'local/sage', 'Hello', {
      body: { n: 2, provider: { require_parameters: false } },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-parallax-dropped')).toBe('n');
  });

  it('is asked of the next model', async () => {
    const response = await ask(client, 'chat', 'local/sage', 'Hello', {
      body: { n: 2, models: ['local/swift'] },
    });
    expect(response.headers.get('x-parallax-model')).toBe('local/swift');
    expect((await response.json<Json>()).choices).toHaveLength(2);
  });
});

describe('a body', () => {
  it('reaches a provider of its format with everything that we do not know, and nothing that is for a gateway', async () => {
    const marker = crypto.randomUUID();
    await ask(client, 'chat', 'local/swift', `Hello ${marker}`, {
      body: {
        models: ['local/sage'],
        provider: { sort: 'price' },
        api_base: 'https://evil.example',
        api_key: 'sk-evil',
        something_new: { deep: [1, 2] },
        max_completion_tokens: 77,
      },
    });
    const { seenBody } = await import('./gateway-stats.ts');
    const body = await seenBody('swift', marker);
    expect(body).toMatchObject({ model: 'swift', something_new: { deep: [1, 2] }, max_tokens: 77 });
    for (const name of ['models', 'provider', 'api_base', 'api_key', 'max_completion_tokens'])
      expect(body).not.toHaveProperty(name);
  });

  it.each([
    ['{"model": "local/swift"', 400, 'malformed_request'],
    ['[]', 400, 'malformed_request'],
    ['{"messages": []}', 400, 'invalid_parameter'],
    ['{"model": 5}', 400, 'invalid_parameter'],
    ['{"model": "local/swift", "stream": "yes"}', 400, 'invalid_parameter'],
    ['{"model": "local/swift", "models": "local/sage"}', 400, 'invalid_parameter'],
    ['{"model": "local/nosuch", "messages": [{"role": "user", "content": "Hello"}]}', 404, 'model_not_found'],
    ['{"model": "local/embed", "messages": []}', 400, 'unsupported_parameter'],
  ])('%s is %i %s, in OpenAI’s shape', async (body, status, code) => {
    const response = await fetchRaw('/v1/chat/completions', body);
    expect(response.status).toBe(status);
    const { error } = await response.json<Json>();
    expect(error).toMatchObject({ code, message: expect.any(String), type: 'invalid_request_error' });
    expect(error).toHaveProperty('param');
  });

  it('that is wrong is an error in Anthropic’s shape on the messages route', async () => {
    const response = await fetchRaw(
      '/v1/messages',
      '{"model": "local/nosuch", "max_tokens": 5, "messages": []}',
    );
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'not_found_error', message: expect.stringContaining('local/nosuch') },
      request_id: expect.stringMatching(/^req_/),
    });
  });

  it('that the provider refuses is a 400 with the provider’s words', async () => {
    const response = await ask(client, 'chat', 'local/swift', 'Hello', { body: { temperature: 9 } });
    expect(response.status).toBe(400);
    expect((await response.json<Json>()).error.message).toContain('temperature');
  });

  const fetchRaw = async (path: string, body: string) => {
    const { exports } = await import('cloudflare:workers');
    return exports.default.fetch(`https://parallax.test${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
      body,
    });
  };
});

describe('without a key', () => {
  it.each(SHAPE_NAMES)('%s answers 401 in the shape of its clients', async (shape) => {
    const { exports } = await import('cloudflare:workers');
    const response = await exports.default.fetch(`https://parallax.test${SHAPES[shape].path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(401);
    const body = await response.json<Json>();
    expect(shape === 'messages' ? body.error.type : body.error.code).toBe(
      shape === 'messages' ? 'authentication_error' : 'invalid_api_key',
    );
  });
});
