import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { asc } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { tenantDb } from '../../../platform/db.ts';
import { unwrap } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { createLogger } from '../../../platform/log.ts';
import type { QueueMessage } from '../../../platform/queue.ts';
import { keepDeadLetters } from '../dead-letters.ts';
import type { LedgerTransaction } from '../ledger-operations.ts';
import { consumeLedger, mirrorRow } from './consume-ledger.ts';
import { ledgerTransactions } from './schema.ts';

const quiet = createLogger({}, () => undefined);

function setUp() {
  const tenantId = newId('tenant');
  const ledger = () => env.TENANT_LEDGER.getByName(tenantId);
  const spend = (...calls: string[]) =>
    ledger().sync({
      tenantId,
      leaseId: 'lease_a',
      settlements: calls.map((callId) => ({ callId, cost: 3 })),
      held: 0,
      needed: 0,
      wanted: 0,
    });
  const mirror = () =>
    tenantDb(env.DB, { tenantId }).select(ledgerTransactions, {
      where: undefined,
      orderBy: asc(ledgerTransactions.seq),
      limit: 1_000,
    });
  const truth = async () =>
    [...unwrap(await ledger().transactions(tenantId, null, 1_000))]
      .reverse()
      .map((transaction) => mirrorRow(tenantId, transaction));
  const transaction = (seq: number): LedgerTransaction => ({
    seq,
    id: `call_${seq}`,
    at: 5,
    type: 'usage',
    amount: -3,
    short: 1,
    balanceAfter: 100,
    buckets: { 'odd "bucket"': -3 },
    reference: { type: 'call', id: `call_${seq}` },
    reason: 'A “model” call',
  });
  return { tenantId, ledger, spend, mirror, truth, transaction };
}

function message(body: unknown) {
  const done: string[] = [];
  const one: QueueMessage = {
    id: crypto.randomUUID(),
    body,
    ack: () => done.push('ack'),
    retry: () => done.push('retry'),
  };
  return { one, done };
}

describe('the mirror of a ledger', () => {
  it('has every transaction about a second later, by itself', async () => {
    const { spend, mirror, truth } = setUp();
    await spend('call_1', 'call_2');
    await spend('call_2', 'call_3');
    await expect.poll(async () => (await mirror()).length, { timeout: 30_000 }).toBe(4);
    expect(await mirror()).toEqual(await truth());
  });

  it('loses nothing of a ledger that is evicted before it sent, and nothing twice of one that sends again', async () => {
    const { ledger, spend, mirror, truth } = setUp();
    await spend('call_1');
    await evictDurableObject(ledger());
    await runDurableObjectAlarm(ledger());
    await expect.poll(async () => (await mirror()).length, { timeout: 30_000 }).toBe(2);
    // As after a machine that stopped between the queue's taking it and our writing so down.
    await spend('call_2');
    await runInDurableObject(ledger(), (_object, state) => {
      state.storage.sql.exec('UPDATE ledger SET mirrored = 0');
    });
    await evictDurableObject(ledger());
    await runDurableObjectAlarm(ledger());
    await expect.poll(async () => (await mirror()).length, { timeout: 30_000 }).toBe(3);
    expect(await mirror()).toEqual(await truth());
    await runInDurableObject(ledger(), (_object, state) => {
      expect(state.storage.sql.exec('SELECT mirrored FROM ledger').one()).toEqual({ mirrored: 3 });
    });
  });

  it('is written once by tenant and number, in any order and however often, and never over what is there', async () => {
    const { tenantId, mirror, transaction } = setUp();
    const other = newId('tenant');
    const of = (tenant: string, ...seqs: number[]) =>
      message({ version: 1, tenantId: tenant, transactions: seqs.map(transaction) });
    const messages = [of(tenantId, 3, 2), of(other, 1), of(tenantId, 1, 2), of(tenantId, 3)];
    for (let round = 0; round < 2; round++)
      await consumeLedger(
        env.DB,
        messages.map(({ one }) => one),
        quiet,
      );
    expect(messages.map(({ done }) => done)).toEqual(messages.map(() => ['ack', 'ack']));
    const changed = { ...transaction(2), amount: -4 };
    await consumeLedger(env.DB, [message({ version: 1, tenantId, transactions: [changed] }).one], quiet);
    expect(await mirror()).toEqual([1, 2, 3].map((seq) => mirrorRow(tenantId, transaction(seq))));
  });

  it('hands back what it cannot read, alone, and everything when the database fails', async () => {
    const { tenantId, mirror, transaction } = setUp();
    const good = message({ version: 1, tenantId, transactions: [transaction(1)] });
    const bad = [
      null,
      { version: 2, tenantId, transactions: [] },
      { version: 1, tenantId, transactions: [{ ...transaction(2), amount: 0.5 }] },
      { version: 1, transactions: [transaction(2)] },
    ].map(message);
    await consumeLedger(
      env.DB,
      [...bad, good].map(({ one }) => one),
      quiet,
    );
    expect(bad.map(({ done }) => done)).toEqual(bad.map(() => ['retry']));
    expect(good.done).toEqual(['ack']);
    const failing = message({ version: 1, tenantId, transactions: [{ ...transaction(4), type: null }] });
    const fine = message({ version: 1, tenantId, transactions: [transaction(3)] });
    await consumeLedger(env.DB, [failing.one, fine.one], quiet);
    expect([failing.done, fine.done]).toEqual([['retry'], ['retry']]);
    expect((await mirror()).map(({ seq }) => seq)).toEqual([1]);
  });

  it('writes nothing of a tenant that was deleted meanwhile', async () => {
    const { tenantId, mirror, transaction } = setUp();
    await env.DB.prepare(
      "INSERT INTO tenant_deletions (id, requested_by, started_at, member_ids) VALUES (?, 'usr_x', 1, '[]')",
    )
      .bind(tenantId)
      .run();
    const late = message({ version: 1, tenantId, transactions: [transaction(1)] });
    await consumeLedger(env.DB, [late.one], quiet);
    expect(late.done).toEqual(['ack']);
    expect(await mirror()).toEqual([]);
  });

  it('gets what had ended in the dead letters when the operator replays them', async () => {
    const { tenantId, mirror, transaction } = setUp();
    const dead = message({ version: 1, tenantId, transactions: [transaction(1)] });
    await keepDeadLetters(env.DB, 'ledger', [dead.one], systemClock, quiet);
    const replay = await exports.default.fetch('https://parallax.test/v1/operator/dead-letters/replay', {
      method: 'POST',
      headers: {
        authorization: 'Bearer test-only-operator-token-0123456789abcdef',
        'content-type': 'application/json',
      },
      body: '{"queue": "ledger"}',
    });
    expect(await replay.json()).toMatchObject({ queue: 'ledger', replayed: 1, remaining: false });
    await expect.poll(async () => (await mirror()).length, { timeout: 30_000 }).toBe(1);
  });
});
