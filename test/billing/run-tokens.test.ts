import { env, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/contracts/perspectives.ts';
import { PLANS } from '../../src/contracts/plans.ts';
import { callLimiter } from '../../src/features/identity/index.ts';
import { type Client, newTenant } from '../worker/client.ts';
import { ask, eventsOf, type Json } from '../worker/gateway-client.ts';

const { burst, count: perMinute } = PLANS.free.tokens;
/** Some 37,500 tokens by our estimate, 30,000 by the models' own count. */
const LONG = 'word '.repeat(30_000);
const LONG_ESTIMATED = 37_500;
const LONG_COUNTED = 30_000;
/** What an isolate may hold ahead of what it was asked for: a quarter of what is there. */
const AHEAD = 60_000;

const userOf = async (client: Client): Promise<string> => {
  const me = await (await client.fetch('/v1/me')).json<{ user: { id: string } }>();
  return me.user.id;
};

/** What is left of a user's tokens, and the most that it may be: what was there at first, what has flowed since, and what was to come back. */
async function watched(client: Client, leave: number) {
  const user = await userOf(client);
  const taken = burst - leave;
  const ask = (question: { needed: number; least: number; wanted: number; unused: number }) =>
    callLimiter(env, user, (limiter) => limiter.lendTokens(client.tenantId, question));
  expect((await ask({ needed: taken, least: taken, wanted: taken, unused: 0 })).lent).toBe(taken);
  const since = Date.now();
  return {
    left: async () => (await ask({ needed: 0, least: 0, wanted: 0, unused: 0 })).left,
    most: (used: number) => leave - used + ((Date.now() - since) * perMinute) / 60_000 + 1_000,
  };
}

async function started(client: Client, body: Record<string, unknown>): Promise<string> {
  const { response, events } = await client.stream(body);
  for await (const { event } of events) if (event.type === 'run.started') break;
  return response.headers.get('x-run-id') ?? '';
}

const cancel = (client: Client, id: string) => client.fetch(`/v1/perspectives/${id}/cancel`, { body: {} });

/** Stops the object as a crash does: its memory and its open calls are gone, its storage stays. */
async function crash(id: string): Promise<void> {
  await runInDurableObject(env.PERSPECTIVE_RUN.getByName(id), (_instance, state) => {
    state.abort('crashed by a test');
  }).catch((error: unknown) => {
    if (!String(error).includes('crashed by a test')) throw error;
  });
}

const SILENT = { prompt: LONG, models: ['local/silent', 'local/silent', 'local/silent'], timeout_ms: 60_000 };

describe('tokens a minute of a run', () => {
  it('are taken for each of its models and its merge, and it counts as what it used when it has ended', async () => {
    const client = await newTenant();
    const { left, most } = await watched(client, 300_000);
    const run = await client.run({
      prompt: LONG,
      models: ['local/swift', 'local/sage'],
      merge: { strategy: 'synthesize', model: 'local/swift' },
    });
    expect(run.status).toBe('completed');
    const used = run.usage.input_tokens + run.usage.output_tokens;
    expect(used).toBeGreaterThan(2 * LONG_COUNTED);
    await expect.poll(async () => (await left()) > 300_000 - used - AHEAD, { timeout: 10_000 }).toBe(true);
    expect(await left()).toBeLessThanOrEqual(most(used));
  });

  it('that is cancelled come back, once, also after a crash', async () => {
    const client = await newTenant();
    const { left, most } = await watched(client, 200_000);
    const id = await started(client, SILENT);
    expect(await left()).toBeLessThanOrEqual(most(3 * (LONG_ESTIMATED + 1_200)));
    await crash(id);
    await cancel(client, id);
    await expect.poll(async () => (await left()) > 200_000 - AHEAD, { timeout: 10_000 }).toBe(true);
    expect(await left()).toBeLessThanOrEqual(most(0));
    const settled = await runInDurableObject(env.PERSPECTIVE_RUN.getByName(id), (_instance, state) => {
      const { header } = state.storage.sql.exec<{ header: string }>('SELECT header FROM run').one();
      return (JSON.parse(header) as Json).tokens;
    });
    expect(settled).toMatchObject([{ from: 0, settled: true }]);
    expect(settled[0].taken).toBeGreaterThan(3 * LONG_ESTIMATED);
    // A recording that is repeated tells the same again.
    await runInDurableObject(env.PERSPECTIVE_RUN.getByName(id), (_instance, state) => {
      state.storage.sql.exec(
        "UPDATE run SET recorded = 0, header = json_remove(header, '$.tokens[0].settled')",
      );
    });
    await crash(id);
    await runInDurableObject(env.PERSPECTIVE_RUN.getByName(id), (instance) => instance.alarm?.());
    expect(await left()).toBeLessThanOrEqual(most(0));
  });

  it('of which every model fails come back, and those of one that is refused were never gone', async () => {
    const client = await newTenant();
    const { left, most } = await watched(client, 200_000);
    const run = await client.run({ prompt: LONG, models: ['local/overloaded', 'local/overloaded'] });
    expect(run.status).toBe('failed');
    await expect.poll(async () => (await left()) > 200_000 - AHEAD, { timeout: 10_000 }).toBe(true);
    expect(await left()).toBeLessThanOrEqual(most(0));
    const unpaid = await client.fetch('/v1/perspectives', {
      body: { prompt: LONG, models: ['openai/gpt-5', 'local/swift', 'local/sage'] },
    });
    expect(unpaid.status).toBe(402);
    expect(await left()).toBeGreaterThan(200_000 - AHEAD);
  });

  it('that are not there refuse it before anything is asked or spent, in the shape of each client', async () => {
    const client = await newTenant();
    await watched(client, 50_000);
    const refused = await client.fetch('/v1/perspectives', {
      body: { prompt: LONG, models: ['local/swift', 'local/sage'] },
    });
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(10);
    expect(refused.headers.get('ratelimit-policy')).toBe(`"tokens";q=${burst}`);
    expect(refused.headers.get('ratelimit')).toBe(`"tokens";r=0;t=${wait}`);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', limit: 'tokens' });
    const chat = await ask(client, 'chat', 'parallax/consensus', LONG);
    expect([chat.status, chat.headers.get('x-ratelimit-remaining-tokens')]).toEqual([429, '0']);
    expect((await chat.json<Json>()).error).toMatchObject({ type: 'rate_limit_error', limit: 'tokens' });
    const message = await ask(client, 'messages', 'parallax/consensus', LONG, { body: { stream: true } });
    expect([message.status, (await message.json<Json>()).error.type]).toEqual([429, 'rate_limit_error']);
    const list = await (await client.fetch('/v1/perspectives')).json<{ data: Run[] }>();
    expect(list.data).toEqual([]);
    // A small one goes on.
    expect((await client.run({ prompt: 'Hello', models: ['local/swift'] })).status).toBe('completed');
  });

  it('are told in the headers of a run as a model, and counted for the whole conversation', async () => {
    const client = await newTenant();
    await client.fetch('/v1/routing/panels', {
      body: {
        name: 'trio',
        models: ['local/swift', 'local/sage', 'local/scribe'],
        strategy: 'best_of',
        merge_model: 'local/swift',
      },
    });
    const { left, most } = await watched(client, 400_000);
    for (const stream of [false, true]) {
      const before = await left();
      const answer = await ask(client, 'chat', 'parallax/trio', 'And now?', {
        body: {
          stream,
          messages: [
            { role: 'user', content: LONG },
            { role: 'assistant', content: 'Words.' },
            { role: 'user', content: 'And now?' },
          ],
        },
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-ratelimit-limit-tokens')).toBe(String(burst));
      expect(Number(answer.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(
        before - 3 * LONG_ESTIMATED + 50_000,
      );
      if (stream) await eventsOf(answer);
      else await answer.text();
    }
    await expect.poll(left, { timeout: 10_000 }).toBeLessThanOrEqual(most(2 * 3 * LONG_COUNTED));
  });

  it('are taken and settled for a merge of a finished run, too', async () => {
    const client = await newTenant();
    const run = await client.run({ prompt: LONG, models: ['local/swift', 'local/sage'] });
    const merge = () =>
      client.fetch(`/v1/perspectives/${run.id}/merge`, {
        body: { strategy: 'synthesize', model: 'local/swift' },
      });
    expect((await merge()).status).toBe(200);
    const tokens = () =>
      runInDurableObject(env.PERSPECTIVE_RUN.getByName(run.id), (_instance, state) => {
        const { header } = state.storage.sql.exec<{ header: string }>('SELECT header FROM run').one();
        return (JSON.parse(header) as Json).tokens;
      });
    await expect.poll(tokens, { timeout: 10_000 }).toMatchObject([
      { from: 0, to: 2, settled: true },
      { from: 2, settled: true },
    ]);
    const owed = { needed: 0, least: 0, wanted: 0, unused: -2 * burst };
    await callLimiter(env, await userOf(client), (limiter) => limiter.lendTokens(client.tenantId, owed));
    // What this isolate was lent before it may use.
    const limitOfMerge = async () => (await (await merge()).json<Json>()).limit;
    await expect.poll(limitOfMerge, { timeout: 15_000 }).toBe('tokens');
  });
});
