import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { ProviderKeyView } from '../../src/contracts/vault.ts';
import { usageEvents } from '../../src/features/metering/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { type Client, newTenant } from '../worker/client.ts';
import { putModel } from '../worker/gateway-client.ts';

const CREDIT = 1e9;

beforeAll(() => putModel('openai/swift', { pricing: { input: 2, output: 10 }, category: 'chat' }));

/** A tenant with a key of its own for a provider that the platform has a paid key for as well. */
async function withOwnKey(changes: object = {}) {
  const client = await newTenant();
  const response = await client.fetch('/v1/provider-keys', {
    body: {
      provider: 'openai',
      key: 'sk-test-of-the-tenant-0123456789',
      base_url: `${inject('localModelsUrl')}/v1`,
      validate: false,
      ...changes,
    },
  });
  if (response.status !== 201) throw new Error(await response.text());
  return { client, key: await response.json<ProviderKeyView>() };
}

const expire = (client: Client, { id }: ProviderKeyView) =>
  client.fetch(`/v1/provider-keys/${id}`, {
    method: 'PATCH',
    body: { expires_at: new Date(Date.now() - 1_000).toISOString() },
  });

const chat = (client: Client) =>
  client.fetch('/v1/chat/completions', {
    body: { model: 'openai/swift', messages: [{ role: 'user', content: 'Say hello.' }] },
  });

const standing = async ({ tenantId }: Client) => {
  const answer = await env.TENANT_LEDGER.getByName(tenantId).standing(tenantId);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};

async function eventsOf(client: Client, count: number) {
  const read = () => tenantDb(env.DB, client).select(usageEvents, { where: undefined, limit: 20 });
  await expect.poll(async () => (await read()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(count);
  return read();
}

describe('a tenant’s own key, beside a paid key of the platform', () => {
  it('serves first and costs no credit, in calls and in runs', async () => {
    const { client, key } = await withOwnKey();
    expect((await chat(client)).status).toBe(200);
    const run = await client.run({ prompt: 'Is water wet?', models: ['openai/swift', 'openai/swift'] });
    expect(run.perspectives.map(({ key_strategy }) => key_strategy)).toEqual(['tenant', 'tenant']);
    const events = await eventsOf(client, 3);
    for (const event of events) {
      expect(event).toMatchObject({ keyStrategy: 'tenant', providerKeyId: key.id, chargeNano: 0 });
      expect(event.costNano).toBeGreaterThan(0);
    }
    expect(await standing(client)).toMatchObject({ balance: CREDIT, reserved: 0 });
  });

  it('that has expired leaves the call to the platform’s key, which is paid with credit', async () => {
    const { client, key } = await withOwnKey();
    await expire(client, key);
    expect((await chat(client)).status).toBe(200);
    const [event] = await eventsOf(client, 1);
    expect(event).toMatchObject({ keyStrategy: 'platform', providerKeyId: null });
    expect(event?.chargeNano).toBeGreaterThan(0);
  });

  it('that has expired keeps the platform’s key from being used where the tenant says so: nothing is held or charged', async () => {
    const { client, key } = await withOwnKey({ platform_fallback: false });
    await expire(client, key);
    const refused = await chat(client);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('platform_fallback');
    const run = await client.run({ prompt: 'Is water wet?', models: ['openai/swift', 'local/swift'] });
    expect(run.perspectives.map(({ status }) => status)).toEqual(['failed', 'completed']);
    const events = await eventsOf(client, 1);
    expect(events.some(({ keyStrategy }) => keyStrategy === 'platform')).toBe(false);
    expect(await standing(client)).toMatchObject({ balance: CREDIT, reserved: 0 });
    // Allowed again, it serves.
    await client.fetch(`/v1/provider-keys/${key.id}`, { method: 'PATCH', body: { platform_fallback: true } });
    expect((await chat(client)).status).toBe(200);
  });
});
