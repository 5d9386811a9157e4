import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/contracts/perspectives.ts';
import { newId } from '../../src/platform/ids.ts';
import { type Client, newTenant, OPERATOR_TOKEN, ORIGIN, problemOf } from './client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
  // A price, as an operator sets one: the stand-ins have none of their own.
  const priced = await exports.default.fetch(`${ORIGIN}/v1/operator/models/local/scribe`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ pricing: { input: 1, output: 4 } }),
  });
  expect(priced.ok).toBe(true);
  await priced.body?.cancel();
});

const stubOf = (id: string) => env.PERSPECTIVE_RUN.get(env.PERSPECTIVE_RUN.idFromName(id));

/** Stops the object as a crash does: its memory and its open calls are gone, its storage stays. */
async function crash(id: string): Promise<void> {
  await runInDurableObject(stubOf(id), (_instance, state) => {
    state.abort('crashed by a test');
  }).catch((error: unknown) => {
    if (!String(error).includes('crashed by a test')) throw error;
  });
}

describe('an alarm that comes before its time', () => {
  it('leaves a finished run as it is, its deltas too', async () => {
    const run = await client.run({ prompt: 'Not yet', models: ['local/swift'] });
    const before = await (await client.fetch(`/v1/perspectives/${run.id}/events`)).text();
    expect(await runDurableObjectAlarm(stubOf(run.id))).toBe(true);
    expect(await (await client.fetch(`/v1/perspectives/${run.id}/events`)).text()).toBe(before);
  });

  it('does not delete a run that has no deltas to drop', async () => {
    const run = await client.run({ prompt: 'Nobody says a word', models: ['local/overloaded'] });
    await runDurableObjectAlarm(stubOf(run.id)).catch(() => undefined);
    expect(await (await client.fetch(`/v1/perspectives/${run.id}`)).json()).toEqual(run);
  });
});

describe('cancelling', () => {
  it('a finished run changes nothing, and it can be merged afterwards', async () => {
    const run = await client.run({ prompt: 'Tea or coffee?', models: ['local/swift', 'local/sage'] });
    const cancelled = await client.fetch(`/v1/perspectives/${run.id}/cancel`, { body: {} });
    expect(await cancelled.json()).toEqual(run);
    const merged = await client.fetch(`/v1/perspectives/${run.id}/merge`, { body: { strategy: 'best_of' } });
    expect((await merged.json<Run>()).merge).toMatchObject({ strategy: 'best_of' });
  });

  it('a run still lets what it has be merged', async () => {
    const { response, events } = await client.stream({
      prompt: 'Describe a bridge, in 400 words',
      models: ['local/swift', 'local/sage', 'local/slow'],
      max_tokens: 2000,
    });
    const id = response.headers.get('x-run-id') ?? '';
    let ended = 0;
    for await (const { event } of events) {
      if (event.type === 'perspective.completed') ended += 1;
      if (ended === 2) break;
    }
    const run = await (await client.fetch(`/v1/perspectives/${id}/cancel`, { body: {} })).json<Run>();
    expect(run.status).toBe('partial');
    const merged = await client.fetch(`/v1/perspectives/${id}/merge`, { body: { strategy: 'best_of' } });
    expect((await merged.json<Run>()).merge?.contributions.map(({ perspective }) => perspective)).toEqual([
      0, 1,
    ]);
  });

  it('a merge that is under way answers with a conflict, and leaves the run as it was', async () => {
    const run = await client.run({ prompt: 'Cats or dogs?', models: ['local/swift', 'local/sage'] });
    let answered: string | undefined;
    void client
      .fetch(`/v1/perspectives/${run.id}/merge`, {
        body: { strategy: 'synthesize', model: 'local/silent' },
      })
      .then(problemOf)
      .then((answer) => {
        answered = answer;
      });
    await expect
      .poll(async () => {
        await client.fetch(`/v1/perspectives/${run.id}/cancel`, { body: {} });
        return answered;
      })
      .toBe('409 conflict');
    expect(await (await client.fetch(`/v1/perspectives/${run.id}`)).json()).toEqual(run);
  });
});

describe('a request that waits for a run whose object is evicted', () => {
  it('is answered with the finished run all the same', async () => {
    const key = crypto.randomUUID();
    const body = { prompt: 'Describe a harbour, in 300 words', models: ['local/slow'], max_tokens: 2000 };
    const headers = { 'idempotency-key': key };
    const joined = await client.fetch('/v1/perspectives', { body: { ...body, stream: true }, headers });
    const id = joined.headers.get('x-run-id') ?? '';
    const waiting = client.fetch('/v1/perspectives', { body, headers });
    await expect
      .poll(async () => {
        const run = await (await client.fetch(`/v1/perspectives/${id}`)).json<Run>();
        const said = await runInDurableObject(stubOf(id), (_instance, state) =>
          state.storage.sql
            .exec<{ n: number }>("SELECT COUNT(*) AS n FROM events WHERE type = 'perspective.delta'")
            .one(),
        );
        return run.status === 'running' && said.n > 0;
      })
      .toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await crash(id);
    const response = await waiting;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id, perspectives: [{ error: { code: 'interrupted' } }] });
    await joined.body?.cancel().catch(() => undefined);
  });
});

