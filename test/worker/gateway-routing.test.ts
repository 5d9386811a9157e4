import { env } from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { usageEvents } from '../../src/features/metering/index.ts';
import { platformDb, tenantDb } from '../../src/platform/db.ts';
import { type Client, newTenant } from './client.ts';
import { ask, eventsOf, type Json, SHAPE_NAMES, SHAPES, textOf } from './gateway-client.ts';

let client: Client;
beforeAll(async () => {
  client = await newTenant();
});

const recorded = (by: Client) => tenantDb(env.DB, by).select(usageEvents, { limit: 50, where: undefined });

/** Makes a thing of the router's; throws when it is refused. */
async function make(by: Client, what: 'rules' | 'panels', body: object): Promise<Json> {
  const response = await by.fetch(`/v1/routing/${what}`, { body });
  if (response.status !== 201) throw new Error(await response.text());
  return response.json<Json>();
}

const REVIEW = { name: 'review', models: ['local/swift', 'local/sage'], strategy: 'consensus' };

describe('a model that nobody has named', () => {
  it.each(SHAPE_NAMES)('is chosen in %s, and the answer says which, for what and why', async (shape) => {
    const by = await newTenant();
    const response = await ask(by, shape, 'auto', 'Write a Python function that reverses a linked list.');
    expect(response.status).toBe(200);
    expect(SHAPES[shape].text(await response.json<Json>()).length).toBeGreaterThan(20);
    const model = response.headers.get('x-parallax-model');
    const route = response.headers.get('x-parallax-route') ?? '';
    expect(route).toMatch(/^auto; task=coding; task_confidence=[01]\.\d\d; confidence=[01]\.\d\d; /);
    expect(route).toContain(`model=${model}`);
    await expect.poll(async () => (await recorded(by)).length, { timeout: 30_000 }).toBe(1);
    expect((await recorded(by))[0]).toMatchObject({ model, chosenBy: 'auto', task: 'coding' });
  });

  it('is chosen for a stream too', async () => {
    const response = await ask(client, 'chat', 'auto', 'Translate "good morning" into French.', {
      body: { stream: true },
    });
    expect(response.headers.get('x-parallax-route')).toContain('task=translation');
    expect(textOf('chat', await eventsOf(response)).length).toBeGreaterThan(5);
  });

  it('teaches the router, once for each call', async () => {
    const learned = async () =>
      platformDb(env.DB).get<{ n: number | null }>(
        sql`SELECT sum(n) AS n FROM routing_hours WHERE task = 'math' AND model LIKE 'local/%'`,
      );
    const before = (await learned())?.n ?? 0;
    for (let i = 0; i < 3; i++)
      await ask(client, 'chat', 'auto', `What is the derivative of ${i + 2}x^3 - 4x? Show the steps.`);
    await expect.poll(async () => ((await learned())?.n ?? 0) - before, { timeout: 30_000 }).toBe(3);
  });
});

