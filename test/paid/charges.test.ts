import { env } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { type UsageEvent, usageEvents } from '../../src/features/metering/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { type Client, newTenant } from '../worker/client.ts';
import { ask, eventsOf, type Json, putModel } from '../worker/gateway-client.ts';
import { differencesOfAll } from '../worker/reconcile-all.ts';

/** Dollars per million tokens; a token of input is 2,000 nano-dollars, one of output 10,000. */
const PRICING = { input: 2, output: 10 };

beforeAll(async () => {
  await putModel('openai/swift', { pricing: PRICING, category: 'chat' });
  await putModel('anthropic/sage', { pricing: PRICING, category: 'chat' });
  await putModel('openai/dear', {
    upstream_name: 'swift',
    pricing: { input: 2, output: 1_000_000 },
    category: 'chat',
  });
});

const standing = async (client: Client) => {
  const answer = await env.TENANT_LEDGER.getByName(client.tenantId).standing(client.tenantId);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};
const recorded = (client: Client, where = eq(usageEvents.tenantId, client.tenantId)) =>
  tenantDb(env.DB, client).select(usageEvents, { where, limit: 100 });

/** What the free plan charges for what a provider asks: a tenth more. */
const charged = (cost: number) => Math.ceil((cost * 11) / 10);
const costOf = ({ inputTokens, outputTokens }: Pick<UsageEvent, 'inputTokens' | 'outputTokens'>) =>
  inputTokens * 2_000 + outputTokens * 10_000;

describe.concurrent('a call on the platform’s key', () => {
  it('is charged what it cost and what the plan adds, once, and recorded once', async ({ expect }) => {
    const client = await newTenant();
    const response = await ask(client, 'chat', 'openai/swift', 'Hello');
    const { usage } = await response.json<Json>();
    const cost = usage.prompt_tokens * 2_000 + usage.completion_tokens * 10_000;
    expect(Number(response.headers.get('x-parallax-cost-usd'))).toBeCloseTo(cost / 1e9, 12);
    await expect
      .poll(async () => (await standing(client)).balance, { timeout: 30_000 })
      .toBe(1e9 - charged(cost));
    await expect.poll(async () => (await recorded(client)).length, { timeout: 30_000 }).toBe(1);
    expect((await recorded(client))[0]).toMatchObject({
      feature: 'chat',
      model: 'openai/swift',
      keyStrategy: 'platform',
      status: 'ok',
      costNano: cost,
      chargeNano: charged(cost),
      estimated: false,
      priced: true,
      stream: false,
    });
  });

  it.for([
    ['chat', 'openai/swift', 'annotated'],
    ['chat', 'openai/swift', 'exact'],
    ['messages', 'anthropic/sage', 'exact'],
    ['messages', 'openai/swift', 'annotated'],
    ['chat', 'anthropic/sage', 'annotated'],
  ] as const)(
    'is charged in a stream of %s by %s, passed on %s',
    async ([shape, model, form], { expect }) => {
      const client = await newTenant();
      await eventsOf(
        await ask(client, shape, model, 'Hello', {
          body: { stream: true },
          headers: { 'x-parallax-stream': form },
        }),
      );
      await expect.poll(async () => (await recorded(client)).length, { timeout: 30_000 }).toBe(1);
      const [event] = await recorded(client);
      expect(event).toMatchObject({ model, status: 'ok', stream: true, estimated: false });
      expect(event?.outputTokens).toBeGreaterThan(5);
      expect(event?.chargeNano).toBe(event === undefined ? 0 : charged(costOf(event)));
      expect(event?.firstTokenMs).toBeTypeOf('number');
      await expect
        .poll(async () => (await standing(client)).balance, { timeout: 30_000 })
        .toBe(1e9 - (event?.chargeNano ?? 0));
    },
  );

  it('costs nothing when no model answers, and each failed attempt is recorded', async ({ expect }) => {
    const client = await newTenant();
    const response = await ask(client, 'chat', 'openai/swift', '[[status:500]]');
    expect(response.status).toBe(502);
    await expect.poll(async () => (await recorded(client)).length, { timeout: 30_000 }).toBe(3);
    for (const event of await recorded(client))
      expect(event).toMatchObject({
        status: 'failed',
        errorKind: 'server_error',
        chargeNano: 0,
        outputTokens: 0,
      });
    expect(await standing(client)).toMatchObject({ balance: 1e9 });
  });

  it('that is cut is charged what it had said', async ({ expect }) => {
    const client = await newTenant();
    const events = await eventsOf(
      await ask(client, 'chat', 'openai/swift', 'Hello [[error-after:7]]', { body: { stream: true } }),
    );
    expect(events.some(({ data }) => data === '[DONE]')).toBe(false);
    expect(JSON.parse(events.at(-1)?.data ?? '')).toHaveProperty('error');
    await expect.poll(async () => (await recorded(client)).length, { timeout: 30_000 }).toBe(1);
    const [event] = await recorded(client);
    expect(event).toMatchObject({ status: 'failed', estimated: true });
    expect(event?.outputTokens).toBeGreaterThan(0);
    expect(event?.chargeNano).toBe(event === undefined ? 0 : charged(costOf(event)));
  });

  it('is refused when it may cost more than there is, before anything is spent', async ({ expect }) => {
    const client = await newTenant();
    const response = await ask(client, 'chat', 'openai/dear', 'Hello');
    expect(response.status).toBe(402);
    const { error } = await response.json<Json>();
    expect(error).toMatchObject({ code: 'insufficient_credit', type: 'insufficient_quota' });
    expect(error.message).toContain('$1 of credit is free');
    expect(await recorded(client)).toHaveLength(0);
    // A bound that fits is let through.
    const small = await ask(client, 'chat', 'openai/dear', 'Hello', { body: { max_completion_tokens: 1 } });
    expect(small.status).toBe(402);
  });

  it('leaves nothing reserved behind', async ({ expect }) => {
    const client = await newTenant();
    await (await ask(client, 'chat', 'openai/swift', 'Hello')).text();
    await expect.poll(async () => (await standing(client)).balance, { timeout: 30_000 }).toBeLessThan(1e9);
    const { balance, reserved, available } = await standing(client);
    expect(available).toBe(balance - reserved);
    expect(reserved).toBeLessThan(balance / 3);
  });
});

