import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { runSchema } from '../../src/contracts/perspectives.ts';
import { type Client, collect, newTenant, problemOf } from './client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

describe('asking several models', () => {
  it('answers with a diverse trio in all three wire formats when no model is named', async () => {
    const run = await client.run({ prompt: 'Should a small team use microservices?' });
    expect(runSchema.parse(run)).toEqual(run);
    expect(run.status).toBe('completed');
    expect(run.perspectives.map(({ model }) => model).sort()).toEqual([
      'local/sage',
      'local/scribe',
      'local/swift',
    ]);
    const contents = run.perspectives.map(({ content }) => content);
    expect(new Set(contents).size).toBe(3);
    for (const perspective of run.perspectives) {
      expect(perspective).toMatchObject({ status: 'completed', finish_reason: 'stop', key_strategy: 'none' });
      expect(perspective.usage.output_tokens).toBeGreaterThan(10);
      expect(perspective.latency_ms).toBeGreaterThanOrEqual(
        perspective.first_token_ms ?? Number.POSITIVE_INFINITY,
      );
    }
    expect(run.usage.output_tokens).toBe(
      run.perspectives.reduce((sum, { usage }) => sum + usage.output_tokens, 0),
    );
    expect(run.receipt.lines).toHaveLength(3);
  });

  it('keeps the run, and gives it again by its id and in the list', async () => {
    const run = await client.run({ prompt: 'What is a monad?', models: ['local/swift'] });
    expect(await (await client.fetch(`/v1/perspectives/${run.id}`)).json()).toEqual(run);
    const list = await (await client.fetch('/v1/perspectives?limit=1')).json();
    expect(list).toMatchObject({
      object: 'list',
      data: [{ id: run.id, status: 'completed', models: ['local/swift'] }],
      has_more: true,
    });
    const next = await (await client.fetch(`/v1/perspectives?limit=1&cursor=${run.id}`)).json<{
      data: { id: string }[];
    }>();
    expect((next.data[0]?.id ?? 'z') < run.id).toBe(true);
  });

  it('never fails the run for one failing model, and says why each failed', async () => {
    const run = await client.run({
      prompt: 'Compare SQL and NoSQL.',
      models: ['local/swift', 'local/overloaded', 'local/refuses', 'local/malformed', 'local/cut'],
    });
    expect(run.status).toBe('partial');
    expect(run.perspectives.map(({ status, error }) => error?.code ?? status)).toEqual([
      'completed',
      'overloaded',
      'refused',
      'malformed',
      'connection',
    ]);
    expect(run.perspectives[4]?.content.length).toBeGreaterThan(0);
  });

  it('is failed, with each reason, when no model answers', async () => {
    const run = await client.run({ prompt: 'Hello', models: ['local/overloaded', 'local/overloaded'] });
    expect(run.status).toBe('failed');
    expect(run.perspectives.every(({ error }) => error?.code === 'overloaded' && error.retryable)).toBe(true);
    expect(run.receipt).toEqual({ total_nano_usd: 0, lines: [] });
  });

  it('waits out a rate limit before the first byte and then answers', async () => {
    const run = await client.run({
      prompt: `Patience ${crypto.randomUUID()}`,
      models: ['local/rate-limited'],
    });
    expect(run.status).toBe('completed');
  });

  it('gives up on a silent model at its own time-out while the others answer', async () => {
    const run = await client.run({
      prompt: 'Anyone there?',
      models: ['local/silent', 'local/swift'],
      timeout_ms: 300,
    });
    expect(run.perspectives.map(({ status, error }) => error?.code ?? status)).toEqual([
      'timeout',
      'completed',
    ]);
    expect(run.perspectives[0]?.latency_ms).toBeLessThan(5000);
  });

  it('goes on when the quorum is in, and charges a straggler only for what it produced', async () => {
    const run = await client.run({
      prompt: 'Name a colour, in 400 words',
      models: ['local/swift', 'local/sage', 'local/slow', 'local/silent'],
      quorum: 2,
      straggler_grace_ms: 150,
    });
    expect(run.status).toBe('partial');
    const [swift, sage, slow, silent] = run.perspectives;
    expect([swift?.status, sage?.status]).toEqual(['completed', 'completed']);
    expect(slow).toMatchObject({ status: 'failed', error: { code: 'straggler_cut' } });
    expect(slow?.content.length).toBeGreaterThan(0);
    expect(slow?.usage.output_tokens).toBeLessThan(200);
    expect(silent).toMatchObject({
      status: 'failed',
      error: { code: 'straggler_cut' },
      content: '',
      usage: { output_tokens: 0 },
    });
    expect(run.receipt.lines.map(({ perspective }) => perspective).sort()).toEqual([0, 1, 2]);
    expect(run.receipt.lines.find(({ perspective }) => perspective === 2)?.estimated).toBe(true);
  });

  it('asks twelve models, more than one invocation may have waiting', async () => {
    const models = Array.from(
      { length: 12 },
      (_, index) => ['local/swift', 'local/sage', 'local/scribe'][index % 3],
    );
    const run = await client.run({ prompt: 'Count to three', models });
    expect(run.status).toBe('completed');
    expect(run.perspectives).toHaveLength(12);
  });

  it('does not let silent models of one group hold up another', async () => {
    const models = [
      ...Array.from({ length: 9 }, () => 'local/silent'),
      'local/swift',
      'local/sage',
      'local/scribe',
    ];
    const run = await client.run({ prompt: 'Speak', models, quorum: 3, straggler_grace_ms: 0 });
    expect(run.perspectives.filter(({ status }) => status === 'completed')).toHaveLength(3);
  });

  it('gives each model its own stance and system text', async () => {
    const run = await client.run({
      prompt: 'Is remote work better?',
      system: 'Answer for a hospital.',
      models: ['local/swift', { model: 'local/swift', stance: 'Argue against remote work.' }],
    });
    expect(run.perspectives.map(({ stance }) => stance)).toEqual([null, 'Argue against remote work.']);
    expect(run.perspectives[0]?.content).not.toBe(run.perspectives[1]?.content);
  });

  it('carries an earlier run’s positions into a follow-up', async () => {
    const first = await client.run({ prompt: 'Tabs or spaces?', models: ['local/swift', 'local/sage'] });
    const plain = await client.run({ prompt: 'And for Python?', models: ['local/swift'] });
    const followUp = await client.run({
      prompt: 'And for Python?',
      models: ['local/swift'],
      continue_from: first.id,
    });
    expect(followUp.continue_from).toBe(first.id);
    expect(followUp.perspectives[0]?.usage.input_tokens).toBeGreaterThan(
      (plain.perspectives[0]?.usage.input_tokens ?? 0) + 50,
    );
    expect(followUp.perspectives[0]?.content).not.toBe(plain.perspectives[0]?.content);
  });
});

