import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { Client, newTenant, OPERATOR_TOKEN } from '../../../test/worker/client.ts';
import type { AuditEntryView } from '../../contracts/audit.ts';
import type { Principal } from '../../contracts/principal.ts';
import { configOf } from '../../env.ts';
import { systemClock } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { createLogger } from '../../platform/log.ts';
import { type AuditContext, auditEntries, callAuditChain, consumeAudit, recordAudit } from './index.ts';
import { verifyAudit } from './verify.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A tenant with a chain of its own, and a way to record in it without a request. */
async function setUp() {
  const client = await newTenant();
  const { tenantId } = client;
  const principal: Principal = {
    tenantId,
    userId: 'usr_test',
    role: 'owner',
    via: 'session',
    scopes: [],
  };
  const chain = () => env.AUDIT_CHAIN.getByName(tenantId);
  const record = (action: string, changes: Partial<AuditContext> = {}, more: object = {}) =>
    recordAudit(
      { env, clock: systemClock, log: createLogger({}), principal, userAgent: 'test', ...changes },
      { action, object: { type: 'thing', id: 'thing_1' }, ...more },
    );
  const list = async (query = '') =>
    (await (await client.fetch(`/v1/audit${query}`)).json()) as {
      data: AuditEntryView[];
      next_cursor: string | null;
    };
  /** Waits until the copy has all that the chain has. */
  const copied = () =>
    expect
      .poll(
        async () => {
          const { head, copied: upTo } = await callAuditChain(env, tenantId, (one) => one.ends(tenantId));
          return (head?.seq ?? 0) - upTo;
        },
        { timeout: 5_000 },
      )
      .toBe(0);
  const verify = async () =>
    (await (await client.fetch('/v1/audit/verify')).json()) as {
      intact: boolean;
      checked: { from: number; to: number };
      faults: { number: number; kind: string; where: string }[];
      checkpoint: unknown;
    };
  return { client, tenantId, principal, chain, record, list, copied, verify };
}