describe('fallbacks', () => {
  it('serve when what comes before them cannot be called or fails, and the answer says so', async () => {
    const by = await newTenant();
    const withoutKey = await ask(by, 'chat', 'anthropic/claude-opus-5', 'Hello', {
      body: { models: ['local/sage'] },
    });
    expect(withoutKey.headers.get('x-parallax-model')).toBe('local/sage');
    expect(withoutKey.headers.get('x-parallax-route')).toMatch(/^fallback; model=local\/sage/);
    const failing = await ask(by, 'chat', 'local/overloaded', 'Hello', { body: { models: ['local/swift'] } });
    expect(failing.headers.get('x-parallax-model')).toBe('local/swift');
    await expect.poll(async () => (await recorded(by)).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
    expect(
      (await recorded(by)).some(({ model, status }) => model === 'local/overloaded' && status === 'failed'),
    ).toBe(true);
  });
});

describe('provider preferences', () => {
  it('choose among the providers of a model', async () => {
    const response = await ask(client, 'chat', 'local/swift', 'Hello', {
      body: { provider: { only: ['local'], sort: 'price' } },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-parallax-provider')).toBe('local');
  });

  it.each([
    [{ ignore: ['local'] }, 'provider.ignore'],
    [{ only: ['nobody-knows'] }, 'provider.only'],
    [{ max_price: { prompt: -1 } }, 'provider.max_price.prompt'],
    [{ zdr: true }, 'provider.zdr'],
    [{ colour: 'red' }, 'provider.colour'],
  ])('that cannot be kept are named: %j', async (provider, param) => {
    const response = await ask(client, 'chat', 'local/swift', 'Hello', { body: { provider } });
    expect(response.status).toBe(400);
    expect((await response.json<Json>()).error.param).toMatch(new RegExp(`^${param.replaceAll('.', '\\.')}`));
  });

  it('hold for embeddings', async () => {
    const body = { model: 'local/embed', input: 'Hello', provider: { only: ['openai'] } };
    const response = await client.fetch('/v1/embeddings', { body });
    expect(response.status).toBe(400);
    expect((await response.json<Json>()).error.param).toBe('provider.only');
  });
});

describe('a panel', () => {
  it.each(SHAPE_NAMES)('answers as a model in %s, whole and streamed', async (shape) => {
    const by = await newTenant();
    await make(by, 'panels', REVIEW);
    const response = await ask(by, shape, 'parallax/review', 'Should a small team use microservices?');
    const answer = await response.json<Json>();
    expect(SHAPES[shape].text(answer).length).toBeGreaterThan(20);
    expect(answer.model).toBe('parallax/review');
    const run = await by.fetch(`/v1/perspectives/${response.headers.get('x-parallax-run')}`);
    const { perspectives } = await run.json<Json>();
    expect(perspectives.map(({ model }: Json) => model).sort()).toEqual(['local/sage', 'local/swift']);
    const streamed = await ask(by, shape, 'parallax/review', 'Should a small team use microservices?', {
      body: { stream: true },
    });
    expect(textOf(shape, await eventsOf(streamed)).length).toBeGreaterThan(20);
  });

  it('answers where a rule leads to it, under its own name', async () => {
    const by = await newTenant();
    const panel = await make(by, 'panels', REVIEW);
    await make(by, 'rules', {
      name: 'Code is reviewed',
      conditions: { tasks: ['coding'] },
      target: { panel: panel.name },
    });
    const response = await ask(by, 'chat', 'auto', 'Write a Python function that reverses a linked list.');
    expect((await response.json<Json>()).model).toBe('parallax/review');
    expect(response.headers.get('x-parallax-model')).toBe('parallax/review');
    expect(response.headers.get('x-parallax-route')).toMatch(/^rule; .*panel=review/);
  });

  it('is listed to its tenant alone, among the models that answer as Parallax', async () => {
    const [by, stranger] = await Promise.all([newTenant(), newTenant()]);
    await make(by, 'panels', REVIEW);
    const listed = async (one: Client) =>
      (await (await one.fetch('/v1/models?provider=parallax')).json<Json>()).data.map(({ id }: Json) => id);
    const common = ['parallax/auto', 'parallax/best', 'parallax/consensus', 'parallax/debate'];
    expect(await listed(stranger)).toEqual([...common, 'parallax/synthesis']);
    expect(await listed(by)).toEqual([...common, 'parallax/review', 'parallax/synthesis']);
    expect((await by.fetch('/v1/models/parallax/review')).status).toBe(200);
    expect((await stranger.fetch('/v1/models/parallax/review')).status).toBe(404);
    const asked = await ask(stranger, 'chat', 'parallax/review', 'Hello');
    expect(asked.status).toBe(404);
    expect((await asked.json<Json>()).error).toMatchObject({ code: 'model_not_found', param: 'model' });
  });

  it('comes page by page with the other models', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Json = await (await client.fetch(`/v1/models?limit=3${after}`)).json<Json>();
      seen.push(...page.data.map(({ id }: Json) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual([...seen].sort());
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain('parallax/auto');
    expect(seen).toContain('local/swift');
  });
});
