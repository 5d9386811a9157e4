import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerMessage, LedgerTransaction } from '../../src/features/metering/index.ts';
import { createLogger } from '../../src/platform/log.ts';
import { Ledger } from './ledger.ts';
import { anyTold, tell } from './operations.fixture.ts';
import { Outbox } from './outbox.ts';
import { Crash, SqliteLedgerDatabase } from './sqlite.fixture.ts';

const quiet = createLogger({}, () => undefined);
const TENANT = 'ten_test';

/** What the queue does with a message: it takes it, takes it without our hearing so, or does not take it. */
const fate = fc.constantFrom('taken', 'taken', 'taken', 'taken unheard', 'refused');

function setUp(queue: (message: LedgerMessage) => void) {
  const db = new SqliteLedgerDatabase();
  const ledger = new Ledger(db);
  ledger.open(1_000, 0);
  const send = async (message: unknown) => {
    queue(message as LedgerMessage);
    return undefined as never;
  };
  return { db, ledger, outbox: () => new Outbox(db, TENANT, { send }, quiet) };
}

describe('the way of transactions into the mirror', { timeout: 60_000 }, () => {
  it('loses and changes none, whatever the queue does and wherever the machine stops', async () => {
    const step = fc.record({
      told: fc.array(anyTold(), { maxLength: 12, size: 'max' }),
      crashAfter: fc.nat(12),
      restarts: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12, size: 'max' }),
        fc.infiniteStream(fate),
        fc.infiniteStream(fc.boolean()),
        async (steps, fates, twice) => {
          const mirror = new Map<number, LedgerTransaction>();
          const deliver = ({ tenantId, transactions }: LedgerMessage) => {
            expect(tenantId).toBe(TENANT);
            for (const one of transactions) {
              // What comes again is what came before.
              if (mirror.has(one.seq)) expect(one).toEqual(mirror.get(one.seq));
              mirror.set(one.seq, one);
            }
          };
          const late: LedgerMessage[] = [];
          const { db, ledger, outbox } = setUp((message) => {
            const what = fates.next().value;
            if (what === 'refused') throw new Error('the queue is away');
            if (twice.next().value) late.push(message);
            deliver(message);
            if (what === 'taken unheard') throw new Error('the connection broke');
          });
          let box = outbox();
          let now = 0;
          for (const { told, crashAfter, restarts } of steps) {
            for (const one of told) tell(ledger, one, now);
            now += 1_000;
            db.crashAfter(crashAfter);
            await box.send(now).catch((error: unknown) => {
              if (!(error instanceof Crash)) throw error;
            });
            db.crashAfter(Number.POSITIVE_INFINITY);
            if (restarts) box = outbox();
          }
          for (let rounds = 0; box.dueAt(now) !== null && rounds < 100; rounds++) await box.send(now);
          for (const message of late.reverse()) deliver(message);
          const all = ledger.transactions(null, 10_000);
          expect([...mirror.values()].sort((a, b) => b.seq - a.seq)).toEqual(all);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('sends a backlog in messages of a hundred, in their order, and goes on at once beyond its bound', async () => {
    const messages: LedgerMessage[] = [];
    const { ledger, outbox } = setUp((message) => messages.push(message));
    for (let call = 1; call < 7_000; call++)
      ledger.sync(
        {
          tenantId: TENANT,
          leaseId: 'l',
          settlements: [{ callId: `c${call}`, cost: 1 }],
          held: 0,
          needed: 0,
          wanted: 0,
        },
        0,
      );
    const box = outbox();
    await box.send(5);
    expect(messages).toHaveLength(50);
    expect(box.dueAt(5)).toBe(5);
    await box.send(5);
    expect(messages).toHaveLength(70);
    expect(messages.flatMap(({ transactions }) => transactions.map(({ seq }) => seq))).toEqual(
      Array.from({ length: 7_000 }, (_, at) => at + 1),
    );
    expect(box.dueAt(5)).toBeNull();
  });

  it('keeps a message within the queue’s bound, whatever its transactions say', async () => {
    const sizes: number[] = [];
    const { ledger, outbox } = setUp((message) => sizes.push(JSON.stringify(message).length));
    for (let gift = 0; gift < 100; gift++) {
      const id = `${gift}-`.padEnd(255, 'x');
      const operation = { tenantId: TENANT, id, amount: 1, expiresAt: null, reference: { type: 't', id } };
      ledger.credit({ ...operation, type: 'bonus', bucket: 'bonus', reason: '…'.repeat(200) }, 0);
    }
    await outbox().send(0);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
    expect(sizes.length).toBeGreaterThan(1);
  });

  it('waits a second after a change, five while changes go on, and half a minute for a queue that is away', async () => {
    let away = false;
    const { ledger, outbox } = setUp(() => {
      if (away) throw new Error('away');
    });
    const spend = (callId: string) =>
      ledger.sync(
        { tenantId: TENANT, leaseId: 'l', settlements: [{ callId, cost: 1 }], held: 0, needed: 0, wanted: 0 },
        0,
      );
    const box = outbox();
    expect(box.dueAt(10_000)).toBe(11_000);
    spend('a');
    expect(box.dueAt(10_500)).toBe(11_000);
    await box.send(11_000);
    expect(box.dueAt(11_000)).toBeNull();
    spend('b');
    expect(box.dueAt(11_500)).toBe(16_000);
    away = true;
    await box.send(16_000);
    expect(box.dueAt(16_000)).toBe(46_000);
  });
});
