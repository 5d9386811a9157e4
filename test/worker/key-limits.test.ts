import { env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Client, newTenant, ORIGIN, problemOf } from './client.ts';
import { ask, type Json } from './gateway-client.ts';

interface KeyAnswer {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly expires_at: string | null;
  readonly replaced_by: string | null;
  readonly last_used_at: string | null;
  readonly last_used_country: string | null;
  readonly monthly_limit_usd: number | null;
}

async function made(by: Client, body: object): Promise<KeyAnswer & { client: Client }> {
  const response = await by.fetch('/v1/api-keys', { body: { name: 'Key', ...body } });
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  const key = await response.json<KeyAnswer>();
  return { ...key, client: new Client(key.key, by.tenantId) };
}

async function listed(by: Client, id: string): Promise<KeyAnswer | undefined> {
  const { data } = await (await by.fetch('/v1/api-keys')).json<{ data: KeyAnswer[] }>();
  return data.find((key) => key.id === id);
}

describe('a key with a rate of its own', () => {
  it('is let in as often as it may, while its user’s other keys go on', async () => {
    const owner = await newTenant();
    const { client } = await made(owner, { rate_limit: 10 });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push((await ask(client, 'chat', 'local/swift', 'Hi')).status);
    expect(answers).toEqual([200, 200, 429, 429]);
    expect((await ask(owner, 'chat', 'local/swift', 'Hi')).status).toBe(200);
    const refused = await ask(client, 'chat', 'local/swift', 'Hi');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('cannot make or rotate another key to get past it', async () => {
    const owner = await newTenant();
    const { client, id } = await made(owner, { rate_limit: 60 });
    expect(await problemOf(await client.fetch('/v1/api-keys', { body: { name: 'More' } }))).toBe(
      '403 insufficient_scope',
    );
    const other = await made(owner, {});
    expect((await client.fetch(`/v1/api-keys/${other.id}/rotate`, { body: {} })).status).toBe(403);
    expect((await client.fetch(`/v1/api-keys/${id}/rotate`, { body: {} })).status).toBe(201);
  });
});

describe('a key that is rotated', () => {
  it('goes on beside the new one until the overlap ends, and each says so', async () => {
    const owner = await newTenant();
    const old = await made(owner, { name: 'CI' });
    const rotate = (body: object, headers = {}) =>
      owner.fetch(`/v1/api-keys/${old.id}/rotate`, { body, headers });
    const headers = { 'idempotency-key': '"once"' };
    const first = await (await rotate({ overlap_seconds: 3_600 }, headers)).json<KeyAnswer>();
    const again = await (await rotate({ overlap_seconds: 3_600 }, headers)).json<KeyAnswer>();
    expect([again.id, again.key]).toEqual([first.id, first.key]);
    expect(first).toMatchObject({ name: 'CI', expires_at: null });
    expect((await old.client.fetch('/v1/me')).status).toBe(200);
    expect((await new Client(first.key, owner.tenantId).fetch('/v1/me')).status).toBe(200);
    const shown = await listed(owner, old.id);
    expect(shown?.replaced_by).toBe(first.id);
    const left = Date.parse(shown?.expires_at ?? '') - Date.now();
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    expect((await rotate({})).status).toBe(409);
  });

  it('ends at once with no overlap', async () => {
    const owner = await newTenant();
    const old = await made(owner, {});
    expect(
      (await owner.fetch(`/v1/api-keys/${old.id}/rotate`, { body: { overlap_seconds: 0 } })).status,
    ).toBe(201);
    expect((await old.client.fetch('/v1/me')).status).toBe(401);
  });

  it('is nobody else’s to rotate: another tenant’s is not there', async () => {
    const [owner, stranger] = [await newTenant(), await newTenant()];
    const { id } = await made(owner, {});
    expect((await stranger.fetch(`/v1/api-keys/${id}/rotate`, { body: {} })).status).toBe(404);
    expect(
      (await stranger.fetch(`/v1/api-keys/${id}`, { method: 'PATCH', body: { name: 'Mine' } })).status,
    ).toBe(404);
  });
});

describe('a key that is used', () => {
  it('says when and from where, to the minute', async () => {
    const owner = await newTenant();
    const { key, id } = await made(owner, {});
    const use = (country: string) =>
      exports.default.fetch(
        new Request(`${ORIGIN}/v1/me`, {
          headers: { authorization: `Bearer ${key}` },
          cf: { country },
        } as RequestInit),
      );
    const before = Date.now();
    await use('DE');
    await use('FR');
    const userId = (await (await owner.fetch('/v1/me')).json<Json>()).user.id as string;
    const { runDurableObjectAlarm } = await import('cloudflare:test');
    await runDurableObjectAlarm(env.USER_LIMITER.getByName(userId));
    const shown = await listed(owner, id);
    expect(shown?.last_used_country).toBe('DE');
    expect(Date.parse(shown?.last_used_at ?? '')).toBeGreaterThanOrEqual(before - 1);
  });

  it('can be renamed', async () => {
    const owner = await newTenant();
    const { id } = await made(owner, {});
    await owner.fetch(`/v1/api-keys/${id}`, { method: 'PATCH', body: { name: 'Laptop' } });
    expect((await listed(owner, id))?.name).toBe('Laptop');
  });
});

describe('revoking with now=true', () => {
  it('answers when no isolate can hold a lease of the key any more', async () => {
    const owner = await newTenant();
    const { client, id } = await made(owner, {});
    expect((await client.fetch('/v1/me')).status).toBe(200);
    const userId = (await (await owner.fetch('/v1/me')).json<Json>()).user.id as string;
    const limiter = env.USER_LIMITER.getByName(userId);
    expect(await limiter.leasesEndIn(id)).toBeGreaterThan(0);
    expect((await owner.fetch(`/v1/api-keys/${id}?now=true`, { method: 'DELETE' })).status).toBe(200);
    expect(await limiter.leasesEndIn(id)).toBe(0);
    expect((await client.fetch('/v1/me')).status).toBe(401);
  });
});

describe('a publishable key', () => {
  it.each([
    [undefined, 422],
    [['https://example.com/'], 422],
    [['https://*.example.com'], 422],
    [['http://example.com'], 422],
    [['null'], 422],
    [['https://example.com', 'http://localhost:8787'], 201],
  ])('with the origins %j is answered with %i', async (allowed_origins, status) => {
    const owner = await newTenant();
    const body = {
      name: 'Site',
      kind: 'publishable',
      ...(allowed_origins === undefined ? {} : { allowed_origins }),
    };
    expect((await owner.fetch('/v1/api-keys', { body })).status).toBe(status);
  });

  it('has origins alone: a secret key has none', async () => {
    const owner = await newTenant();
    const body = { name: 'Key', allowed_origins: ['https://example.com'] };
    expect((await owner.fetch('/v1/api-keys', { body })).status).toBe(422);
  });
});

describe('GET /v1/me', () => {
  it('says role, tenant, way in and limits', async () => {
    const owner = await newTenant('Acme');
    const { client, id } = await made(owner, { rate_limit: 30, monthly_limit_usd: 5 });
    expect(await (await client.fetch('/v1/me')).json()).toMatchObject({
      tenant: { id: owner.tenantId, name: 'Acme' },
      role: 'owner',
      via: 'key',
      key_id: id,
      client_id: null,
      tenants: [{ id: owner.tenantId, name: 'Acme', role: 'owner' }],
      limits: {
        requests_per_minute: 6_000,
        perspectives_per_hour: 1_000,
        concurrent_requests: expect.any(Number),
        key: { requests_per_minute: 30, monthly_limit_usd: 5, spent_usd: 0 },
      },
    });
  });
});
