import { env } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { newTenant, problemOf } from '../../../test/worker/client.ts';
import type { VaultSecretView, VaultView } from '../../contracts/vault.ts';
import { configOf } from '../../env.ts';
import { systemClock } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { createLogger } from '../../platform/log.ts';
import { openSecret, type SecretUse } from './index.ts';
import { vaultSecrets, vaults } from './schema.ts';

const VALUE = 'whsec_THIS-IS-THE-VALUE-0123456789';

async function setUp() {
  const client = await newTenant();
  const { tenantId } = client;
  const db = tenantDb(env.DB, { tenantId });
  const vault = await (await client.fetch('/v1/vaults', { body: { name: 'Webhooks' } })).json<VaultView>();
  const put = (body: object = {}, headers: Record<string, string> = {}, vaultId = vault.id) =>
    client.fetch(`/v1/vaults/${vaultId}/secrets`, {
      body: { name: 'stripe', value: VALUE, ...body },
      headers,
    });
  const opened = (use: Partial<SecretUse> = {}) =>
    openSecret(
      {
        env,
        config: configOf(env),
        clock: systemClock,
        log: createLogger({}),
        waitUntil: (work) => void work.catch(() => undefined),
      },
      {
        tenantId,
        userId: null,
        requestId: 'req_1',
        reason: 'webhook',
        vaultId: vault.id,
        name: 'stripe',
        ...use,
      },
    );
  return { client, tenantId, db, vault, put, opened };
}

