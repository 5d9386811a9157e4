import { env } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Client, newTenant, OPERATOR_TOKEN } from '../../../test/worker/client.ts';
import { putModel } from '../../../test/worker/gateway-client.ts';
import type { ProviderKeyView } from '../../contracts/vault.ts';
import { configOf } from '../../env.ts';
import { systemClock } from '../../platform/clock.ts';
import { utf8 } from '../../platform/crypto.ts';
import { platformDb, tenantDb } from '../../platform/db.ts';
import { createLogger } from '../../platform/log.ts';
import { usageEvents } from '../metering/index.ts';
import { PROVIDERS } from '../providers/index.ts';
import { dataKeyOf, rewrap } from './data-keys.ts';
import { type TenantKeysContext, tenantKeysOf } from './index.ts';
import { masterKeysOf } from './master-keys.ts';
import { rewrapSome } from './rewrap.ts';
import { providerKeyMonths, providerKeys, vaultAccess, vaultDataKeys } from './schema.ts';
import { open, seal } from './sealing.ts';
import { forgetTenantKeys, monthOf } from './tenant-keys.ts';

const SECRET = 'sk-test-THIS-IS-THE-SECRET-abcd1234';
const LOCAL = `${inject('localModelsUrl')}/v1`;

beforeAll(async () => {
  for (const name of ['swift', 'malformed'])
    await putModel(`openai/${name}`, { upstream_name: name, pricing: { input: 1, output: 2 } });
});

const openAi = (changes: object = {}) => ({ provider: 'openai', key: SECRET, base_url: LOCAL, ...changes });

async function setUp() {
  const client = await newTenant();
  const { tenantId } = client;
  const create = (body: object, headers?: Record<string, string>) =>
    client.fetch('/v1/provider-keys', { body, ...(headers === undefined ? {} : { headers }) });
  const created = async (body: object = openAi()): Promise<ProviderKeyView> => {
    const response = await create(body);
    if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
    return response.json();
  };
  const chat = (body: object = {}) =>
    client.fetch('/v1/chat/completions', {
      body: { model: 'openai/swift', messages: [{ role: 'user', content: 'Say hello.' }], ...body },
    });
  const events = async (count: number) => {
    const read = () => tenantDb(env.DB, { tenantId }).select(usageEvents, { where: undefined, limit: 20 });
    await expect.poll(async () => (await read()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(count);
    return read();
  };
  return { client, tenantId, create, created, chat, events };
}

describe('POST /v1/provider-keys', () => {
  it('seals the key, asks the provider, and shows a preview of constant length and nothing else of it', async () => {
    const { create, tenantId, client } = await setUp();
    const response = await create(openAi({ name: 'Mine', monthly_budget_usd: 5 }));
    expect(response.status).toBe(201);
    const text = await response.text();
    expect(text).not.toContain('SECRET');
    const key = JSON.parse(text) as ProviderKeyView;
    expect(key).toMatchObject({
      object: 'provider_key',
      provider: 'openai',
      name: 'Mine',
      preview: '••••••••1234',
      status: 'valid',
      monthly_budget_usd: 5,
      spent_this_month_usd: 0,
    });
    const [row] = await tenantDb(env.DB, { tenantId }).select(providerKeys, { limit: 2 });
    expect(JSON.stringify(row)).not.toContain('SECRET');
    expect(row?.sealed).toMatch(/^2\.[\w-]{16}\.[\w-]+$/);
    expect(await (await client.fetch(`/v1/provider-keys/${key.id}`)).json()).toEqual(key);
  });

  it.each([
    ['a provider that does not exist', { provider: 'nobody' }, 'provider'],
    ['a provider that takes no key', { provider: 'local' }, 'provider'],
    ['a setting that the provider does not have', { settings: { NOT_ONE: 'x' } }, 'settings.NOT_ONE'],
    ['a private address', { base_url: 'https://10.0.0.1/v1' }, 'base_url'],
    ['the metadata address', { base_url: 'https://169.254.169.254/v1' }, 'base_url'],
    ['plain HTTP', { base_url: 'http://example.org/v1' }, 'base_url'],
    ['credentials in the address', { base_url: 'https://a:b@example.org' }, 'base_url'],
    [
      'an account that has tokens made elsewhere',
      {
        provider: 'vertex_ai',
        base_url: undefined,
        key: JSON.stringify({ token_uri: 'https://evil.example.org/token' }),
      },
      'key',
    ],
    [
      'an address hidden in a setting',
      {
        provider: 'azure',
        base_url: undefined,
        settings: { AZURE_OPENAI_ENDPOINT: 'https://10.0.0.1' },
      },
      'settings',
    ],
  ])('refuses %s, and keeps nothing', async (_, changes, param) => {
    const { create, tenantId } = await setUp();
    const response = await create(openAi(changes));
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ param });
    expect(text).not.toContain('SECRET');
    expect(await tenantDb(env.DB, { tenantId }).select(providerKeys, { limit: 1 })).toEqual([]);
  });

  it('is made once for an idempotency key', async () => {
    const { create, client } = await setUp();
    const header = { 'idempotency-key': 'k1' };
    const first = (await (await create(openAi(), header)).json()) as ProviderKeyView;
    expect(await (await create(openAi(), header)).json()).toMatchObject({ id: first.id });
    expect((await create(openAi({ key: `${SECRET}x` }), header)).status).toBe(422);
    const list = (await (await client.fetch('/v1/provider-keys')).json()) as { data: unknown[] };
    expect(list.data).toHaveLength(1);
  });

  it('keeps a key that the provider does not accept, and says so', async () => {
    const { created } = await setUp();
    const key = await created(openAi({ base_url: `${inject('localModelsUrl')}/nowhere` }));
    expect(key).toMatchObject({ status: 'refused', status_message: 'Answered with status 404.' });
  });
});

