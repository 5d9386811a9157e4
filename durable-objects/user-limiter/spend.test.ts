import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CreditLeases } from '../../src/features/metering/index.ts';
import { USER_LIMITER_MIGRATIONS } from './migrations.ts';
import { monthOf, SPEND_LEASE_MS, SpendStorage } from './spend-storage.ts';

/** The limiter's own SQL on Node's SQLite, which is the same as the platform's. */
function spendStorage(): SpendStorage {
  const database = new DatabaseSync(':memory:');
  for (const { sql } of USER_LIMITER_MIGRATIONS) database.exec(sql);
  const sql = {
    exec(query: string, ...values: SQLInputValue[]) {
      const statement = database.prepare(query);
      const reads = /^\s*SELECT/i.test(query);
      const rows = reads ? statement.all(...values) : [];
      const rowsWritten = reads ? 0 : Number(statement.run(...values).changes);
      return { toArray: () => rows, one: () => rows[0], rowsWritten };
    },
  };
  return new SpendStorage({ sql } as unknown as DurableObjectStorage);
}

const LIMIT = 1_000;

function setUp(isolates: number) {
  const clock = { time: Date.UTC(2026, 10, 10), now: () => clock.time };
  const storage = spendStorage();
  const leases = Array.from({ length: isolates }, () => new CreditLeases());
  const ask = async ({ tenantId: _, ...question }: Parameters<Parameters<CreditLeases['hold']>[3]>[0]) => ({
    ok: true as const,
    value: storage.lend('key_1', LIMIT, { ...question, keyId: 'key_1' }, clock.time),
  });
  return {
    clock,
    storage,
    hold: (isolate: number, amount: number) =>
      (leases[isolate] as CreditLeases).hold('key_1', amount as never, clock, ask),
    report: (isolate: number) => (leases[isolate] as CreditLeases).report('key_1', clock, ask),
  };
}

describe('a key’s monthly limit', () => {
  it('is never overspent by any number of isolates, however their calls end and whatever is lost', async () => {
    const step = fc.record({
      isolate: fc.nat(2),
      amount: fc.integer({ min: 1, max: 400 }),
      cost: fc.integer({ min: 0, max: 400 }),
      end: fc.constantFrom('settle', 'release', 'keep', 'report'),
      wait: fc.integer({ min: 0, max: SPEND_LEASE_MS * 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50, size: 'max' }), async (steps) => {
        const { clock, hold, report, storage } = setUp(3);
        let calls = 0;
        for (const { isolate, amount, cost, end, wait } of steps) {
          if (end === 'report') {
            clock.time += wait % 1_000;
            await report(isolate);
            expect(storage.spent('key_1', clock.time)).toBeLessThanOrEqual(LIMIT);
            continue;
          }
          const held = await hold(isolate, amount).catch(() => null);
          if (held === null) continue;
          calls += 1;
          if (end === 'settle') held.settle(`call_${calls}`, Math.min(cost, amount) as never);
          else if (end === 'release') held.release();
          expect(storage.spent('key_1', clock.time)).toBeLessThanOrEqual(LIMIT);
        }
        for (const isolate of [0, 1, 2]) await report(isolate);
        expect(storage.spent('key_1', clock.time)).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 200 },
    );
  });

  it('counts a call once, however often it is told', () => {
    const storage = spendStorage();
    const now = Date.UTC(2026, 10, 10);
    const question = { keyId: 'key_1', leaseId: 'lease_1', held: 0, needed: 0, wanted: 0 };
    const settlements = [{ callId: 'call_1', cost: 300 }];
    for (let i = 0; i < 3; i++) storage.lend('key_1', LIMIT, { ...question, settlements }, now);
    expect(storage.spent('key_1', now)).toBe(300);
  });

  it('begins anew with the calendar month, UTC', () => {
    const storage = spendStorage();
    const [november, december] = [Date.UTC(2026, 10, 30, 23, 59, 59, 999), Date.UTC(2026, 11, 1)];
    const question = { keyId: 'key_1', leaseId: 'lease_1', held: 0, needed: 1, wanted: 1 };
    storage.lend('key_1', LIMIT, { ...question, settlements: [{ callId: 'call_1', cost: LIMIT }] }, november);
    expect(storage.lend('key_1', LIMIT, { ...question, settlements: [] }, november).lent).toBe(0);
    expect(storage.lend('key_1', LIMIT, { ...question, settlements: [] }, december).lent).toBe(1);
    expect([monthOf(november), monthOf(december)]).toEqual(['2026-11', '2026-12']);
  });
});
