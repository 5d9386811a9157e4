import { env, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { PLANS, type QuotaId } from '../../src/contracts/plans.ts';
import type { QuotaList } from '../../src/contracts/quota.ts';
import { callLedger, type Uses } from '../../src/features/metering/index.ts';
import { unwrap } from '../../src/platform/errors.ts';
import { type Client, newTenant, OPERATOR_TOKEN, problemOf } from '../worker/client.ts';
import { ask, eventsOf, type Json, putModel, SHAPE_NAMES } from '../worker/gateway-client.ts';

const PRICING = { input: 2, output: 10 };
const FREE = PLANS.free.quotas as Record<QuotaId, number>;

beforeAll(async () => {
  await putModel('openai/swift', { pricing: PRICING, category: 'chat', tier: 'eco' });
  await putModel('anthropic/sage', { pricing: PRICING, category: 'chat', tier: 'premium' });
  await putModel('openai/overloaded', { pricing: PRICING, category: 'chat', tier: 'eco' });
});

/** A tenant of the free plan that has credit. */
async function comer(): Promise<Client> {
  const client = await newTenant();
  const response = await client.fetch(`/v1/operator/tenants/${client.tenantId}/credits`, {
    body: { amount_nano_usd: 5e9, reason: 'Test' },
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
  });
  if (!response.ok) throw new Error(await response.text());
  return client;
}

/** As many calls made earlier in the month. */
async function usedBefore({ tenantId }: Client, uses: Uses): Promise<void> {
  const id = `earlier_${crypto.randomUUID()}`;
  unwrap(await callLedger(env, tenantId, (ledger) => ledger.takeUses({ tenantId, id, uses })));
  unwrap(await callLedger(env, tenantId, (ledger) => ledger.settleUses(tenantId, [{ id, used: uses }])));
}

const quotas = async (client: Client): Promise<QuotaList> => (await client.fetch('/v1/quota')).json();
const used = async (client: Client, quota: QuotaId = 'messages') =>
  (await quotas(client)).data.find(({ id }) => id === quota)?.used;

const taken = async ({ tenantId }: Client) =>
  runInDurableObject(env.TENANT_LEDGER.getByName(tenantId), (_, state) =>
    Number(state.storage.sql.exec("SELECT count(*) AS n FROM quota_uses WHERE state = 'taken'").one().n),
  );
/** What calls came to is told within a second. */
const settled = (client: Client) => expect.poll(() => taken(client), { timeout: 30_000 }).toBe(0);

describe('the messages of the free plan', () => {
  it('are seen before the call, with the month in which they count', async () => {
    const client = await comer();
    const seen = await quotas(client);
    expect(seen).toMatchObject({
      object: 'quotas',
      plan: 'free',
      data: [
        { id: 'messages', limit: 200, used: 0, remaining: 200 },
        { id: 'perspectives_premium', limit: FREE.perspectives_premium, used: 0 },
        { id: 'perspectives_normal', limit: FREE.perspectives_normal, used: 0 },
        { id: 'perspectives_eco', limit: FREE.perspectives_eco, used: 0 },
      ],
    });
    expect(Date.parse(seen.period_start)).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(seen.period_end)).toBeGreaterThan(Date.now() + 27 * 86_400_000);
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(200);
    expect(await used(client)).toBe(1);
  });

  it('are refused from the 201st on, in every shape, and work again after the billing day', async () => {
    const client = await comer();
    await usedBefore(client, { messages: 199 });
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(200);
    for (const shape of SHAPE_NAMES) {
      const refused = await ask(client, shape, 'openai/swift', 'Hello');
      expect(refused.status).toBe(402);
      const { error } = await refused.json<Json>();
      expect(error.message).toContain('200 messages of this month are used up. They start anew on 20');
      if (shape === 'messages') expect(error.type).toBe('billing_error');
      else
        expect(error).toMatchObject({
          type: 'insufficient_quota',
          code: 'quota_exceeded',
          quota: 'messages',
          limit: 200,
          used: 200,
        });
    }
    const streamed = await ask(client, 'chat', 'openai/swift', 'Hello', { body: { stream: true } });
    expect(streamed.status).toBe(402);
    await settled(client);
    // The month goes by: what was used lies before its begin.
    await runInDurableObject(env.TENANT_LEDGER.getByName(client.tenantId), (_, state) => {
      state.storage.sql.exec('UPDATE quota_uses SET at = at - 2678400000');
    });
    expect((await quotas(client)).data[0]).toMatchObject({ used: 0, remaining: 200 });
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(200);
  });

  it('let in exactly the last two of ten that come at once, and keep it through an eviction', async () => {
    const client = await comer();
    await usedBefore(client, { messages: 198 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask(client, 'chat', 'openai/swift', 'Hello')),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, ...Array(8).fill(402)]);
    await settled(client);
    await evictDurableObject(env.TENANT_LEDGER.getByName(client.tenantId));
    expect(await used(client)).toBe(200);
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(402);
  });

  it('are not used by embeddings, local models, or the tenant’s own key, which works when they are used up', async () => {
    const client = await comer();
    await usedBefore(client, { messages: 200 });
    expect((await ask(client, 'chat', 'local/swift', 'Hello')).status).toBe(200);
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(402);
    const made = await client.fetch('/v1/provider-keys', {
      body: {
        provider: 'openai',
        key: 'sk-test-of-the-tenant-0123456789',
        base_url: `${inject('localModelsUrl')}/v1`,
        validate: false,
      },
    });
    expect(made.status).toBe(201);
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(200);
    expect(await used(client)).toBe(200);
  });

  it('have no limit for a tenant of the operator’s, and on a plan that is paid', async () => {
    const client = await comer();
    await usedBefore(client, { messages: 200 });
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(402);
    const { tenantId } = client;
    const now = Date.now();
    const plan = { tenantId, id: 'test', plan: 'pro', seats: 1, anchorAt: now, asOf: now } as const;
    unwrap(await callLedger(env, tenantId, (ledger) => ledger.setPlan(plan)));
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(200);
    expect((await quotas(client)).data[0]).toEqual({
      id: 'messages',
      object: 'quota',
      limit: null,
      used: null,
      remaining: null,
    });
    const operators = await comer();
    await usedBefore(operators, { messages: 200 });
    unwrap(
      await callLedger(env, operators.tenantId, (ledger) => ledger.markUnlimited(operators.tenantId, true)),
    );
    expect((await ask(operators, 'chat', 'openai/swift', 'Hello')).status).toBe(200);
  });
});

