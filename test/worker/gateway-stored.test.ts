import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant } from './client.ts';
import { ask, eventsOf, type Json, SHAPE_NAMES, SHAPES, textOf } from './gateway-client.ts';
import { modelStatistics } from './gateway-stats.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const CACHED = { 'x-parallax-cache': 'max-age=60' };
const question = () => `What is ${crypto.randomUUID()}?`;
const callsOf = async (model: string) =>
  Object.values((await modelStatistics()).requests[model] ?? {}).reduce((sum, count) => sum + count, 0);

describe('the response cache', () => {
  it.each(SHAPE_NAMES)(
    'gives a kept %s answer again, whole and as a stream, for nothing, and says so',
    async (shape) => {
      const prompt = question();
      const first = await ask(client, shape, 'local/sage', prompt, { headers: CACHED });
      expect(first.headers.get('x-parallax-cache')).toBe('miss');
      const answer = await first.json<Json>();
      const before = await callsOf('sage');
      const again = await ask(client, shape, 'local/sage', prompt, { headers: CACHED });
      expect(Object.fromEntries(again.headers)).toMatchObject({
        'x-parallax-cache': 'hit',
        'x-parallax-cost-usd': '0',
        'x-parallax-model': 'local/sage',
        age: expect.stringMatching(/^\d+$/),
      });
      expect(await again.json()).toEqual(answer);
      const streamed = await ask(client, shape, 'local/sage', prompt, {
        headers: CACHED,
        body: { stream: true },
      });
      expect(streamed.headers.get('x-parallax-cache')).toBe('hit');
      expect(textOf(shape, await eventsOf(streamed))).toBe(SHAPES[shape].text(answer));
      expect(await callsOf('sage')).toBe(before);
    },
  );

  it.each(SHAPE_NAMES)('keeps a streamed %s answer', async (shape) => {
    const prompt = question();
    const first = await ask(client, shape, 'local/sage', prompt, { headers: CACHED, body: { stream: true } });
    const text = textOf(shape, await eventsOf(first));
    await expect
      .poll(async () =>
        (await ask(client, shape, 'local/sage', prompt, { headers: CACHED })).headers.get('x-parallax-cache'),
      )
      .toBe('hit');
    const again = await ask(client, shape, 'local/sage', prompt, { headers: CACHED });
    expect(SHAPES[shape].text(await again.json<Json>())).toBe(text);
  });

  it('keeps tool calls whole', async () => {
    const body = {
      tools: [
        {
          type: 'function',
          function: {
            name: 'look_up',
            parameters: { type: 'object', properties: { q: { type: 'string' } } },
          },
        },
      ],
      tool_choice: 'required',
    };
    const prompt = question();
    const first = await ask(client, 'chat', 'local/swift', prompt, { headers: CACHED, body });
    const [call] = (await first.json<Json>()).choices[0].message.tool_calls;
    const again = await ask(client, 'chat', 'local/swift', prompt, {
      headers: CACHED,
      body: { ...body, stream: true },
    });
    const deltas = (await eventsOf(again)).flatMap(({ data }) =>
      data === '[DONE]' ? [] : ((JSON.parse(data) as Json).choices[0]?.delta.tool_calls ?? []),
    );
    expect(deltas[0]).toMatchObject({ id: call.id, function: { name: 'look_up' } });
    expect(deltas.map((delta: Json) => delta.function.arguments).join('')).toBe(call.function.arguments);
  });

  it('is not used by who did not ask for it, and takes nothing older than asked', async () => {
    const prompt = question();
    await (await ask(client, 'chat', 'local/swift', prompt, { headers: CACHED })).text();
    const plain = await ask(client, 'chat', 'local/swift', prompt);
    expect(plain.headers.get('x-parallax-cache')).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const fresh = await ask(client, 'chat', 'local/swift', prompt, {
      headers: { 'x-parallax-cache': 'max-age=1' },
    });
    expect(fresh.headers.get('x-parallax-cache')).toBe('miss');
  });

  it('tells apart every member that reaches a model', async () => {
    const prompt = question();
    await (await ask(client, 'chat', 'local/swift', prompt, { headers: CACHED })).text();
    for (const body of [
      { temperature: 0.5 },
      { model: 'local/sage' },
      { something_new: 1 },
      { models: ['local/sage'] },
    ]) {
      const other = await ask(client, 'chat', 'local/swift', prompt, { headers: CACHED, body });
      expect(other.headers.get('x-parallax-cache'), JSON.stringify(body)).toBe('miss');
    }
    const reordered = await client.fetch('/v1/chat/completions', {
      body: { messages: [{ content: prompt, role: 'user' }], model: 'local/swift' },
      headers: CACHED,
    });
    expect(reordered.headers.get('x-parallax-cache')).toBe('hit');
  });

  it('never gives one tenant’s answer to another', async () => {
    const prompt = question();
    await (await ask(client, 'chat', 'local/swift', prompt, { headers: CACHED })).text();
    const stranger = await newTenant();
    const asked = await ask(stranger, 'chat', 'local/swift', prompt, { headers: CACHED });
    expect(asked.headers.get('x-parallax-cache')).toBe('miss');
  });

  it('keeps no refusal and no failure', async () => {
    for (const model of ['local/refuses', 'local/malformed']) {
      const prompt = question();
      await (await ask(client, 'chat', model, prompt, { headers: CACHED, body: { stream: true } })).text();
      const again = await ask(client, 'chat', model, prompt, { headers: CACHED, body: { stream: true } });
      expect(again.headers.get('x-parallax-cache')).not.toBe('hit');
      await again.text();
    }
  });

  it('may be a key’s own setting, which a request can refuse', async () => {
    const made = await client.fetch('/v1/api-keys', { body: { name: 'Cached', cache_max_age_seconds: 60 } });
    const { key, cache_max_age_seconds } = await made.json<Json>();
    expect(cache_max_age_seconds).toBe(60);
    const prompt = question();
    const headers = { authorization: `Bearer ${key}` };
    await (await ask(client, 'chat', 'local/swift', prompt, { headers })).text();
    const hit = await ask(client, 'chat', 'local/swift', prompt, { headers });
    expect(hit.headers.get('x-parallax-cache')).toBe('hit');
    const off = await ask(client, 'chat', 'local/swift', prompt, {
      headers: { ...headers, 'x-parallax-cache': 'off' },
    });
    expect(off.headers.get('x-parallax-cache')).toBeNull();
  });

  it.each(['yes', 'max-age=0', 'max-age=9999999', 'max-age=-1'])('refuses the wish %s', async (wish) => {
    const response = await ask(client, 'chat', 'local/swift', 'Hello', {
      headers: { 'x-parallax-cache': wish },
    });
    expect(response.status).toBe(400);
    expect((await response.json<Json>()).error.param).toBe('x-parallax-cache');
  });
});