describe('a named vault', () => {
  it('keeps a value that no route gives back, and that the platform opens', async () => {
    const { client, db, vault, put, opened } = await setUp();
    const made = await put();
    expect(made.status).toBe(201);
    const secret = await made.json<VaultSecretView>();
    expect(secret).toMatchObject({ name: 'stripe', version: 1, status: 'active', preview: '••••••••6789' });
    const path = `/v1/vaults/${vault.id}/secrets/${secret.id}`;
    const said = [
      JSON.stringify(secret),
      await (await client.fetch(path)).text(),
      await (await client.fetch(`/v1/vaults/${vault.id}/secrets`)).text(),
      await (await client.fetch('/v1/vaults')).text(),
      await (await client.fetch('/v1/audit')).text(),
      JSON.stringify(await db.select(vaultSecrets, { limit: 5 })),
    ].join('\n');
    expect(said).toContain(secret.id);
    expect(said).not.toContain('THIS-IS-THE-VALUE');
    expect(await opened()).toBe(VALUE);
  });

  it('says in the access log for which request and why a value was opened', async () => {
    const { client, put, opened } = await setUp();
    const { id } = await (await put()).json<VaultSecretView>();
    await opened();
    await opened();
    await opened({ requestId: 'req_2' });
    const read = async () =>
      (await (await client.fetch('/v1/vault/access')).json<{ data: Record<string, unknown>[] }>()).data;
    await expect.poll(async () => (await read()).length, { timeout: 5_000 }).toBe(2);
    expect(
      (await read()).map(({ object_id, reason, request_id, times }) => [
        object_id,
        reason,
        request_id,
        times,
      ]),
    ).toEqual(
      expect.arrayContaining([
        [id, 'webhook', 'req_1', 2],
        [id, 'webhook', 'req_2', 1],
      ]),
    );
    // Page by page the same.
    const first = await (await client.fetch('/v1/vault/access?limit=1')).json<{
      data: { id: string }[];
      has_more: boolean;
      next_cursor: string;
    }>();
    expect(first.has_more).toBe(true);
    const second = await (await client.fetch(`/v1/vault/access?limit=1&cursor=${first.next_cursor}`)).json<{
      data: { id: string }[];
      has_more: boolean;
    }>();
    expect(second.has_more).toBe(false);
    expect(second.data[0]?.id).not.toBe(first.data[0]?.id);
  });

  it('opens the new value at once after a rotation, and nothing after its end or deletion', async () => {
    const { client, vault, put, opened } = await setUp();
    const { id } = await (await put()).json<VaultSecretView>();
    const path = `/v1/vaults/${vault.id}/secrets/${id}`;
    const rotated = await client.fetch(`${path}/rotate`, { body: { value: 'short' } });
    expect(await rotated.json()).toMatchObject({ id, version: 2, preview: '••••••••••••' });
    expect(await opened()).toBe('short');
    const past = new Date(Date.now() - 1_000).toISOString();
    const ended = await client.fetch(`${path}/rotate`, { body: { value: 'short', expires_at: past } });
    expect(await ended.json()).toMatchObject({ status: 'expired', version: 3 });
    expect(await opened()).toBeNull();
    expect((await client.fetch(path, { method: 'DELETE' })).status).toBe(200);
    expect(await opened()).toBeNull();
    expect((await client.fetch(path)).status).toBe(404);
  });

  it('takes of two rotations at once one after the other, or refuses one: what is sealed and its version agree', async () => {
    const { client, vault, put, opened } = await setUp();
    const { id } = await (await put()).json<VaultSecretView>();
    const path = `/v1/vaults/${vault.id}/secrets/${id}`;
    const values = Array.from({ length: 6 }, (_, index) => `value-${index}`);
    const statuses = await Promise.all(
      values.map(async (value) => (await client.fetch(`${path}/rotate`, { body: { value } })).status),
    );
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    const { version } = await (await client.fetch(path)).json<VaultSecretView>();
    expect(version).toBe(1 + statuses.filter((status) => status === 200).length);
    expect(values).toContain(await opened());
  });

  it.each([
    [
      'an older value in the place of the present one',
      (db: Db, id: string, old: Row) =>
        db.update(vaultSecrets, { sealed: old.sealed }, eq(vaultSecrets.id, id)),
    ],
    [
      'another version than was sealed',
      (db: Db, id: string) => db.update(vaultSecrets, { version: 7 }, eq(vaultSecrets.id, id)),
    ],
  ])('does not open %s', async (_, tamper) => {
    const { client, db, vault, put, opened } = await setUp();
    const { id } = await (await put()).json<VaultSecretView>();
    const [old] = await db.select(vaultSecrets, { limit: 1 });
    if (old === undefined) throw new Error('no secret');
    await client.fetch(`/v1/vaults/${vault.id}/secrets/${id}/rotate`, { body: { value: 'the next one' } });
    expect(await opened()).toBe('the next one');
    await tamper(db, id, old);
    await expect(opened()).rejects.toThrow('changed, moved');
  });

  it('does not open a value that was moved to another secret or another tenant', async () => {
    const [mine, theirs] = [await setUp(), await setUp()];
    const own = await (await mine.put()).json<VaultSecretView>();
    await mine.put({ name: 'other', value: 'another value' });
    await theirs.put();
    const [stolen] = await theirs.db.select(vaultSecrets, { limit: 1 });
    const other = await mine.db.first(vaultSecrets, eq(vaultSecrets.name, 'other'));
    for (const sealed of [stolen?.sealed, other?.sealed]) {
      await mine.db.update(vaultSecrets, { sealed: sealed ?? '' }, eq(vaultSecrets.id, own.id));
      await expect(mine.opened()).rejects.toThrow('changed, moved');
    }
  });

  it('shows nothing to a stranger, who cannot reach a secret through a vault of theirs either', async () => {
    const [mine, theirs] = [await setUp(), await setUp()];
    const { id } = await (await mine.put()).json<VaultSecretView>();
    for (const vaultId of [mine.vault.id, theirs.vault.id]) {
      const path = `/v1/vaults/${vaultId}/secrets/${id}`;
      expect((await theirs.client.fetch(path)).status).toBe(404);
      expect((await theirs.client.fetch(path, { method: 'DELETE' })).status).toBe(404);
      expect((await theirs.client.fetch(`${path}/rotate`, { body: { value: 'mine now' } })).status).toBe(404);
    }
    expect((await theirs.put({}, {}, mine.vault.id)).status).toBe(404);
    expect(await theirs.opened({ vaultId: mine.vault.id })).toBeNull();
    expect(await mine.opened()).toBe(VALUE);
  });

  it('is made once for an idempotency key, secrets too, and says nothing of a value in what it remembers', async () => {
    const { client, db, put } = await setUp();
    const header = { 'idempotency-key': 'k1' };
    const make = (name: string) => client.fetch('/v1/vaults', { body: { name }, headers: header });
    const first = await (await make('Twice')).json<VaultView>();
    expect(await (await make('Twice')).json()).toEqual(first);
    expect((await make('Other')).status).toBe(422);
    const secret = await (await put({}, header)).json<VaultSecretView>();
    expect(await (await put({}, header)).json()).toEqual(secret);
    expect((await put({ value: 'another value' }, header)).status).toBe(422);
    expect(await db.select(vaultSecrets, { limit: 5 })).toHaveLength(1);
    const entries = await (await client.fetch('/v1/audit')).json<{ data: { action: string }[] }>();
    expect(entries.data.filter(({ action }) => action === 'vault_secret.created')).toHaveLength(1);
  });

  it('refuses what is wrong, and keeps nothing of it', async () => {
    const { client, db, put, vault } = await setUp();
    await put();
    expect(await problemOf(await put())).toBe('409 conflict name');
    expect(await problemOf(await client.fetch('/v1/vaults', { body: { name: 'Webhooks' } }))).toBe(
      '409 conflict name',
    );
    for (const body of [{ name: '' }, { name: 'with space' }, { name: 'x'.repeat(101) }, { value: '' }])
      expect((await put({ ...body })).status).toBe(422);
    expect((await client.fetch('/v1/vaults?cursor=nonsense')).status).toBe(422);
    expect((await client.fetch(`/v1/vaults/${vault.id}/secrets?cursor=nonsense`)).status).toBe(422);
    expect(await db.select(vaultSecrets, { limit: 5 })).toHaveLength(1);
    expect(await db.select(vaults, { limit: 5 })).toHaveLength(1);
  });

  it('goes with all that is in it, and what is put there meanwhile goes too', async () => {
    const { client, db, put, vault } = await setUp();
    await put();
    const [gone, ...puts] = await Promise.all([
      client.fetch(`/v1/vaults/${vault.id}`, { method: 'DELETE' }),
      ...Array.from({ length: 5 }, (_, index) => put({ name: `late-${index}` })),
    ]);
    expect(gone?.status).toBe(200);
    expect(puts.every(({ status }) => status === 201 || status === 404)).toBe(true);
    expect(await db.select(vaultSecrets, { limit: 5 })).toEqual([]);
    expect(await db.select(vaults, { limit: 5 })).toEqual([]);
  });
});

type Db = ReturnType<typeof tenantDb>;
type Row = typeof vaultSecrets.$inferSelect;