describe('a call', () => {
  it('is made with the tenant’s own key before any other, costs nothing here, and says so', async () => {
    const { created, chat, events } = await setUp();
    expect((await chat()).status).toBe(503);
    const key = await created();
    const response = await chat();
    expect(response.status).toBe(200);
    const [event] = (await events(1)).filter(({ status }) => status === 'ok');
    expect(event).toMatchObject({ keyStrategy: 'tenant', providerKeyId: key.id, chargeNano: 0 });
  });

  it('finds the models of the tenant’s providers, and nobody else does', async () => {
    const { created, client } = await setUp();
    const other = await newTenant();
    const available = async (who: Client) => {
      const list = await who.fetch('/v1/models?provider=openai&available=true&limit=100');
      return ((await list.json()) as { data: unknown[] }).data.length;
    };
    expect(await available(client)).toBe(0);
    await created();
    expect(await available(client)).toBeGreaterThan(0);
    expect(await available(other)).toBe(0);
  });

  it('never uses another tenant’s key', async () => {
    const [mine, theirs] = await Promise.all([setUp(), setUp()]);
    const key = await theirs.created();
    expect((await mine.chat()).status).toBe(503);
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/validate'],
      ['POST', '/rotate'],
    ] as const) {
      const response = await mine.client.fetch(`/v1/provider-keys/${key.id}${path}`, {
        method,
        ...(method === 'PATCH' || path === '/rotate'
          ? { body: path === '' ? { name: 'x' } : { key: SECRET } }
          : {}),
      });
      expect([method, path, response.status]).toEqual([method, path, 404]);
    }
    expect((await theirs.chat()).status).toBe(200);
  });

  it('of a run uses it too, in every group of models and in the merge', async () => {
    const { created, client, events } = await setUp();
    const key = await created();
    const run = await client.run({
      prompt: 'Tabs or spaces?',
      models: Array.from({ length: 7 }, () => 'openai/swift'),
      merge: { strategy: 'synthesize', model: 'openai/swift' },
    });
    expect(run.perspectives.every(({ key_strategy }) => key_strategy === 'tenant')).toBe(true);
    const all = await events(8);
    expect(all.every(({ providerKeyId }) => providerKeyId === key.id)).toBe(true);
    expect(all.some(({ feature }) => feature === 'merge')).toBe(true);
  });

  it('goes on to the next key when one has expired or is over its budget, by their order', async () => {
    const { created, chat, client, events, tenantId } = await setUp();
    const [first, second] = [await created(openAi({ priority: 1 })), await created(openAi({ priority: 2 }))];
    const past = new Date(Date.now() - 1_000).toISOString();
    await client.fetch(`/v1/provider-keys/${first.id}`, { method: 'PATCH', body: { expires_at: past } });
    expect((await chat()).status).toBe(200);
    expect((await events(1))[0]?.providerKeyId).toBe(second.id);

    await client.fetch(`/v1/provider-keys/${first.id}`, {
      method: 'PATCH',
      body: { expires_at: null, monthly_budget_usd: 1 },
    });
    await tenantDb(env.DB, { tenantId }).insert(providerKeyMonths, [
      { keyId: first.id, month: monthOf(Date.now()), costNano: 1e9 },
    ]);
    forgetTenantKeys(tenantId);
    expect(await (await client.fetch(`/v1/provider-keys/${first.id}`)).json()).toMatchObject({
      status: 'over_budget',
      spent_this_month_usd: 1,
    });
    expect((await chat()).status).toBe(200);
    expect((await events(2)).every(({ providerKeyId }) => providerKeyId === second.id)).toBe(true);
  });

  it('is refused when the only key has expired, for a reason that holds no secret, and another model answers', async () => {
    const { created, chat, client } = await setUp();
    const key = await created(openAi({ platform_fallback: false }));
    expect(key.platform_fallback).toBe(false);
    expect((await chat()).status).toBe(200);
    const past = new Date(Date.now() - 1_000).toISOString();
    await client.fetch(`/v1/provider-keys/${key.id}`, { method: 'PATCH', body: { expires_at: past } });
    const refused = await chat();
    expect(refused.status).toBe(503);
    const text = await refused.text();
    expect(text).toContain('no_provider_key');
    expect(text).not.toContain('SECRET');
    // Another model, of a provider that the key says nothing of, still answers.
    const fallback = await chat({ models: ['openai/swift', 'local/swift'], model: undefined });
    expect(fallback.status).toBe(200);
  });

  it('leaves a key that its provider did not accept for last', async () => {
    const { created, chat, events } = await setUp();
    const refused = await created(openAi({ priority: 1, base_url: `${inject('localModelsUrl')}/nowhere` }));
    expect(refused.status).toBe('refused');
    const good = await created(openAi({ priority: 2 }));
    expect((await chat()).status).toBe(200);
    expect((await events(1)).map(({ providerKeyId }) => providerKeyId)).toEqual([good.id]);
  });

  it('of embeddings uses it too', async () => {
    const { created, client, events } = await setUp();
    await putModel('openai/embed', {
      upstream_name: 'embed',
      category: 'embedding',
      pricing: { input: 1, output: 0 },
    });
    const key = await created();
    const response = await client.fetch('/v1/embeddings', {
      body: { model: 'openai/embed', input: 'Hello' },
    });
    expect([response.status, await response.text()]).toMatchObject([
      200,
      expect.stringContaining('embedding'),
    ]);
    expect((await events(1))[0]).toMatchObject({
      keyStrategy: 'tenant',
      providerKeyId: key.id,
      feature: 'embeddings',
      chargeNano: 0,
    });
  });

  it('that fails names the key that it was made with in its usage event', async () => {
    const { created, chat, events } = await setUp();
    const key = await created();
    expect((await chat({ model: 'openai/malformed' })).status).toBeGreaterThanOrEqual(500);
    const failed = (await events(1)).filter(({ status }) => status === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ providerKeyId }) => providerKeyId === key.id)).toBe(true);
  });

  it('adds to what its key has spent this month, and stops at the budget', async () => {
    const { created, chat, client, events, tenantId } = await setUp();
    const key = await created(openAi({ monthly_budget_usd: 0.000001, platform_fallback: false }));
    expect((await chat()).status).toBe(200);
    const [event] = await events(1);
    expect(event?.costNano).toBeGreaterThan(1_000);
    const read = async () =>
      (await (await client.fetch(`/v1/provider-keys/${key.id}`)).json()) as ProviderKeyView;
    await expect.poll(async () => (await read()).status, { timeout: 5_000 }).toBe('over_budget');
    expect((await read()).spent_this_month_usd).toBeCloseTo((event?.costNano ?? 0) / 1e9, 9);
    forgetTenantKeys(tenantId);
    expect((await chat()).status).toBe(503);
  });

  it('is refused after the only key was deleted', async () => {
    const { created, chat, client } = await setUp();
    const key = await created();
    expect((await chat()).status).toBe(200);
    expect((await client.fetch(`/v1/provider-keys/${key.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await chat()).status).toBe(503);
  });

  it('that is under way ends with the old secret while the key is rotated, and the next has the new one', async () => {
    const { created, client, tenantId, chat } = await setUp();
    const key = await created();
    const provider = PROVIDERS.find(({ id }) => id === 'openai');
    const before = await keysOf(tenantId);
    const [streamed, rotated] = await Promise.all([
      chat({ stream: true }),
      client.fetch(`/v1/provider-keys/${key.id}/rotate`, { body: { key: 'sk-other-secret-5678' } }),
    ]);
    expect(rotated.status).toBe(200);
    expect(streamed.status).toBe(200);
    expect(await streamed.text()).toContain('[DONE]');
    // What was read before the rotation opens what it read, whole.
    expect((await before.source(provider as never))?.settings.OPENAI_API_KEY).toBe(SECRET);
    const after = await keysOf(tenantId);
    expect((await after.source(provider as never))?.settings.OPENAI_API_KEY).toBe('sk-other-secret-5678');
    expect((await chat()).status).toBe(200);
  });

  it('uses the new secret after a rotation, and keeps name, order and address', async () => {
    const { created, client, tenantId } = await setUp();
    const key = await created(openAi({ name: 'Mine', priority: 7 }));
    const response = await client.fetch(`/v1/provider-keys/${key.id}/rotate`, {
      body: { key: 'sk-other-secret-5678' },
    });
    expect(await response.json()).toMatchObject({
      id: key.id,
      name: 'Mine',
      priority: 7,
      base_url: LOCAL,
      preview: '••••••••5678',
    });
    const { source } = await keysOf(tenantId);
    const provider = PROVIDERS.find(({ id }) => id === 'openai');
    expect((await source(provider as never))?.settings.OPENAI_API_KEY).toBe('sk-other-secret-5678');
  });
});

describe('the access log', () => {
  it('has every opening with its reason and who asked', async () => {
    const { created, chat, client } = await setUp();
    const key = await created();
    await client.fetch(`/v1/provider-keys/${key.id}/validate`, { method: 'POST' });
    await chat();
    const read = async () =>
      ((await (await client.fetch('/v1/vault/access')).json()) as { data: Record<string, unknown>[] }).data;
    await expect.poll(async () => (await read()).length, { timeout: 5_000 }).toBe(2);
    expect((await read()).map(({ reason, object_id }) => [reason, object_id]).sort()).toEqual([
      ['call', key.id],
      ['validate', key.id],
    ]);
  });
});

describe('a secret', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is in no answer, log, usage event, audit entry or row, whatever is done with it', async () => {
    const written: string[] = [];
    for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
      vi.spyOn(console, level).mockImplementation(
        (...parts: unknown[]) => void written.push(JSON.stringify(parts)),
      );
    const { create, client, chat, events, tenantId } = await setUp();
    const made = await create(openAi());
    const key = (await made.clone().json()) as ProviderKeyView;
    written.push(await made.text());
    const paths = ['', '/validate', '/rotate'] as const;
    for (const path of paths) {
      const response = await client.fetch(`/v1/provider-keys/${key.id}${path}`, {
        method: path === '' ? 'GET' : 'POST',
        ...(path === '/rotate' ? { body: { key: SECRET } } : {}),
      });
      written.push(await response.text());
    }
    written.push(await (await chat()).text(), await (await chat({ model: 'openai/malformed' })).text());
    written.push(JSON.stringify(await events(1)));
    for (const path of ['/v1/audit', '/v1/provider-keys', '/v1/vault/access'])
      written.push(await (await client.fetch(path)).text());
    for (const table of [providerKeys, vaultAccess, vaultDataKeys])
      written.push(JSON.stringify(await tenantDb(env.DB, { tenantId }).select(table, { limit: 50 })));
    expect(written.join('\n')).not.toContain('THIS-IS-THE-SECRET');
    expect(written.join('\n').length).toBeGreaterThan(2_000);
  });

  it('does not open in another row, another tenant, or after any byte of it was changed', async () => {
    const key = await dataKeyOf(env.DB, 'ten_seal', await masterKeysOf(configOf(env)), systemClock);
    const sealedFor = { tenantId: 'ten_seal', kind: 'provider_key', id: 'pvk_1', version: 1 } as const;
    const text = await seal(key, utf8('content'), sealedFor);
    expect(new TextDecoder().decode(await open(key, text, sealedFor))).toBe('content');
    for (const other of [
      { ...sealedFor, id: 'pvk_2' },
      { ...sealedFor, tenantId: 'ten_other' },
      { ...sealedFor, kind: 'data_key' as const },
      { ...sealedFor, version: 2 },
    ])
      await expect(open(key, text, other)).rejects.toThrow('changed, moved');
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
      await expect(open(key, changed, sealedFor)).rejects.toThrow(/sealed value/);
    }
    expect(await seal(key, utf8('content'), sealedFor)).not.toBe(text);
  });

  it('that was sealed for another tenant’s row brings the call to an end, not the secret to a stranger', async () => {
    const [mine, theirs] = await Promise.all([setUp(), setUp()]);
    const [own, other] = [await mine.created(), await theirs.created()];
    const [stolen] = await tenantDb(env.DB, { tenantId: theirs.tenantId }).select(providerKeys, {
      where: eq(providerKeys.id, other.id),
      limit: 1,
    });
    await tenantDb(env.DB, { tenantId: mine.tenantId }).update(
      providerKeys,
      { sealed: stolen?.sealed ?? '' },
      eq(providerKeys.id, own.id),
    );
    forgetTenantKeys(mine.tenantId);
    expect((await mine.chat()).status).toBe(500);
  });
});

describe('a new master key', () => {
  it('takes over without a stop: old wraps open until they are wrapped anew, again and again', async () => {
    const old = configOf(env);
    const rotated = {
      ...old,
      vaultMasterKey: `2:test-only-new-master-key-0123456789abcd,1:${old.vaultMasterKey}`,
    };
    const masters = await masterKeysOf(rotated);
    const key = await dataKeyOf(env.DB, 'ten_rotate', await masterKeysOf(old), systemClock);
    const sealedFor = { tenantId: 'ten_rotate', kind: 'provider_key', id: 'pvk_1', version: 1 } as const;
    const text = await seal(key, utf8('content'), sealedFor);
    const row = async () => {
      const [found] = await platformDb(env.DB)
        .select()
        .from(vaultDataKeys)
        .where(eq(vaultDataKeys.tenantId, 'ten_rotate'));
      if (found === undefined) throw new Error('no data key');
      return found;
    };
    const before = await row();
    expect(await rewrap(env.DB, 'ten_rotate', masters, before)).toBe(true);
    // One that was read before and comes late changes nothing.
    expect(await rewrap(env.DB, 'ten_rotate', masters, before)).toBe(false);
    expect(await rewrap(env.DB, 'ten_rotate', masters, await row())).toBe(false);
    expect((await row()).masterVersion).toBe(2);
    const onlyNew = { ...old, vaultMasterKey: '2:test-only-new-master-key-0123456789abcd' };
    const again = await dataKeyOf(env.DB, 'ten_rotate', await masterKeysOf(onlyNew), systemClock);
    expect(new TextDecoder().decode(await open(again, text, sealedFor))).toBe('content');
    await expect(
      dataKeyOf(env.DB, 'ten_rotate', await masterKeysOf({ ...old }), systemClock),
    ).rejects.toThrow('version 2');
    await platformDb(env.DB).delete(vaultDataKeys).where(eq(vaultDataKeys.tenantId, 'ten_rotate'));
  });

  it('comes to all tenants page by page, past those whose data key does not open, and again changes nothing', async () => {
    const old = configOf(env);
    const masters = await masterKeysOf(old);
    const tenants = ['ten_zz1', 'ten_zz2', 'ten_zz3', 'ten_zz4', 'ten_zz5'];
    for (const tenant of tenants) await dataKeyOf(env.DB, tenant, masters, systemClock);
    await tenantDb(env.DB, { tenantId: 'ten_zz2' }).update(
      vaultDataKeys,
      { wrapped: '2.AAAA.BBBB' },
      undefined,
    );
    const rotated = {
      ...old,
      vaultMasterKey: `2:test-only-new-master-key-0123456789abcd,1:${old.vaultMasterKey}`,
    };
    const log = createLogger({});
    const all = async () => {
      let [rewrapped, failed, pages] = [0, 0, 0];
      let after: string | undefined = 'ten_zz';
      do {
        const some = await rewrapSome(env.DB, rotated, log, after, 2);
        rewrapped += some.rewrapped;
        failed += some.failed;
        pages += 1;
        after = some.nextAfter ?? undefined;
      } while (after !== undefined);
      return { rewrapped, failed, pages };
    };
    expect(await all()).toEqual({ rewrapped: 4, failed: 1, pages: 3 });
    expect(await all()).toEqual({ rewrapped: 0, failed: 1, pages: 1 });
    for (const tenantId of tenants) await tenantDb(env.DB, { tenantId }).delete(vaultDataKeys, undefined);
  });

  it('is the operator’s matter', async () => {
    const operator = new Client(OPERATOR_TOKEN, '');
    const client = await newTenant();
    const path = '/v1/operator/vault/rewrap';
    expect(await (await operator.fetch(path, { body: {} })).json()).toEqual({
      object: 'rewrapped',
      rewrapped: 0,
      failed: 0,
      remaining: false,
      next_after: null,
    });
    expect((await client.fetch(path, { body: {} })).status).toBe(401);
  });
});

describe('what an isolate knows of a tenant’s keys', () => {
  /** A key that another isolate has saved: a row, and nothing that this one was told. */
  async function savedElsewhere(tenantId: string): Promise<string> {
    const masters = await masterKeysOf(configOf(env));
    const dataKey = await dataKeyOf(env.DB, tenantId, masters, systemClock);
    const id = `pvk_${crypto.randomUUID()}`;
    const sealedFor = { tenantId, kind: 'provider_key', id, version: 1 } as const;
    const settings = JSON.stringify({ OPENAI_API_KEY: SECRET, OPENAI_BASE_URL: LOCAL });
    await tenantDb(env.DB, { tenantId }).insert(providerKeys, [
      {
        id,
        provider: 'openai',
        name: 'Mine',
        sealed: await seal(dataKey, utf8(settings), sealedFor),
        preview: '',
        priority: 1,
        createdAt: 0,
        updatedAt: 0,
      },
    ]);
    return id;
  }

  it('is at most five seconds old where there are keys: one that was taken away elsewhere is not used any more', async () => {
    const { created, tenantId } = await setUp();
    const { id } = await created();
    let now = Date.now();
    const clock = { now: () => now };
    expect((await keysOf(tenantId, { clock })).providers).toEqual(['openai']);
    await tenantDb(env.DB, { tenantId }).delete(providerKeys, eq(providerKeys.id, id));
    now += 5_000;
    expect((await keysOf(tenantId, { clock })).providers).toEqual([]);
  });

  it('is read beside the answer where there are none, and before it after a minute: the first key is found', async () => {
    const { tenantId } = await setUp();
    let now = Date.now();
    const clock = { now: () => now };
    const beside: Promise<unknown>[] = [];
    const waitUntil = (work: Promise<unknown>) => void beside.push(work);
    const providers = async () => (await keysOf(tenantId, { clock, waitUntil })).providers;
    expect(await providers()).toEqual([]);
    await savedElsewhere(tenantId);
    now += 4_999;
    expect([await providers(), beside.length]).toEqual([[], 0]);
    now += 1;
    expect([await providers(), beside.length]).toEqual([[], 1]);
    await Promise.all(beside);
    expect(await providers()).toEqual(['openai']);

    const other = await setUp();
    const others = async () => (await keysOf(other.tenantId, { clock, waitUntil })).providers;
    expect(await others()).toEqual([]);
    await savedElsewhere(other.tenantId);
    now += 60_000;
    expect(await others()).toEqual(['openai']);
  });

  it('does not pass for none while the database is away, and who had none is served all the same', async () => {
    const [mine, none] = [await setUp(), await setUp()];
    await mine.created();
    let now = Date.now();
    const clock = { now: () => now };
    for (const { tenantId } of [mine, none]) await keysOf(tenantId, { clock });
    const away = { ...env, DB: { prepare: () => raise('the database is away') } as unknown as D1Database };
    now += 60_000;
    await expect(keysOf(mine.tenantId, { clock, env: away })).rejects.toMatchObject({ code: 'unavailable' });
    expect((await keysOf(none.tenantId, { clock, env: away })).providers).toEqual([]);
  });
});

function raise(message: string): never {
  throw new Error(message);
}

function keysOf(tenantId: string, changes: Partial<TenantKeysContext> = {}) {
  return tenantKeysOf(
    {
      env,
      config: configOf(env),
      clock: systemClock,
      log: createLogger({}),
      waitUntil: (work) => void work.catch(() => undefined),
      ...changes,
    },
    { tenantId, userId: null, requestId: null, reason: 'call' },
  );
}