describe('the perspectives of the free plan', () => {
  const PAIR = ['openai/swift', 'anthropic/sage'];

  it('are counted by the tier of each model that a run asked, its merge included', async () => {
    const client = await comer();
    const run = await client.run({
      prompt: 'Is water wet?',
      models: PAIR,
      merge: { strategy: 'synthesize', model: 'anthropic/sage' },
    });
    await settled(client);
    const lines = (model: string) => run.receipt.lines.filter((line) => line.model === model).length;
    expect(await used(client, 'perspectives_eco')).toBe(1);
    expect(await used(client, 'perspectives_premium')).toBe(lines('anthropic/sage'));
    expect(lines('anthropic/sage')).toBe(3);
    expect(await used(client)).toBe(0);

    // Merged once more, after the run and the ledger were moved: what that asks is counted, and nothing twice.
    await evictDurableObject(env.PERSPECTIVE_RUN.getByName(run.id));
    await evictDurableObject(env.TENANT_LEDGER.getByName(client.tenantId));
    const again = await client.fetch(`/v1/perspectives/${run.id}/merge`, {
      body: { strategy: 'synthesize', model: 'openai/swift' },
    });
    expect(again.status).toBe(200);
    await settled(client);
    expect(await used(client, 'perspectives_eco')).toBe(3);
    expect(await used(client, 'perspectives_premium')).toBe(3);
  });

  it('refuse a run that needs more of a tier than is left, before anything is asked or held', async () => {
    const client = await comer();
    await usedBefore(client, { perspectives_premium: FREE.perspectives_premium });
    const refused = await client.fetch('/v1/perspectives', { body: { prompt: 'Hello', models: PAIR } });
    const problem = await refused.json<Json>();
    expect(refused.status).toBe(402);
    expect(problem).toMatchObject({
      code: 'quota_exceeded',
      quota: 'perspectives_premium',
      limit: FREE.perspectives_premium,
      used: FREE.perspectives_premium,
      needed: 1,
    });
    expect(problem.detail).toContain(
      'upgrade the plan, ask models of another tier, or use your own provider key',
    );
    expect(await used(client, 'perspectives_eco')).toBe(0);
    const standing = unwrap(
      await callLedger(env, client.tenantId, (ledger) => ledger.standing(client.tenantId)),
    );
    expect(standing).toMatchObject({ reserved: 0, balance: 5e9 });
    // Models of another tier go on, and so do messages.
    expect((await client.run({ prompt: 'Hello', models: ['openai/swift'] })).status).toBe('completed');
    expect((await ask(client, 'chat', 'anthropic/sage', 'Hello')).status).toBe(200);
  });

  it('are given back by a run that credit refuses', async () => {
    const client = await newTenant();
    const refused = await client.fetch('/v1/perspectives', { body: { prompt: 'Hello', models: PAIR } });
    expect(await problemOf(refused)).toBe('402 insufficient_credit');
    expect(await taken(client)).toBe(0);
    expect(await used(client, 'perspectives_premium')).toBe(0);
  });

  it('count a run as a model alike, and not as a message', async () => {
    const client = await comer();
    const made = await client.fetch('/v1/routing/panels', {
      body: { name: 'pair', models: PAIR, strategy: 'synthesize', merge_model: 'openai/swift' },
    });
    expect(made.status).toBe(201);
    const answer = await ask(client, 'chat', 'parallax/pair', 'Is water wet?');
    expect(answer.status).toBe(200);
    await answer.text();
    await settled(client);
    expect(await used(client)).toBe(0);
    expect(await used(client, 'perspectives_premium')).toBe(1);
    expect(await used(client, 'perspectives_eco')).toBeGreaterThanOrEqual(2);
  });

  it('are the same for a run that is asked again with its idempotency key', async () => {
    const client = await comer();
    const headers = { 'idempotency-key': 'once' };
    const body = { prompt: 'Hello', models: ['openai/swift'] };
    for (let i = 0; i < 3; i++)
      expect((await client.fetch('/v1/perspectives', { body, headers })).status).toBe(200);
    await settled(client);
    expect(await used(client, 'perspectives_eco')).toBe(1);
  });
});