describe('an idempotency key', () => {
  it('is not bound by a request that was refused before anything was asked', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const body = { prompt: 'Refused, then asked', models: ['local/swift', 'local/sage', 'local/scribe'] };
    const send = (more: Record<string, unknown>) =>
      client.fetch('/v1/perspectives', { body: { ...body, ...more }, headers });
    expect(await problemOf(await send({ max_cost_usd: 0.000001 }))).toBe(
      '402 max_cost_exceeded max_cost_usd',
    );
    expect(await problemOf(await send({ quorum: 4 }))).toBe('422 invalid_parameter quorum');
    expect((await send({})).status).toBe(200);
  });
});

describe('the estimate of a later merge', () => {
  it('counts the system text that the merging model reads', async () => {
    const maximum = async (system: string) => {
      const run = await client.run({
        prompt: 'Coal or gas?',
        system,
        models: ['local/swift', 'local/sage', 'local/scribe'],
      });
      const refused = await client.fetch(`/v1/perspectives/${run.id}/merge`, {
        body: { strategy: 'debate', model: 'local/scribe', max_cost_usd: 0.000001 },
      });
      return (await refused.json<{ estimate: { maximum_usd: number } }>()).estimate.maximum_usd;
    };
    expect(await maximum('Be exact. '.repeat(700))).toBeGreaterThan((await maximum('Be exact.')) * 1.02);
  });
});

describe('a place beyond the end of a stream', () => {
  it('is the end, for a finished run with its deltas and without', async () => {
    const run = await client.run({ prompt: 'The end', models: ['local/swift'] });
    const beyond = async () =>
      (
        await client.fetch(`/v1/perspectives/${run.id}/events`, { headers: { 'last-event-id': '999999' } })
      ).text();
    expect(await beyond()).toBe('');
    await runInDurableObject(stubOf(run.id), (_instance, state) => {
      state.storage.sql.exec('UPDATE run SET completed_at = completed_at - 3660000');
    });
    await runDurableObjectAlarm(stubOf(run.id));
    expect(await beyond()).toBe('');
  });
});

describe('the id of a run that does not exist', () => {
  it('leaves nothing in storage when it is asked for', async () => {
    const id = newId('run');
    expect(await problemOf(await client.fetch(`/v1/perspectives/${id}`))).toBe('404 not_found');
    const tables = await runInDurableObject(stubOf(id), (_instance, state) =>
      state.storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name = 'run'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe('a text with characters outside the basic plane', () => {
  it('is kept whole where a row or a preview is full in the middle of one', async () => {
    const prompt = `[[say:${'a'.repeat(150)}]] ${'x'.repeat(42 - 14)}${'🙂'.repeat(400)}`;
    const run = await client.run({ prompt, models: ['local/swift'] });
    const list = await (await client.fetch('/v1/perspectives?limit=1')).json<{
      data: { id: string; prompt_preview: string }[];
    }>();
    expect(list.data[0]?.id).toBe(run.id);
    expect(list.data[0]?.prompt_preview.isWellFormed()).toBe(true);
    expect(list.data[0]?.prompt_preview).not.toContain('\uFFFD');
    const odd = `o${'🙂'.repeat(250_100)}`;
    const stored = await runInDurableObject(stubOf(run.id), async (_instance, state) => {
      const { RunStorage } = await import('../../durable-objects/perspective-run/storage.ts');
      const store = new RunStorage(state.storage, () => undefined);
      state.storage.sql.exec("UPDATE perspectives SET status = 'streaming'");
      store.appendDeltas([{ index: 0, text: odd }]);
      const published = store.publishedText(0);
      const { outcome: _, index, asked, ...rest } = { outcome: null, ...store.load().perspectives[0] };
      if (rest.status === undefined) throw new Error('no perspective');
      store.endPerspective(
        0,
        { ...(rest as Parameters<RunStorageEnd>[1]), status: 'completed', content: odd },
        null,
      );
      return { published, content: store.load().perspectives[0]?.content };
    });
    expect(stored.published.endsWith(odd)).toBe(true);
    expect(stored.content === odd).toBe(true);
  });
});

type RunStorageEnd = import('../../durable-objects/perspective-run/storage.ts').RunStorage['endPerspective'];