describe('GET /v1/audit', () => {
  it('lists what was done, newest first, paged and filtered', async () => {
    const { record, list, copied } = await setUp();
    await record('thing.made', {}, { after: { name: 'a' } });
    await record('thing.renamed', { requestId: 'req_1' }, { before: { name: 'a' }, after: { name: 'b' } });
    await record('other.made', {}, { object: { type: 'other', id: '2' }, risk: 80 });
    await copied();
    const { data } = await list();
    expect(data.slice(0, 3).map(({ action }) => action)).toEqual([
      'other.made',
      'thing.renamed',
      'thing.made',
    ]);
    expect(data[1]).toMatchObject({
      object: 'audit_entry',
      actor: { type: 'user', id: 'usr_test', user_id: 'usr_test' },
      target: { type: 'thing', id: 'thing_1' },
      changed: ['name'],
      request_id: 'req_1',
      user_agent: 'test',
      risk: null,
    });
    expect(data[1]?.previous).toBe(data[2]?.hash);
    const first = await list('?limit=1');
    expect(first.data).toEqual([data[0]]);
    expect((await list(`?limit=1&cursor=${first.next_cursor}`)).data).toEqual([data[1]]);
    const actions = async (query: string) => (await list(query)).data.map(({ action }) => action);
    expect(await actions('?action=thing.*')).toEqual(['thing.renamed', 'thing.made']);
    expect(await actions('?target_type=other&target_id=2')).toEqual(['other.made']);
    expect(await actions('?min_risk=50')).toEqual(['other.made']);
    expect(await actions(`?user_id=usr_test&from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual(
      [],
    );
  });

  it('never shows another tenant’s, whatever is asked', async () => {
    const [mine, theirs] = await Promise.all([setUp(), setUp()]);
    await theirs.record('secret.done');
    await theirs.copied();
    const queries = ['', '?action=secret.done', '?user_id=usr_test', '?target_id=thing_1', '?cursor=999'];
    for (const query of queries)
      expect((await mine.list(query)).data.filter(({ action }) => action === 'secret.done')).toEqual([]);
    const exported = await mine.client.fetch('/v1/audit/export?format=jsonl');
    expect(await exported.text()).not.toContain('secret.done');
  });

  it.each(['?cursor=x', '?limit=0', '?from=yesterday', '?action=%25*', '?min_risk=101'])(
    'refuses %s',
    async (query) => {
      const { client } = await setUp();
      expect((await client.fetch(`/v1/audit${query}`)).status).toBe(422);
    },
  );
});

describe('a chain', () => {
  it('goes on through evictions, and an entry that comes twice is one', async () => {
    const { tenantId, chain, record, verify, copied } = await setUp();
    await record('a.done');
    await evictDurableObject(chain());
    await record('b.done');
    const [first] = await callAuditChain(env, tenantId, (one) => one.entries(tenantId, 0, 1));
    if (first === undefined) throw new Error('nothing was recorded');
    await callAuditChain(env, tenantId, (one) => one.append(tenantId, [first]));
    await copied();
    const found = await verify();
    expect(found).toMatchObject({ intact: true, faults: [] });
    expect(found.checked.to).toBeGreaterThanOrEqual(2);
  });

  it('is copied by its alarm when the machine stopped before it could be', async () => {
    const { tenantId, chain, record, list, copied } = await setUp();
    await record('a.done');
    await copied();
    // As it stands when the machine stops between the entry and its copy.
    await tenantDb(env.DB, { tenantId }).delete(auditEntries, undefined);
    await runInDurableObject(chain(), async (_object, state) => {
      state.storage.sql.exec('UPDATE chain SET copied = 0');
      await state.storage.setAlarm(Date.now() + 60_000);
    });
    await evictDurableObject(chain());
    expect((await list()).data).toEqual([]);
    expect(await runDurableObjectAlarm(chain())).toBe(true);
    expect((await list()).data.map(({ action }) => action)).toContain('a.done');
  });

  it('whose entry was changed in its own database is found out', async () => {
    const { chain, record, verify, copied } = await setUp();
    for (const action of ['a.done', 'b.done', 'c.done']) await record(action);
    await copied();
    await runInDurableObject(chain(), (_object, state) => {
      state.storage.sql.exec("UPDATE entries SET entry = replace(entry, 'b.done', 'x.done')");
    });
    const { intact, faults } = await verify();
    expect(intact).toBe(false);
    expect(faults).toMatchObject([{ kind: 'changed', where: 'chain' }]);
  });

  it('whose end was cut off is found out', async () => {
    const { chain, record, verify } = await setUp();
    for (const action of ['a.done', 'b.done']) await record(action);
    await runInDurableObject(chain(), (_object, state) => {
      state.storage.sql.exec('DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)');
    });
    expect((await verify()).faults).toMatchObject([{ kind: 'cut_off', where: 'chain' }]);
  });

  it('whose copy was changed is found out, and the operator writes the copy anew', async () => {
    const { client, tenantId, record, verify, copied } = await setUp();
    for (const action of ['a.done', 'b.done']) await record(action);
    await copied();
    await tenantDb(env.DB, { tenantId }).update(auditEntries, { action: 'x.done' }, undefined);
    const { faults } = await verify();
    expect(faults[0]).toMatchObject({ number: 1, kind: 'changed', where: 'copy' });
    const operator = new Client(OPERATOR_TOKEN, tenantId);
    const path = `/v1/operator/tenants/${tenantId}/audit/copy`;
    expect((await operator.fetch(path, { method: 'POST' })).status).toBe(200);
    expect((await client.fetch(path, { method: 'POST' })).status).toBe(401);
    expect(await verify()).toMatchObject({ intact: true });
  });

  it('is deleted up to its retention and no further, under a seal, and the rest still passes', async () => {
    const { record, principal } = await setUp();
    // A tenant of which nothing else was recorded before.
    const tenantId = newId('tenant');
    const chain = () => env.AUDIT_CHAIN.getByName(tenantId);
    const own = { principal: { ...principal, tenantId } };
    const actions = async () =>
      (await tenantDb(env.DB, { tenantId }).select(auditEntries, { limit: 10 })).map(({ action }) => action);
    const change = (settings: object) =>
      callAuditChain(env, tenantId, (one) => one.changeSettings(tenantId, settings));
    const old = { now: () => Date.now() - 100 * DAY_MS };
    for (const action of ['a.done', 'b.done']) await record(action, { ...own, clock: old });
    await record('c.done', own);
    // Came late through the queue: it is old, and stands among the young.
    await record('d.done', { ...own, clock: old });
    await expect.poll(actions, { timeout: 5_000 }).toHaveLength(4);

    await change({ retentionDays: 90, legalHold: true });
    await runDurableObjectAlarm(chain());
    expect(await actions()).toHaveLength(4);

    await change({ legalHold: false });
    await runDurableObjectAlarm(chain());
    expect(await actions()).toEqual(['c.done', 'd.done']);
    expect(await verifyAudit(env, configOf(env), tenantId, undefined)).toMatchObject({
      intact: true,
      checked: { from: 3, to: 4 },
      checkpoint: { number: 2 },
    });
  });

  it('whose checkpoint was moved is found out', async () => {
    const { chain, record, verify, copied } = await setUp();
    for (const action of ['a.done', 'b.done', 'c.done']) await record(action);
    await copied();
    await runInDurableObject(chain(), (_object, state) => {
      state.storage.sql.exec(
        'UPDATE chain SET checkpoint_seq = 2, checkpoint_hash = (SELECT hash FROM entries WHERE seq = 2), checkpoint_seal = head_seal; DELETE FROM entries WHERE seq <= 2',
      );
    });
    expect((await verify()).faults).toMatchObject([{ kind: 'bad_seal', where: 'chain' }]);
  });
});

describe('an entry whose chain cannot be reached', () => {
  const away = {
    getByName: () => {
      throw Object.assign(new Error('overloaded'), { overloaded: true });
    },
  } as unknown as Env['AUDIT_CHAIN'];

  it('goes through the queue and takes its place later, once', async () => {
    const { tenantId, record, list } = await setUp();
    await record('late.done', { env: { ...env, AUDIT_CHAIN: away } });
    await expect.poll(async () => (await list('?action=late.done')).data.length, { timeout: 30_000 }).toBe(1);
    expect((await list('?action=late.done')).data).toHaveLength(1);
    const entries = await callAuditChain(env, tenantId, (one) => one.entries(tenantId, 0, 10));
    const entry = entries.find(({ action }) => action === 'late.done');
    const body = { version: 1, tenantId, entry };
    const outcome: string[] = [];
    const message = {
      id: newId('request'),
      body,
      ack: () => outcome.push('ack'),
      retry: () => outcome.push('retry'),
    };
    await consumeAudit(env, [message, { ...message, body: { version: 2 } }], createLogger({}));
    expect(outcome).toEqual(['ack', 'retry']);
    expect((await list('?action=late.done')).data).toHaveLength(1);
  });

  it('and no queue either, fails nothing of what was done', async () => {
    const { record } = await setUp();
    const queue = {
      send: async () => {
        throw new Error('the queue is away');
      },
    } as unknown as Env['AUDIT_QUEUE'];
    await expect(
      record('lost.done', { env: { AUDIT_CHAIN: away, AUDIT_QUEUE: queue } }),
    ).resolves.toBeUndefined();
  });
});

describe('the settings of a chain', () => {
  it('are for owners at a browser: an API key reads them and changes nothing', async () => {
    const { client } = await setUp();
    expect(await (await client.fetch('/v1/audit/settings')).json()).toMatchObject({
      retention_days: null,
      legal_hold: false,
    });
    const changed = await client.fetch('/v1/audit/settings', {
      method: 'PATCH',
      body: { retention_days: 30 },
    });
    expect(changed.status).toBe(403);
  });
});

describe('GET /v1/audit/export', () => {
  it('streams all that fits, and is recorded itself', async () => {
    const { client, record, list, copied } = await setUp();
    await record('a.done', { userAgent: '=cmd|calc' });
    await copied();
    const response = await client.fetch('/v1/audit/export?action=a.done');
    expect(response.headers.get('content-type')).toContain('text/csv');
    const lines = (await response.text()).split('\r\n');
    expect(lines[0]).toContain('number,created_at,id,actor_type');
    expect(lines[1]).toContain("'=cmd|calc");
    expect(lines).toHaveLength(3);
    await expect
      .poll(async () => (await list('?action=audit.exported')).data.length, { timeout: 5_000 })
      .toBe(1);
  });
});
