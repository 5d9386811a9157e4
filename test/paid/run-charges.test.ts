import { env, evictDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { usageEvents } from '../../src/features/metering/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { type Client, newTenant, OPERATOR_TOKEN } from '../worker/client.ts';
import { putModel } from '../worker/gateway-client.ts';
import { differencesOfAll } from '../worker/reconcile-all.ts';

const PRICING = { input: 2, output: 10 };
const MODELS = ['openai/swift', 'anthropic/sage'];

beforeAll(async () => {
  await putModel('openai/swift', { pricing: PRICING, category: 'chat' });
  await putModel('anthropic/sage', { pricing: PRICING, category: 'chat' });
  await putModel('openai/overloaded', { pricing: PRICING, category: 'chat' });
});

const standing = async ({ tenantId }: Client) => {
  const answer = await env.TENANT_LEDGER.getByName(tenantId).standing(tenantId);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};

const transactions = async ({ tenantId }: Client) => {
  const answer = await env.TENANT_LEDGER.getByName(tenantId).transactions(tenantId, null, 50);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.filter(({ type }) => type === 'usage');
};

interface Receipt {
  readonly lines: readonly { readonly cost_nano_usd: number; readonly charge_nano_usd?: number }[];
}

/** What the receipt says was charged: of each line its cost and a tenth, as the free plan adds. */
function chargedIn({ lines }: Receipt): number {
  for (const { cost_nano_usd: cost, charge_nano_usd: charge } of lines)
    if (charge !== Math.ceil((cost * 11) / 10)) throw new Error(`${cost} was charged as ${charge}`);
  return lines.reduce((total, { charge_nano_usd: charge = 0 }) => total + charge, 0);
}

describe.concurrent('a run on the platform’s keys', () => {
  it('is charged exactly its receipt, a transaction a line, and frees what it held', async ({ expect }) => {
    const client = await newTenant();
    const run = await client.run({
      prompt: 'Is water wet?',
      models: MODELS,
      merge: { strategy: 'synthesize', model: 'openai/swift' },
    });
    const cost = chargedIn(run.receipt);
    expect(cost).toBeGreaterThan(0);
    await expect.poll(async () => (await standing(client)).balance, { timeout: 30_000 }).toBe(1e9 - cost);
    expect(await standing(client)).toMatchObject({ reserved: 0 });
    const charged = await transactions(client);
    expect(charged.length).toBeGreaterThan(2);
    expect(charged.every(({ id }) => id.startsWith(`${run.id}/`))).toBe(true);

    const events = () => tenantDb(env.DB, client).select(usageEvents, { where: undefined, limit: 20 });
    await expect.poll(async () => (await events()).length, { timeout: 30_000 }).toBe(charged.length);
    const total = (await events()).reduce((sum, { chargeNano }) => sum + chargeNano, 0);
    expect(total).toBe(cost);
  });

  it('that is merged once more pays the second merge and nothing twice, through an eviction', async ({
    expect,
  }) => {
    const client = await newTenant();
    const run = await client.run({ prompt: 'Is fire hot?', models: MODELS });
    const first = chargedIn(run.receipt);
    await expect.poll(async () => (await standing(client)).balance, { timeout: 30_000 }).toBe(1e9 - first);
    await evictDurableObject(env.PERSPECTIVE_RUN.getByName(run.id));
    const response = await client.fetch(`/v1/perspectives/${run.id}/merge`, {
      body: { strategy: 'synthesize', model: 'openai/swift' },
    });
    const merged = await response.json<typeof run>();
    const whole = chargedIn(merged.receipt);
    expect(whole).toBeGreaterThan(first);
    await expect.poll(async () => (await standing(client)).balance, { timeout: 30_000 }).toBe(1e9 - whole);
    expect(await standing(client)).toMatchObject({ reserved: 0 });
  });

  it('pays nothing for a model that fails', async ({ expect }) => {
    const client = await newTenant();
    const run = await client.run({ prompt: 'Hello', models: ['openai/swift', 'openai/overloaded'] });
    expect(run.status).toBe('partial');
    const cost = chargedIn(run.receipt);
    await expect.poll(async () => (await standing(client)).balance, { timeout: 30_000 }).toBe(1e9 - cost);
    expect(await transactions(client)).toHaveLength(1);
  });

  it('is refused before anything is asked when the credit does not reach, with both figures', async ({
    expect,
  }) => {
    const client = await newTenant();
    const path = `/v1/operator/tenants/${client.tenantId}/credits`;
    await client.fetch(path, {
      body: { amount_nano_usd: -(1e9 - 1_000), reason: 'Test' },
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
    });
    const response = await client.fetch('/v1/perspectives', { body: { prompt: 'Hello', models: MODELS } });
    expect(response.status).toBe(402);
    const problem = await response.json<Record<string, unknown>>();
    expect(problem).toMatchObject({ code: 'insufficient_credit', available_nano_usd: 1_000 });
    expect(problem.needed_nano_usd).toBeGreaterThan(1_000);
    expect(await standing(client)).toMatchObject({ balance: 1_000, reserved: 0 });
    expect(await transactions(client)).toHaveLength(0);
  });

  it('counts towards the monthly limit of its key, and is refused beyond it', async ({ expect }) => {
    const client = await newTenant();
    const made = await client.fetch('/v1/api-keys', { body: { name: 'Limited', monthly_limit_usd: 0.02 } });
    const { key, id } = await made.json<{ key: string; id: string }>();
    const limited = { headers: { authorization: `Bearer ${key}` } };
    const response = await client.fetch('/v1/perspectives', {
      body: { prompt: 'Hello', models: ['openai/swift'] },
      ...limited,
    });
    expect(response.status).toBe(200);
    const run = await response.json<{ receipt: Receipt }>();
    const spent = async () => {
      const { tenantId } = client;
      const me = await (await client.fetch('/v1/me', limited)).json<{ user: { id: string } }>();
      const answer = await env.USER_LIMITER.getByName(me.user.id).spendOf(id);
      return answer.ok ? [tenantId, answer.value.spent] : [tenantId, -1];
    };
    await expect.poll(spent, { timeout: 30_000 }).toEqual([client.tenantId, chargedIn(run.receipt)]);
    const beyond = await client.fetch('/v1/perspectives', {
      body: { prompt: 'Hello', models: MODELS, max_tokens: 4_000 },
      ...limited,
    });
    const answer = await beyond.json<Record<string, unknown>>();
    expect([beyond.status, answer.limit]).toEqual([402, 'key']);
    expect(await standing(client)).toMatchObject({ reserved: 0 });
  });
});

describe.concurrent('a run as a model', () => {
  it('is charged like any other', async ({ expect }) => {
    const client = await newTenant();
    await client.fetch('/v1/routing/panels', {
      body: { name: 'pair', models: MODELS, strategy: 'synthesize', merge_model: 'openai/swift' },
    });
    const response = await client.fetch('/v1/chat/completions', {
      body: { model: 'parallax/pair', messages: [{ role: 'user', content: 'Is water wet?' }] },
    });
    expect(response.status).toBe(200);
    await response.body?.cancel();
    await expect.poll(async () => (await standing(client)).balance, { timeout: 30_000 }).toBeLessThan(1e9);
    await expect.poll(async () => (await standing(client)).reserved, { timeout: 30_000 }).toBe(0);
  });
});

it('all of this leaves ledgers, mirror and usage that agree in every line', async () => {
  await expect.poll(differencesOfAll, { timeout: 15_000, interval: 1_000 }).toEqual([]);
});