describe('a run’s stream', () => {
  it('starts with the run, interleaves the models’ deltas, and ends with the finished run', async () => {
    const { response, events } = await client.stream({
      prompt: 'Why is the sky blue?, in 15 words',
      models: ['local/slow', { model: 'local/slow', stance: 'Answer as a painter.' }],
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const all = await Array.fromAsync(events);
    expect(all[0]?.event.type).toBe('run.started');
    expect(all.at(-1)?.event.type).toBe('run.completed');
    expect(all.map(({ id }) => id)).toEqual(all.map((_, index) => index + 1));
    for (const index of [0, 1]) {
      const said = all
        .flatMap(({ event }) =>
          event.type === 'perspective.delta' && event.index === index ? [event.delta] : [],
        )
        .join('');
      const end = all.find(({ event }) => 'perspective' in event && event.index === index)?.event;
      expect(end && 'perspective' in end ? end.perspective.content : null).toBe(said);
    }
    const order = all.flatMap(({ event }) => (event.type === 'perspective.delta' ? [event.index] : []));
    expect(order.lastIndexOf(0)).toBeGreaterThan(order.indexOf(1));
  });

  it('misses nothing for a client that drops and comes back at any point', async () => {
    const { response } = await client.stream({
      prompt: 'Tell a story',
      models: ['local/swift', 'local/sage'],
      merge: { strategy: 'consensus' },
    });
    const id = response.headers.get('x-run-id') ?? '';
    const all = response.body === null ? [] : await collect(response.body);
    expect(all.length).toBeGreaterThan(4);
    for (const after of [0, 1, 2, Math.floor(all.length / 2), all.length - 1, all.length]) {
      const resumed = await client.fetch(`/v1/perspectives/${id}/events`, {
        headers: { 'last-event-id': String(after) },
      });
      expect(resumed.body === null ? [] : await collect(resumed.body)).toEqual(all.slice(after));
    }
  });

  it('goes on without its client, and is recorded once', async () => {
    const { response, events } = await client.stream({
      prompt: 'Explain recursion, in 200 words',
      models: ['local/slow'],
      timeout_ms: 20_000,
    });
    const id = response.headers.get('x-run-id') ?? '';
    for await (const { event } of events) if (event.type === 'perspective.delta') break;
    const cancelled = await client.fetch(`/v1/perspectives/${id}`);
    expect(await cancelled.json()).toMatchObject({ status: 'running' });
    const stopped = await (await client.fetch(`/v1/perspectives/${id}/cancel`, { body: {} })).json<{
      status: string;
      perspectives: { error?: { code: string }; content: string }[];
    }>();
    expect(stopped.perspectives[0]?.error?.code).toBe('cancelled');
    expect(stopped.perspectives[0]?.content.length).toBeGreaterThan(0);
    await expect
      .poll(async () => {
        const list = await (await client.fetch('/v1/perspectives?limit=100')).json<{
          data: { id: string }[];
        }>();
        return list.data.filter((row) => row.id === id).length;
      })
      .toBe(1);
  });
});

describe('an idempotency key', () => {
  it('makes a retry join the run it started, streamed or not', async () => {
    const key = crypto.randomUUID();
    const body = { prompt: 'Only once, please', models: ['local/swift'] };
    const send = (more = {}) =>
      client.fetch('/v1/perspectives', { body: { ...body, ...more }, headers: { 'idempotency-key': key } });
    const [a, b] = await Promise.all([send(), send()]);
    const first = await a.json<{ id: string }>();
    expect((await b.json<{ id: string }>()).id).toBe(first.id);
    const streamed = await send({ stream: true });
    expect(streamed.headers.get('x-run-id')).toBe(first.id);
    await streamed.body?.cancel();
  });

  it('gives its run again although what it asked for could not be asked now', async () => {
    const earlier = await client.run({ prompt: 'Before', models: ['local/swift'] });
    const send = () =>
      client.fetch('/v1/perspectives', {
        body: { prompt: 'After', models: ['local/swift'], continue_from: earlier.id },
        headers: { 'idempotency-key': 'kept' },
      });
    const first = await (await send()).json<{ id: string }>();
    const stub = env.PERSPECTIVE_RUN.get(env.PERSPECTIVE_RUN.idFromName(earlier.id));
    await runInDurableObject(stub, async (_instance, state) => {
      state.storage.sql.exec('UPDATE run SET completed_at = 1');
    });
    await runDurableObjectAlarm(stub);
    expect((await client.fetch(`/v1/perspectives/${earlier.id}`)).status).toBe(404);
    expect((await (await send()).json<{ id: string }>()).id).toBe(first.id);
  });

  it('is refused for another body, and belongs to its tenant', async () => {
    const key = crypto.randomUUID();
    const send = (who: Client, prompt: string) =>
      who.fetch('/v1/perspectives', {
        body: { prompt, models: ['local/swift'] },
        headers: { 'idempotency-key': key },
      });
    const first = await (await send(client, 'One')).json<{ id: string }>();
    expect(await problemOf(await send(client, 'Two'))).toBe('422 idempotency_mismatch');
    const other = await (await send(await newTenant(), 'Two')).json<{ id: string }>();
    expect(other.id).not.toBe(first.id);
  });
});

describe('another tenant', () => {
  it('cannot read, watch, merge, cancel, continue or list a run', async () => {
    const run = await client.run({ prompt: 'A private matter', models: ['local/swift'] });
    const stranger = await newTenant('Stranger');
    const attempts = [
      stranger.fetch(`/v1/perspectives/${run.id}`),
      stranger.fetch(`/v1/perspectives/${run.id}/events`),
      stranger.fetch(`/v1/perspectives/${run.id}/merge`, { body: { strategy: 'consensus' } }),
      stranger.fetch(`/v1/perspectives/${run.id}/cancel`, { body: {} }),
      stranger.fetch('/v1/perspectives', {
        body: { prompt: 'And then?', models: ['local/swift'], continue_from: run.id },
      }),
    ];
    for (const attempt of attempts) expect(await problemOf(await attempt)).toBe('404 not_found');
    expect(await (await stranger.fetch('/v1/perspectives')).json()).toMatchObject({ data: [] });
  });
});
