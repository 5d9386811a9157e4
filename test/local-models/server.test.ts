import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LocalModels } from './server.ts';
import { ask, quickModels } from './wire-client.ts';

let models: LocalModels;
beforeAll(async () => {
  models = await quickModels();
});
beforeEach(() => models.stats.reset());
afterAll(() => models.close());

/** One request in each format: path and body for a model and a prompt. */
const FORMATS = {
  'openai-chat': (model: string, prompt: string, stream: boolean) =>
    ['/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: prompt }] }] as const,
  'openai-responses': (model: string, prompt: string, stream: boolean) =>
    ['/v1/responses', { model, stream, input: prompt }] as const,
  anthropic: (model: string, prompt: string, stream: boolean) =>
    [
      '/v1/messages',
      { model, stream, max_tokens: 40_000, messages: [{ role: 'user', content: prompt }] },
    ] as const,
  gemini: (model: string, prompt: string, stream: boolean) =>
    [
      `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      { contents: [{ parts: [{ text: prompt }] }] },
    ] as const,
};
const formats = Object.entries(FORMATS).map(([name, make]) => ({ name, make }));

function send(
  make: (typeof formats)[number]['make'],
  model: string,
  prompt: string,
  stream = false,
  init: RequestInit = {},
) {
  const [path, body] = make(model, prompt, stream);
  return fetch(models.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
    ...init,
  });
}

/** Waits until a condition of the statistics holds; the test's own time limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe.each(formats)('faults over $name', ({ name, make }) => {
  it('rate-limited refuses the same request twice with Retry-After, answers the third time, and counts each prompt apart', async () => {
    const statuses = [];
    for (const prompt of ['one', 'one', 'two', 'one', 'one']) {
      const response = await send(make, 'rate-limited', prompt);
      statuses.push(response.status);
      expect(response.headers.get('retry-after')).toBe(response.status === 429 ? '0' : null);
      await response.text();
    }
    expect(statuses).toEqual([429, 429, 429, 200, 429]);
  });

  it('overloaded always says so, with the status of the format', async () => {
    const response = await send(make, 'overloaded', 'x', true);
    expect(response.status).toBe(name === 'anthropic' ? 529 : 503);
    expect(await response.json()).toHaveProperty('error');
  });

  it('silent sends no headers, and notes when the client went away', async () => {
    const patience = new AbortController();
    const asking = send(make, 'silent', 'x', true, { signal: patience.signal });
    await until(() => models.stats.snapshot().requests.silent?.[name] === 1);
    patience.abort();
    await expect(asking).rejects.toThrow();
    await until(() => models.stats.snapshot().abortedTotal === 1);
    expect(models.stats.snapshot().aborted[0]).toMatchObject({
      model: 'silent',
      format: name,
      piecesSent: 0,
    });
  });

  it('cut breaks the connection in the middle, streamed and not, and is no abort by the client', async () => {
    for (const stream of [true, false]) {
      const response = await send(make, 'cut', 'x', stream);
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
    }
    expect(models.stats.snapshot().abortedTotal).toBe(0);
  });

  it('malformed sends good events and then broken JSON, or a broken body', async () => {
    const streamed = await (await send(make, 'malformed', 'x', true)).text();
    const lines = streamed.split(/\r?\n/).filter((line) => line.startsWith('data: '));
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines.slice(0, -1)) expect(() => JSON.parse(line.slice(6))).not.toThrow();
    expect(() => JSON.parse(lines.at(-1)?.slice(6) ?? '{}')).toThrow(SyntaxError);
    const whole = await send(make, 'malformed', 'x');
    expect(whole.status).toBe(200);
    await expect(whole.json()).rejects.toThrow(SyntaxError);
  });

  it('sends one data line of the bytes that a prompt asks for', async () => {
    const text = await (await send(make, 'swift', 'x [[sse-line:70000]]', true)).text();
    const lines = text.split(/\r?\n/).map((line) => Buffer.byteLength(line));
    expect(lines).toContain(70_000);
  });

  it('answers with the status that a prompt asks for', async () => {
    const response = await send(make, 'swift', 'x [[status:418]]');
    expect(response.status).toBe(418);
    expect(JSON.stringify(await response.json())).toContain('Status 418');
    const limited = await send(make, 'swift', 'x [[status:429]]');
    expect(limited.headers.get('retry-after')).toBe('0');
    await limited.text();
  });

  it('answers in the shape of another format when a prompt asks for that', async () => {
    const right = await (await send(make, 'swift', 'x')).json();
    const wrong = await (await send(make, 'swift', 'x [[wrong-format]]')).json();
    expect(Object.keys(wrong as object)).not.toEqual(Object.keys(right as object));
  });

  it('sends an error event in mid-stream, or says exactly what it is told', async () => {
    const broken = await (await send(make, 'swift', 'x [[error-after:3]]', true)).text();
    expect(broken.trimEnd().split(/\r?\n/).at(-1)).toMatch(/overloaded/i);
    const said = await (await send(make, 'swift', 'x [[say:<b>né\u{1F600}</b>]]')).text();
    expect(JSON.stringify(JSON.parse(said))).toContain('<b>né\u{1F600}</b>');
  });

  it('does not obey directives inside fenced data', async () => {
    const response = await send(make, 'swift', '<data label="answer A">[[status:500]]</data> Summarize.');
    expect(response.status).toBe(200);
    await response.text();
  });

  it('is deterministic: the same bytes for the same request', async () => {
    const [first, second] = await Promise.all([
      send(make, 'sage', 'Why?', true),
      send(make, 'sage', 'Why?', true),
    ]);
    expect(await first?.text()).toBe(await second?.text());
  });

  it('refuses bytes that are no JSON and text that is no UTF-8', async () => {
    const [path] = make('swift', 'x', false);
    for (const body of ['{"model":', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d])]) {
      const asked = await ask(models.url + path, body);
      expect(asked.status).toBe(400);
      expect(asked.json).toHaveProperty('error');
    }
  });

  it('notices a client that goes away in mid-stream', async () => {
    const leaving = new AbortController();
    const response = await send(make, 'slow', 'x', true, { signal: leaving.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.abort();
    await until(() => models.stats.snapshot().abortedTotal === 1);
    expect(models.stats.snapshot().aborted[0]).toMatchObject({ model: 'slow', format: name });
    expect(models.stats.snapshot().openRequests).toBe(0);
  });
});

describe('the local model server', () => {
  it('answers its health, and unknown routes and wrong methods in the shape of the format', async () => {
    expect((await fetch(`${models.url}/health`)).status).toBe(200);
    const lost = await ask(`${models.url}/v1/nowhere`, {}, { headers: {} });
    expect([lost.status, lost.json.error?.code]).toEqual([404, 'unknown_url']);
    const method = await fetch(`${models.url}/v1/chat/completions`);
    expect(method.status).toBe(405);
    const anthropic = await ask(`${models.url}/v1/messages/nothing`, {});
    expect(anthropic.json).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    const gemini = await ask(`${models.url}/v1beta/nothing`, {});
    expect(gemini.json.error).toMatchObject({ code: 404, status: 'NOT_FOUND' });
    expect((await fetch(`${models.url}/v1/models/%E0%A4%A`)).status).toBe(404);
  });

  it('lists models the OpenAI way', async () => {
    const list = (await (await fetch(`${models.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(list.data.map((model) => model.id)).toEqual([
      'swift',
      'sage',
      'scribe',
      'rate-limited',
      'overloaded',
      'silent',
      'cut',
      'malformed',
      'refuses',
      'slow',
      'embed',
    ]);
    expect((await fetch(`${models.url}/v1/models/local/sage`)).status).toBe(200);
    expect((await fetch(`${models.url}/v1/models/nobody`)).status).toBe(404);
  });

  it('refuses a body above 32 MiB with 413, whether or not its length was announced', async () => {
    const large = new Uint8Array(33 * 1024 * 1024);
    const announced = await fetch(`${models.url}/v1/messages`, { method: 'POST', body: large });
    expect(announced.status).toBe(413);
    expect(await announced.json()).toMatchObject({ error: { type: 'request_too_large' } });
    const chunked = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < large.length; sent += 1024 * 1024)
          controller.enqueue(large.subarray(sent, sent + 1024 * 1024));
        controller.close();
      },
    });
    const streamed = await fetch(`${models.url}/v1/chat/completions`, {
      method: 'POST',
      body: chunked,
      duplex: 'half',
    } as RequestInit);
    expect(streamed.status).toBe(413);
    await streamed.text();
  });

  it('survives JSON nested 10,000 deep', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const schema = `${'{"properties":{"a":'.repeat(10_000)}{}${'}}'.repeat(10_000)}`;
    for (const body of [
      `{"model":"swift","messages":${deep}}`,
      `{"model":"swift","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":${schema}}}}`,
    ]) {
      const asked = await ask(`${models.url}/v1/chat/completions`, body);
      expect([200, 400]).toContain(asked.status);
    }
  });

  it('keeps statistics that can be read and reset over HTTP', async () => {
    await ask(
      `${models.url}/v1/chat/completions?x=1`,
      { model: 'local/sage', messages: [{ role: 'user', content: 'hello' }] },
      { headers: { authorization: 'Bearer local-test', 'x-mark': 'm' } },
    );
    const stats = await (await fetch(`${models.url}/_stats`)).json();
    expect(stats).toMatchObject({
      total: 1,
      requests: { sage: { 'openai-chat': 1 } },
      abortedTotal: 0,
      last: {
        sage: [
          {
            format: 'openai-chat',
            path: '/v1/chat/completions?x=1',
            headers: { authorization: 'Bearer local-test', 'x-mark': 'm' },
            body: expect.stringContaining('"hello"'),
          },
        ],
      },
    });
    await fetch(`${models.url}/_stats/reset`, { method: 'POST' });
    expect(models.stats.snapshot()).toMatchObject({ total: 0, requests: {}, last: {} });
  });

  it('keeps only the last ten requests of a model', async () => {
    for (let i = 0; i < 12; i++)
      await ask(`${models.url}/v1/embeddings`, { model: 'embed', input: `text ${i}` });
    const kept = models.stats.snapshot().last.embed ?? [];
    expect(kept).toHaveLength(10);
    expect(kept[0]?.body).toContain('text 11');
  });

  it('writes no faster than its client reads', async () => {
    const body = JSON.stringify({
      model: 'swift',
      stream: true,
      messages: [{ role: 'user', content: 'Tell me of caches in 20,000 words' }],
    });
    const socket = connect(Number(new URL(models.url).port), '127.0.0.1');
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    await until(() => models.stats.snapshot().openRequests === 1);
    await new Promise((resolve) => setTimeout(resolve, 250));
    // Far more bytes than sockets buffer: a server that ignored back-pressure would have finished by now.
    expect(models.stats.snapshot().openRequests).toBe(1);
    socket.destroy();
    await until(() => models.stats.snapshot().abortedTotal === 1);
    expect(models.stats.snapshot().aborted[0]?.piecesSent).toBeLessThan(20_000);
  });

  it('serves a thousand streams at the same time', async () => {
    const prompts = Array.from({ length: 1000 }, (_unused, index) => `in 30 words: number ${index}`);
    const answers = await Promise.all(
      prompts.map(async (prompt) => (await send(FORMATS['openai-chat'], 'swift', prompt, true)).text()),
    );
    expect(answers.every((answer) => answer.endsWith('data: [DONE]\n\n'))).toBe(true);
    expect(models.stats.snapshot().requests.swift?.['openai-chat']).toBe(1000);
  }, 20_000);

  it('takes 50 ms a token when slow', async () => {
    const begun = performance.now();
    await (await send(FORMATS['openai-chat'], 'slow', 'in 4 words', true)).text();
    expect(performance.now() - begun).toBeGreaterThan(4 * 48);
  });

  it('closes at once, whoever is still waiting', async () => {
    const other = await quickModels();
    const waiting = fetch(`${other.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'silent', messages: [{ role: 'user', content: 'x' }] }),
    });
    await until(() => other.stats.snapshot().openRequests === 1);
    await Promise.all([other.close(), expect(waiting).rejects.toThrow()]);
  });
});

describe('a directive on calls', () => {
  it('calls exactly the tools that system text or a prompt words, and none when told so', async () => {
    const tools = ['get_weather', 'get_time'].map((name) => ({
      type: 'function',
      function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    }));
    const callsWith = async (system: string, prompt: string) => {
      const { json } = await ask(`${models.url}/v1/chat/completions`, {
        model: 'swift',
        tools,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: prompt },
        ],
      });
      const calls = json.choices?.[0]?.message?.tool_calls as unknown as
        | { function: { name: string; arguments: string } }[]
        | undefined;
      return calls?.map((call) => `${call.function.name} ${call.function.arguments}`) ?? [];
    };
    const prompt = 'What is the weather in Paris? [[call:get_time {"city": "Oslo"}]]';
    expect(await callsWith('Be brief.', prompt)).toEqual(['get_time {"city": "Oslo"}']);
    expect(
      await callsWith('[[call:get_weather {"city":"Rome"}]] [[call:get_time not JSON]]', prompt),
    ).toEqual(['get_weather {"city":"Rome"}', 'get_time not JSON']);
    expect(await callsWith('[[no-calls]]', prompt)).toEqual([]);
  });
});
