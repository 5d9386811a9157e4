import { describe, expect, it } from 'vitest';
import type { LowCreditMessage } from '../../src/features/metering/index.ts';
import { createLogger } from '../../src/platform/log.ts';
import { CreditWatch } from './credit-watch.ts';
import { Ledger } from './ledger.ts';
import { SqliteLedgerDatabase } from './sqlite.fixture.ts';

const MINUTE = 60_000;

/** A ledger with ten dollars, watched, and a queue that notes what it is given, or takes nothing. */
function setUp() {
  const db = new SqliteLedgerDatabase();
  const ledger = new Ledger(db);
  ledger.open(10e9, 0);
  const told: string[] = [];
  const queue = {
    full: false,
    send: async ({ lowCredit }: LowCreditMessage) => {
      if (queue.full) throw new Error('the queue takes nothing');
      told.push(lowCredit);
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    },
  };
  const watch = () => new CreditWatch(db, 'ten_1', queue, createLogger({ test: 'watch' }));
  const spend = (id: string, amount: number, now: number) =>
    ledger.debit({ tenantId: 'ten_1', id, amount, reference: { type: 'test', id }, reason: 'Spent' }, now);
  return { ledger, queue, told, watch, spend };
}

describe('watching a ledger’s credit', () => {
  it('tells when it falls below the threshold, not at it, and again every ten minutes while it is there', async () => {
    const { watch, spend, told } = setUp();
    watch().set(5e9, 1);
    spend('a', 5e9, 10);
    expect(watch().dueAt(10)).toBeNull();
    spend('b', 1, 20);
    expect(watch().dueAt(20)).toBe(20);
    await watch().tell(20);
    await watch().tell(21);
    expect(told).toEqual(['ten_1']);
    expect(watch().dueAt(30)).toBe(20 + 10 * MINUTE);
    await watch().tell(20 + 10 * MINUTE);
    expect(told).toHaveLength(2);
  });

  it('counts what is reserved as gone, and is silent once there is credit again', () => {
    const { watch, ledger } = setUp();
    watch().set(5e9, 1);
    const reference = { type: 'test', id: 'r' };
    ledger.reserve({ tenantId: 'ten_1', id: 'r', amount: 6e9, expiresAt: null, reference }, 10);
    expect(watch().dueAt(10)).toBe(10);
    ledger.release({ tenantId: 'ten_1', id: 'r' }, 20);
    expect(watch().dueAt(20)).toBeNull();
  });

  it('is due again soon after the queue did not take it, also for a machine that knows nothing of it', async () => {
    const { watch, spend, told, queue } = setUp();
    watch().set(5e9, 1);
    spend('a', 9e9, 10);
    queue.full = true;
    await watch().tell(10);
    queue.full = false;
    const due = watch().dueAt(11) ?? 0;
    expect(due).toBe(10 + 30_000);
    await watch().tell(due);
    expect(told).toHaveLength(1);
  });

  it('watches for what was decided last, in whatever order it is told, and for nothing when it is off', () => {
    const { watch, spend } = setUp();
    watch().set(null, 5);
    watch().set(20e9, 3);
    spend('a', 9e9, 10);
    expect(watch().dueAt(10)).toBeNull();
    watch().set(5e9, 6);
    expect(watch().dueAt(10)).toBe(10);
  });
});
