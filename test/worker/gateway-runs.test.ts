import { env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { usageEvents } from '../../src/features/metering/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { type Client, newTenant } from './client.ts';
import { ask, eventsOf, type Json, SHAPE_NAMES, SHAPES, textOf } from './gateway-client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const RUNS = ['parallax/consensus', 'parallax/best', 'parallax/synthesis', 'parallax/debate'];
const every = RUNS.flatMap((model) => SHAPE_NAMES.map((shape) => [model, shape] as const));

describe('the calls of a run', () => {
  it('are recorded as usage, each once', async () => {
    const other = await newTenant();
    const { id } = await other.run({ prompt: 'What is a tree?', merge: { strategy: 'consensus' } });
    const rows = () =>
      tenantDb(env.DB, other).select(usageEvents, { where: eq(usageEvents.runId, id), limit: 50 });
    await expect.poll(async () => (await rows()).length, { timeout: 30_000 }).toBeGreaterThan(3);
    const events = await rows();
    expect(events.filter(({ feature }) => feature === 'perspective')).toHaveLength(3);
    expect(events.filter(({ feature }) => feature === 'merge').length).toBeGreaterThan(0);
    for (const event of events) expect(event).toMatchObject({ chosenBy: 'run', status: 'ok', chargeNano: 0 });
    await other.fetch(`/v1/perspectives/${id}/merge`, { body: { strategy: 'best_of' } });
    await expect.poll(async () => (await rows()).length, { timeout: 30_000 }).toBeGreaterThan(events.length);
    expect(new Set((await rows()).map((row) => row.id)).size).toBe((await rows()).length);
  });
});

describe('the calls of a run, whichever way it was started,', () => {
  const headers = { 'user-agent': 'OpenAI/JS 6.1.0', 'x-stainless-lang': 'js' };
  const STARTS: Readonly<Record<string, (other: Client) => Promise<Response>>> = {
    'POST /v1/perspectives': (other) =>
      other.fetch('/v1/perspectives', {
        headers,
        body: { prompt: 'What is a tree?', models: ['local/swift'] },
      }),
    'a chat model': (other) => ask(other, 'chat', 'parallax/best', 'What is a tree?', { headers }),
    'an MCP tool': (other) =>
      exports.default.fetch('http://localhost/mcp', {
        method: 'POST',
        headers: {
          ...headers,
          host: 'localhost',
          authorization: `Bearer ${other.key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-11-25',
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: {
            name: 'get_perspectives',
            arguments: { prompt: 'What is a tree?', models: ['local/swift'] },
          },
        }),
      }),
  };

  it.each(Object.keys(STARTS))('name the request and the program that asked (%s)', async (way) => {
    const other = await newTenant();
    const response = await (STARTS[way] as (typeof STARTS)[string])(other);
    await response.text();
    const rows = () => tenantDb(env.DB, other).select(usageEvents, { where: undefined, limit: 50 });
    await expect.poll(async () => (await rows()).length, { timeout: 30_000 }).toBeGreaterThan(0);
    const requestId = response.headers.get('x-request-id');
    expect(requestId).toMatch(/^req_/);
    for (const event of await rows()) expect(event).toMatchObject({ requestId, client: 'openai-js' });
  });
});

describe('a client that leaves the stream of a run', () => {
  it.each(SHAPE_NAMES)('in %s ends the run, and what had been said is recorded', async (shape) => {
    const other = await newTenant();
    const response = await ask(other, shape, 'parallax/synthesis', 'Describe the sea in 9000 words.', {
      body: { stream: true },
    });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const path = `/v1/perspectives/${response.headers.get('x-parallax-run')}`;
    const run = async () => (await other.fetch(path)).json<Json>();
    await expect
      .poll(async () => (await run()).status, { timeout: 30_000 })
      .toMatch(/^(?:partial|completed)$/);
    const asked = async () =>
      (await tenantDb(env.DB, other).select(usageEvents, { limit: 50, where: undefined })).filter(
        ({ feature }) => feature === 'perspective',
      );
    await expect.poll(async () => (await asked()).length, { timeout: 30_000 }).toBe(3);
    for (const { status } of await asked()) expect(status).toMatch(/^(?:ok|cancelled)$/);
  });
});

describe('a run as a model', () => {
  it.each(every)(
    '%s answers in %s, whole and streamed, as one of its kind, and can be read again',
    async (model, shape) => {
      const response = await ask(client, shape, model, 'Should a small team use microservices?');
      const answer = await response.json<Json>();
      expect(response.status).toBe(200);
      expect(SHAPES[shape].text(answer).length).toBeGreaterThan(20);
      expect(answer.model).toBe(model);
      expect(response.headers.get('x-parallax-model')).toBe(model);
      expect(response.headers.get('x-parallax-cost-usd')).toBe('0');
      const run = await client.fetch(`/v1/perspectives/${response.headers.get('x-parallax-run')}`);
      expect((await run.json<Json>()).perspectives).toHaveLength(3);
      const streamed = await ask(client, shape, model, 'Should a small team use microservices?', {
        body: { stream: true },
      });
      const events = await eventsOf(streamed);
      expect(textOf(shape, events).length).toBeGreaterThan(20);
      if (shape === 'chat') expect(events.at(-1)?.data).toBe('[DONE]');
      else expect(events.at(-1)?.event).toBe(shape === 'messages' ? 'message_stop' : 'response.completed');
    },
  );

  it('calls the client’s tools, and concludes from their results', async () => {
    const tools = [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather in a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    ];
    const messages: Json[] = [{ role: 'user', content: 'What is the weather in Bern? Use get_weather.' }];
    const first = await client.fetch('/v1/chat/completions', {
      body: { model: 'parallax/consensus', messages, tools, tool_choice: 'required' },
    });
    const [choice] = (await first.json<Json>()).choices;
    expect(choice.finish_reason).toBe('tool_calls');
    const [call] = choice.message.tool_calls;
    expect(call.function.name).toBe('get_weather');
    messages.push(choice.message, { role: 'tool', tool_call_id: call.id, content: 'Rain, 9 degrees' });
    const second = await client.fetch('/v1/chat/completions', {
      body: { model: 'parallax/consensus', messages, tools },
    });
    expect((await second.json<Json>()).choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.stringMatching(/\w/) },
    });
  });

  it('names what it cannot do, and is a 404 when there is none of that name', async () => {
    const n = await ask(client, 'chat', 'parallax/best', 'Hello', { body: { n: 2 } });
    expect(n.status).toBe(400);
    expect((await n.json<Json>()).error.param).toBe('n');
    expect((await ask(client, 'chat', 'parallax/nosuch', 'Hello')).status).toBe(404);
  });

  it('needs the scope of runs besides the scope of models', async () => {
    const made = await client.fetch('/v1/api-keys', { body: { name: 'Models only', scopes: ['models'] } });
    const { key } = await made.json<Json>();
    const response = await ask(client, 'chat', 'parallax/best', 'Hello', {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(403);
  });

  it('tells the cost in the last chunk to who asks for usage', async () => {
    const body = { stream: true, stream_options: { include_usage: true } };
    const events = await eventsOf(await ask(client, 'chat', 'parallax/best', 'Hello', { body }));
    expect(JSON.parse(events.at(-2)?.data ?? '')).toMatchObject({
      choices: [],
      usage: { total_tokens: expect.any(Number) },
      'x-parallax-cost-usd': 0,
    });
  });
});