describe('an Idempotency-Key', () => {
  const keyed = (key: string) => ({ 'idempotency-key': key });

  it('gives a repetition the first answer, whole or streamed, and asks no model again', async () => {
    const key = crypto.randomUUID();
    const prompt = question();
    const first = await ask(client, 'chat', 'local/swift', prompt, { headers: keyed(key) });
    const answer = await first.json<Json>();
    const before = await callsOf('swift');
    await expect
      .poll(async () => (await ask(client, 'chat', 'local/swift', prompt, { headers: keyed(key) })).status)
      .toBe(200);
    const again = await ask(client, 'chat', 'local/swift', prompt, { headers: keyed(key) });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await again.json()).toEqual(answer);
    const streamed = await ask(client, 'chat', 'local/swift', prompt, {
      headers: keyed(key),
      body: { stream: true },
    });
    expect(textOf('chat', await eventsOf(streamed))).toBe(SHAPES.chat.text(answer));
    expect(await callsOf('swift')).toBe(before);
  });

  it('refuses another request under the same key, and a repetition while the first is under way', async () => {
    const key = crypto.randomUUID();
    const prompt = `${question()} [[stall:1]]`;
    const first = await ask(client, 'chat', 'local/swift', prompt, {
      headers: keyed(key),
      body: { stream: true },
    });
    const second = await ask(client, 'chat', 'local/swift', prompt, { headers: keyed(key) });
    expect(second.status).toBe(409);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await ask(client, 'chat', 'local/swift', 'Something else', { headers: keyed(key) });
    expect(other.status).toBe(422);
    await first.body?.cancel();
  });

  it('is free again when its request came to nothing', async () => {
    const key = crypto.randomUUID();
    const prompt = '[[status:500]]';
    expect((await ask(client, 'chat', 'local/swift', prompt, { headers: keyed(key) })).status).toBe(502);
    const before = await callsOf('swift');
    expect((await ask(client, 'chat', 'local/swift', prompt, { headers: keyed(key) })).status).toBe(502);
    expect(await callsOf('swift')).toBeGreaterThan(before);
  });
});