describe('many calls at once', () => {
  it('spend no more than there is, whatever is held, and every one is charged exactly', async () => {
    const client = await newTenant();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => ask(client, 'chat', 'openai/swift', `Hello ${index}`)),
    );
    expect(answers.map(({ status }) => status).every((status) => status === 200)).toBe(true);
    const costs = await Promise.all(
      answers.map(async (answer) => {
        const { usage } = await answer.json<Json>();
        return charged(usage.prompt_tokens * 2_000 + usage.completion_tokens * 10_000);
      }),
    );
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    await expect.poll(async () => (await standing(client)).balance, { timeout: 30_000 }).toBe(1e9 - total);
    await expect.poll(async () => (await recorded(client)).length, { timeout: 30_000 }).toBe(30);
  });
});

describe('the limits of a user', () => {
  it('refuse what comes too fast, with when to come back, and let it in then', async () => {
    const client = await newTenant();
    const answers = await Promise.all(
      Array.from({ length: 36 }, () =>
        ask(client, 'chat', 'openai/swift', 'Hi', { body: { max_tokens: 1 } }),
      ),
    );
    const more: Response[] = [];
    // Until one is: on a slow machine requests come slowly.
    for (let i = 0; i < 400 && more.at(-1)?.status !== 429; i++)
      more.push(await ask(client, 'chat', 'openai/swift', 'Hi', { body: { max_tokens: 1 } }));
    const refused = [...answers, ...more].filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    const [first] = refused;
    expect(Number(first?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(first?.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=\d+$/);
    expect(await first?.json()).toMatchObject({
      error: { code: 'rate_limit_exceeded', type: 'rate_limit_error' },
    });
    const anthropic = () => ask(client, 'messages', 'openai/swift', 'Hi', { body: { max_tokens: 1 } });
    let other = await anthropic();
    for (let i = 0; i < 400 && other.status !== 429; i++) {
      await other.text();
      other = await anthropic();
    }
    expect(other.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0');
    expect(other.headers.get('anthropic-ratelimit-requests-limit')).toMatch(/^[1-9]\d*$/);
    expect(Date.parse(other.headers.get('anthropic-ratelimit-requests-reset') ?? '')).not.toBeNaN();
    expect(await other.json()).toMatchObject({ error: { type: 'rate_limit_error' } });
    for (const answer of [...answers, ...more]) if (!answer.bodyUsed) await answer.text();
  });

  it('bound how many are under way at once, and free a slot when one ends', async () => {
    const client = await newTenant();
    const held = await Promise.all(
      Array.from({ length: 40 }, () =>
        ask(client, 'chat', 'openai/swift', 'Hello [[stall:1]]', { body: { stream: true } }),
      ),
    );
    expect(held.every(({ status }) => status === 200)).toBe(true);
    const refused = await ask(client, 'chat', 'openai/swift', 'Hello');
    expect(refused.status).toBe(429);
    expect((await refused.json<Json>()).error.message).toContain('at once');
    await Promise.all(held.map(({ body }) => body?.cancel()));
    await expect
      .poll(async () => (await ask(client, 'chat', 'openai/swift', 'Hello')).status, {
        timeout: 10_000,
        interval: 500,
      })
      .toBe(200);
  });
});

it('all of this leaves ledgers, mirror and usage that agree in every call', async () => {
  await expect.poll(differencesOfAll, { timeout: 15_000, interval: 1_000 }).toEqual([]);
});