// Last: a provider that fails is left alone for a while.
describe('what fails', () => {
  it('is no message, unless it had said something', async () => {
    const client = await comer();
    expect((await ask(client, 'chat', 'openai/swift', '[[status:500]]')).status).toBe(502);
    await settled(client);
    expect(await used(client)).toBe(0);
    await eventsOf(await ask(client, 'messages', 'openai/swift', 'Hello', { body: { stream: true } }));
    await settled(client);
    expect(await used(client)).toBe(1);
    // It was cut after it had said something, and is charged for that.
    await eventsOf(
      await ask(client, 'chat', 'openai/swift', 'Hello [[error-after:7]]', { body: { stream: true } }),
    );
    await settled(client);
    expect(await used(client)).toBe(2);
  });

  it('and is answered by another model is one message', async () => {
    const client = await comer();
    await usedBefore(client, { messages: 199 });
    const answer = await ask(client, 'chat', 'openai/overloaded', 'Hello', {
      body: { models: ['anthropic/sage'] },
    });
    expect([answer.status, answer.headers.get('x-parallax-model')]).toEqual([200, 'anthropic/sage']);
    await settled(client);
    expect(await used(client)).toBe(200);
  });

  it('in a run is no perspective', async () => {
    const client = await comer();
    const run = await client.run({ prompt: 'Hello', models: ['anthropic/sage', 'openai/overloaded'] });
    expect(run.status).toBe('partial');
    await settled(client);
    expect(await used(client, 'perspectives_premium')).toBe(1);
    expect(await used(client, 'perspectives_eco')).toBe(0);
  });
});
