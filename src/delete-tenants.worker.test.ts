import { env } from 'cloudflare:test';
import { is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { continueDeletions, ERASED_OBJECTS } from './delete-tenants.ts';
import { configOf } from './env.ts';
import { tenantTables } from './features/identity/index.ts';
import {
  keyOf,
  memberOf,
  meWith,
  somebody,
  tenantOf,
} from './features/identity/people-and-tenants.fixture.ts';
import {
  LAST_SWEEP_AFTER_MS,
  leaveAllTenants,
  POINTING_TABLES,
} from './features/identity/tenant-deletion.ts';
import { systemClock } from './platform/clock.ts';
import { createLogger } from './platform/log.ts';

/** Tables that belong to no tenant, and whose they are. A table that is in neither group makes the first test fail. */
const NO_TENANTS: Readonly<Record<string, string>> = {
  stripe_events: 'what Stripe told us, as it told it: records of payments',
  billing_flags: 'payments that could be put to nobody, for operators',
  stripe_cursor: 'how far Stripe’s list was read',
  reconciliation_walk: 'how far the walk over all tenants has come',
  tenants: 'tenants themselves; the row goes last',
  tenant_deletions: 'what is left of a tenant',
  opening_credits: 'people, who begin with credit once in a life',
  sign_up_codes: 'people',
  referred_people: 'people, who bring a bonus once in a life',
  users: 'people',
  accounts: 'people',
  verifications: 'people',
  two_factors: 'people',
  passkeys: 'people',
  sign_in_attempts: 'people',
  sign_in_challenges: 'people',
  security_events: 'people',
  credential_places: 'people',
  dev_mails: 'the local outbox',
  catalog_models: 'the platform',
  routing_hours: 'sums over all tenants',
  routing_figures: 'sums over all tenants',
  routing_lengths: 'sums over all tenants',
  dead_letters: 'operators, until they are written back',
};

// @ts-expect-error Vite's own: it puts the modules here, also those that are new.
const modules: Record<string, Record<string, unknown>> = import.meta.glob(
  ['./features/*/schema.ts', './features/*/*/schema.ts', './platform/*/schema.ts'],
  { eager: true },
);

function isTable(value: unknown): value is SQLiteTable {
  return is(value, SQLiteTable);
}

const tables = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter(isTable)
  .map((table) => getTableConfig(table));
const owned = tables.filter(({ columns }) => columns.some(({ name }) => name === 'tenant_id'));

const log = createLogger({ test: 'deletion' });
const later = { now: () => systemClock.now() + LAST_SWEEP_AFTER_MS };

async function countOf(table: string, tenantId: string): Promise<number> {
  const row = await env.DB.prepare(`SELECT count(*) AS n FROM "${table}" WHERE tenant_id = ?`)
    .bind(tenantId)
    .first<{ n: number }>();
  return row?.n ?? -1;
}

/** A row of a tenant in a table, whatever the table is: each column that must have a value gets one. */
async function fill(name: string, tenantId: string): Promise<void> {
  const { results } = await env.DB.prepare(`SELECT * FROM pragma_table_info('${name}')`).all<{
    name: string;
    type: string;
    notnull: number;
    dflt_value: string | null;
  }>();
  const given = results.filter((column) => column.notnull === 1 || column.name === 'tenant_id');
  const values = given.map(({ name: column, type }) =>
    column === 'tenant_id' ? tenantId : /int/i.test(type) ? Date.now() : `["${crypto.randomUUID()}"]`,
  );
  const columns = given.map((column) => `"${column.name}"`).join(', ');
  await env.DB.prepare(`INSERT INTO "${name}" (${columns}) VALUES (${given.map(() => '?').join(', ')})`)
    .bind(...values)
    .run();
}

describe('deleting a tenant', () => {
  it('knows every table of the schema: each is a tenant’s, or says whose it is', async () => {
    const names = tables.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !owned.some((one) => one.name === name) && !(name in NO_TENANTS))).toEqual(
      [],
    );
    expect((await tenantTables(env.DB)).sort()).toEqual(owned.map(({ name }) => name).sort());
  });

  it('knows every kind of Durable Object', () => {
    const objects = Object.entries(env)
      .filter(([, binding]) => (binding as object)?.constructor.name === 'DurableObjectNamespace')
      .map(([name]) => name);
    expect(objects.length).toBeGreaterThan(3);
    expect([...ERASED_OBJECTS].sort()).toEqual(objects.sort());
  });

  it('leaves no row of it in any table, and every row of its neighbour', async () => {
    const [owner, neighbour] = [await somebody(), await somebody()];
    const [id, other] = [await tenantOf(owner), await tenantOf(neighbour)];
    const member = await memberOf(owner, id);
    const { key, id: keyId } = await keyOf(member);
    const free = owned.filter(({ foreignKeys }) => foreignKeys.length === 0).map(({ name }) => name);
    for (const name of free) for (const tenant of [id, other]) await fill(name, tenant);
    const before = new Map<string, number>();
    for (const { name } of owned) before.set(name, await countOf(name, other));

    const wrong = await owner.browser.ask('DELETE', `/v1/tenants/${id}`, { body: { name: 'Acne' } });
    expect(wrong.status).toBe(422);
    const begun = await owner.browser.ask('DELETE', `/v1/tenants/${id}`, { body: { name: 'Acme' } });
    expect([begun.status, begun.body.status]).toEqual([202, 'under_way']);
    // Nobody gets in any more, before anything was swept.
    expect(await meWith(key)).toBe('401 revoked');
    expect((await member.browser.get('/v1/members')).status).toBe(403);

    await continueDeletions(env, systemClock, log);
    for (const { name } of owned) expect([name, await countOf(name, id)]).toEqual([name, 0]);
    for (const { name } of owned)
      expect([name, await countOf(name, other)]).toEqual([name, before.get(name)]);
    // The people are still there, signed in, in their other tenants.
    expect((await member.browser.get('/v1/tenants')).body.data).toHaveLength(1);
    expect((await owner.browser.get('/v1/session')).body.person.id).toBe(owner.userId);
    const limiter = env.USER_LIMITER.getByName(member.userId);
    expect(await limiter.revokeKey(keyId)).toMatchObject({ error: { code: 'not_found' } });
  });

  it('sweeps once more an hour later, and is done then', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    await owner.browser.ask('DELETE', `/v1/tenants/${id}`, { body: { name: 'Acme' } });
    await continueDeletions(env, systemClock, log);
    // What a queue brought late.
    await fill('runs', id);
    const row = () =>
      env.DB.prepare('SELECT finished_at, member_ids FROM tenant_deletions WHERE id = ?').bind(id).first();
    expect(await row()).toMatchObject({ finished_at: null });
    await continueDeletions(env, later, log);
    expect(await countOf('runs', id)).toBe(0);
    expect(await row()).toEqual({ finished_at: expect.any(Number), member_ids: '[]' });
    expect(await env.DB.prepare('SELECT 1 FROM tenants WHERE id = ?').bind(id).first()).toBeNull();
  });

  it('erases its ledger', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const ledger = env.TENANT_LEDGER.getByName(id);
    const credit = {
      tenantId: id,
      id: 'test:1',
      type: 'bonus',
      bucket: 'bonus',
      amount: 5_000_000_000,
      expiresAt: null,
      reference: { type: 'test', id: '1' },
      reason: 'A gift.',
    } as const;
    await ledger.credit(credit);
    const balance = async () => {
      const standing = await ledger.standing(id);
      return standing.ok ? standing.value.balance : -1;
    };
    const rich = await balance();
    await owner.browser.ask('DELETE', `/v1/tenants/${id}`, { body: { name: 'Acme' } });
    await continueDeletions(env, systemClock, log);
    expect(await balance()).toBe(rich - credit.amount);
  });

  it('goes on where it stopped: one that fails does not hold up the others', async () => {
    const owner = await somebody();
    const [first, second] = [await tenantOf(owner, 'First'), await tenantOf(owner, 'Second')];
    await owner.browser.ask('DELETE', `/v1/tenants/${second}`, { body: { name: 'Second' } });
    await env.DB.prepare('UPDATE tenant_deletions SET member_ids = \'["nobody", 1]\' WHERE id = ?')
      .bind(second)
      .run();
    await owner.browser.post('/v1/session/tenant', { tenant_id: first });
    await owner.browser.ask('DELETE', `/v1/tenants/${first}`, { body: { name: 'First' } });
    await continueDeletions(env, later, log);
    const open = await env.DB.prepare(
      'SELECT id FROM tenant_deletions WHERE finished_at IS NULL AND id IN (?, ?)',
    )
      .bind(first, second)
      .all<{ id: string }>();
    expect(open.results.map(({ id }) => id)).not.toContain(first);
  });
});

