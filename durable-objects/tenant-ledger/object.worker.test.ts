import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { CreditQuestion } from '../../src/features/metering/index.ts';
import { newId } from '../../src/platform/ids.ts';

/** What `TENANT_CREDIT_USD` gives each tenant when it is not set, nano-dollars. */
const CREDIT = 100e9;

function setUp() {
  const tenantId = newId('tenant');
  const ledger = () => env.TENANT_LEDGER.getByName(tenantId);
  const question = (changes: Partial<CreditQuestion> = {}): CreditQuestion => ({
    tenantId,
    leaseId: 'lease_a',
    settlements: [],
    held: 0,
    needed: 0,
    wanted: 0,
    ...changes,
  });
  const sync = async (changes: Partial<CreditQuestion> = {}) => {
    const answer = await ledger().sync(question(changes));
    if (!answer.ok) throw new Error('the ledger refused');
    return answer.value;
  };
  const standing = async () => {
    const answer = await ledger().standing(tenantId);
    if (!answer.ok) throw new Error('the ledger refused');
    return answer.value;
  };
  return { ledger, sync, standing, tenantId };
}

describe('a tenant’s ledger', () => {
  it('opens with the deployment’s credit and lends what is needed, reserved for nobody else', async () => {
    const { sync, standing } = setUp();
    expect(await sync({ needed: 60e9, wanted: 60e9 })).toMatchObject({ lent: 60e9, available: 40e9 });
    expect(await sync({ leaseId: 'lease_b', needed: 50e9, wanted: 50e9 })).toMatchObject({
      lent: 40e9,
      available: 0,
    });
    expect(await standing()).toMatchObject({ balance: CREDIT, reserved: CREDIT, available: 0 });
  });

  it('counts each call once, however often it is told', async () => {
    const { sync, standing } = setUp();
    await sync({ needed: 10e9, wanted: 10e9 });
    const settlements = [
      { callId: 'call_1', cost: 4e9 },
      { callId: 'call_2', cost: 1e9 },
    ];
    for (let i = 0; i < 3; i++) await sync({ settlements });
    await sync({ leaseId: 'lease_b', settlements });
    expect(await standing()).toMatchObject({ balance: CREDIT - 5e9 });
  });

  it('keeps balance, leases and what was counted through an eviction', async () => {
    const { ledger, sync, standing } = setUp();
    await sync({ settlements: [{ callId: 'call_1', cost: 7e9 }], needed: 5e9, wanted: 5e9 });
    await evictDurableObject(ledger());
    expect(await standing()).toMatchObject({
      balance: CREDIT - 7e9,
      reserved: 5e9,
      available: CREDIT - 12e9,
    });
    await sync({ settlements: [{ callId: 'call_1', cost: 7e9 }], held: 5e9, needed: 5e9, wanted: 5e9 });
    expect((await standing()).balance).toBe(CREDIT - 7e9);
  });

  it('takes back what a silent isolate was lent when its lease has ended', async () => {
    const { ledger, sync, standing } = setUp();
    await sync({ needed: 80e9, wanted: 80e9 });
    await runInDurableObject(ledger(), (_object, state) => {
      state.storage.sql.exec('UPDATE leases SET expires_at = 0');
    });
    expect(await standing()).toMatchObject({ balance: CREDIT, reserved: 0, available: CREDIT });
  });

  it('charges a call that is told after its lease has ended', async () => {
    const { sync, standing } = setUp();
    await sync({ leaseId: 'lease_gone', settlements: [{ callId: 'call_1', cost: 3e9 }] });
    expect((await standing()).balance).toBe(CREDIT - 3e9);
  });
});

describe('the operations on a tenant’s money', () => {
  const reference = { type: 'test', id: 'test' };

  it('hold through an eviction between any two, and repeats after it change nothing', async () => {
    const { ledger, standing, tenantId } = setUp();
    const credit = {
      tenantId,
      id: 'stripe:evt_1',
      type: 'purchase',
      bucket: 'purchased',
      amount: 20e9,
      expiresAt: null,
      reference,
      reason: 'Credit pack',
    } as const;
    const operations = [
      () => ledger().credit(credit),
      () => ledger().reserve({ tenantId, id: 'run_1', amount: 7e9, expiresAt: null, reference }),
      () => ledger().settle({ tenantId, id: 'run_1', cost: 4e9, reference, reason: 'Run' }),
    ];
    for (const operation of [...operations, ...operations]) {
      expect(await operation()).toMatchObject({ ok: true });
      await evictDurableObject(ledger());
    }
    expect(await standing()).toMatchObject({ balance: CREDIT + 16e9, reserved: 0 });
    const transactions = await ledger().transactions(tenantId, null, 10);
    expect(transactions).toMatchObject({
      ok: true,
      value: [
        { seq: 3, type: 'usage', amount: -4e9, balanceAfter: CREDIT + 16e9 },
        { seq: 2, type: 'purchase', amount: 20e9 },
        { seq: 1, type: 'bonus', amount: CREDIT },
      ],
    });
  });

  it('return an expired reservation by alarm, though nobody asks', async () => {
    const { ledger, tenantId } = setUp();
    const soon = Date.now() + 60_000;
    await ledger().reserve({ tenantId, id: 'run_1', amount: 7e9, expiresAt: soon, reference });
    // The first alarm is the mirror's.
    await runDurableObjectAlarm(ledger());
    await runInDurableObject(ledger(), async (_object, state) => {
      expect(await state.storage.getAlarm()).toBe(soon);
      state.storage.sql.exec('UPDATE reservations SET expires_at = 1');
    });
    await evictDurableObject(ledger());
    expect(await runDurableObjectAlarm(ledger())).toBe(true);
    await runInDurableObject(ledger(), (_object, state) => {
      expect(state.storage.sql.exec('SELECT reserved FROM ledger').one()).toEqual({ reserved: 0 });
    });
  });

  it('answer a refusal as a value, with what is needed and what there is', async () => {
    const { ledger, tenantId } = setUp();
    expect(
      await ledger().reserve({ tenantId, id: 'run_1', amount: CREDIT + 1, expiresAt: null, reference }),
    ).toMatchObject({
      ok: false,
      error: {
        code: 'insufficient_credit',
        details: { needed_nano_usd: CREDIT + 1, available_nano_usd: CREDIT },
      },
    });
  });
});