describe('somebody who deletes their account', () => {
  const context = { env, config: configOf(env), clock: systemClock };

  it('must first hand over what others belong to, and until then nothing changes', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const member = await memberOf(owner, id);
    await expect(leaveAllTenants(context, owner.userId)).rejects.toMatchObject({
      code: 'conflict',
      details: { tenant_ids: [id] },
    });
    expect((await owner.browser.get('/v1/tenants')).body.data).toHaveLength(2);
    await owner.browser.post(`/v1/tenants/${id}/transfer`, { user_id: member.userId });
    await leaveAllTenants(context, owner.userId);
    expect(
      await env.DB.prepare('SELECT 1 FROM members WHERE user_id = ?').bind(owner.userId).first(),
    ).toBeNull();
    expect((await member.browser.get('/v1/members')).body.data).toMatchObject([{ role: 'owner' }]);
  });

  it('takes along the tenants that are theirs alone, and their keys', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const { key } = await keyOf(owner);
    await leaveAllTenants(context, owner.userId);
    expect(await meWith(key)).toBe('401 revoked');
    await continueDeletions(env, later, log);
    expect(await env.DB.prepare('SELECT 1 FROM tenants WHERE id = ?').bind(id).first()).toBeNull();
    expect(await countOf('api_keys', id)).toBe(0);
  });
});

it('a session only points to a tenant: it is emptied, not deleted', () => {
  expect([...POINTING_TABLES]).toEqual(['sessions']);
});
