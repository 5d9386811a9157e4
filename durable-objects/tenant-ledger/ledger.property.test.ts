import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectBalanced } from './balanced.fixture.ts';
import { Ledger } from './ledger.ts';
import { anyTold, type Told, tell } from './operations.fixture.ts';
import { Crash, SqliteLedgerDatabase } from './sqlite.fixture.ts';

const RUNS = 300;
const DAY_MS = 24 * 60 * 60 * 1000;

interface Step {
  readonly told: Told;
  /** Milliseconds since the step before. */
  readonly after: number;
  /** The machine stops before this statement, and is told again; 40 is beyond most operations' end. */
  readonly crashAfter: number;
  /** How often it is told in all. */
  readonly times: number;
}

const steps = fc.array(
  fc.record<Step>({
    told: anyTold(),
    after: fc.oneof(fc.constant(0), fc.nat(3_000), fc.constant(31_000), fc.constant(8 * DAY_MS)),
    crashAfter: fc.nat(40),
    times: fc.integer({ min: 1, max: 2 }),
  }),
  { maxLength: 60, size: 'max' },
);

function opened(credit: number): { db: SqliteLedgerDatabase; ledger: Ledger } {
  const db = new SqliteLedgerDatabase();
  const ledger = new Ledger(db);
  ledger.open(credit, 0);
  return { db, ledger };
}

describe('a tenant’s ledger, told anything in any order', { timeout: 60_000 }, () => {
  it('balances after every operation, through crashes between any two statements and repeats', () => {
    fc.assert(
      fc.property(steps, fc.nat(3_000), (all, credit) => {
        const { db, ledger } = opened(credit);
        let now = 0;
        for (const { told, after, crashAfter, times } of all) {
          now += after;
          for (let time = 0; time < times; time++) {
            const before = db.dump();
            db.crashAfter(crashAfter);
            try {
              tell(ledger, told, now);
            } catch (error) {
              if (!(error instanceof Crash)) throw error;
              expect(db.dump()).toEqual(before);
              tell(ledger, told, now);
            }
            db.crashAfter(Number.POSITIVE_INFINITY);
            expectBalanced(db);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('comes to the same state when the whole log is replayed, and when everything in it is told again', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const first = opened(1_000);
        const second = opened(1_000);
        const through = (ledger: Ledger): readonly unknown[] => {
          now = 0;
          return all.map(({ told, after }) => {
            now += after;
            return tell(ledger, told, now);
          });
        };
        let now = 0;
        const answers = through(first.ledger);
        expect(through(second.ledger)).toEqual(answers);
        expect(second.db.dump()).toEqual(first.db.dump());

        // What was refused may be accepted another time; what was accepted is answered the same, and changes nothing. What had expired under a hold ends
        // when a repeat lends less.
        const changes = () =>
          second.db.all('SELECT * FROM transactions WHERE id NOT LIKE ? ORDER BY seq', 'expired:%');
        const before = changes().map(({ id, amount }) => [id, amount]);
        all.forEach(({ told }, at) => {
          if (typeof answers[at] === 'string') return;
          const again = tell(second.ledger, told, now);
          if (
            told.kind === 'credit' ||
            told.kind === 'debit' ||
            told.kind === 'refund' ||
            told.kind === 'settle'
          )
            expect(again).toEqual(answers[at]);
        });
        expect(changes().map(({ id, amount }) => [id, amount])).toEqual(before);
        expectBalanced(second.db);
      }),
      { numRuns: RUNS },
    );
  });

  it('charges the same whatever the order in which a hold, its end and a repeat of each arrive', () => {
    const ends = fc.record({
      amount: fc.integer({ min: 1, max: 100 }),
      cost: fc.option(fc.integer({ min: 0, max: 150 }), { nil: null }),
    });
    fc.assert(
      fc.property(
        fc.array(ends, { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (all, random) => {
          const reference = { type: 'test', id: 'test' };
          const told = all.flatMap(({ amount, cost }, at): Told[] => {
            const id = `hold${at}`;
            const tenantId = 'ten_test';
            return [
              { kind: 'reserve', operation: { tenantId, id, amount, expiresAt: null, reference } },
              cost === null
                ? { kind: 'release', operation: { tenantId, id } }
                : { kind: 'settle', operation: { tenantId, id, cost, reference, reason: '' } },
            ];
          });
          const { db, ledger } = opened(10_000);
          for (const one of shuffled([...told, ...told], random)) tell(ledger, one, 0);
          const spent = all.reduce((total, { cost }) => total + (cost ?? 0), 0);
          expect(ledger.standing(0)).toMatchObject({ balance: 10_000 - spent, reserved: 0 });
          expectBalanced(db);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('never charges more than a hold and what is available beyond it, and says what it could not collect', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.nat(1_000),
        fc.nat(1_000),
        fc.nat(3_000),
        (balance, mine, others, cost) => {
          const { db, ledger } = opened(balance);
          const hold = (id: string, amount: number) =>
            tell(
              ledger,
              {
                kind: 'reserve',
                operation: {
                  tenantId: 'ten_test',
                  id,
                  amount,
                  expiresAt: null,
                  reference: { type: 'test', id },
                },
              },
              0,
            );
          hold('others', others);
          hold('mine', mine);
          const { reserved } = ledger.standing(0);
          const own = reserved - (others > 0 && others <= balance ? others : 0);
          const available = balance - reserved;
          const result = ledger.settle(
            { tenantId: 'ten_test', id: 'mine', cost, reference: { type: 'test', id: 'mine' }, reason: '' },
            0,
          );
          expect(result.charged).toBe(Math.min(cost, own + available));
          expect(result.charged + result.uncollected).toBe(cost);
          expectBalanced(db);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('collects every call that fits into what its isolate was lent, whatever else is reserved', () => {
    const costs = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(costs, fc.nat(1_000), (all, others) => {
        const needed = all.reduce((total, cost) => total + cost, 0);
        const { db, ledger } = opened(needed + others);
        const question = { tenantId: 'ten_test', leaseId: 'lease', held: 0, wanted: needed };
        expect(ledger.sync({ ...question, needed, settlements: [] }, 0).lent).toBe(needed);
        if (others > 0) {
          const reference = { type: 'test', id: '' };
          ledger.reserve(
            { tenantId: 'ten_test', id: 'others', amount: others, expiresAt: null, reference },
            0,
          );
        }
        const settlements = all.map((cost, at) => ({ callId: `call${at}`, cost }));
        ledger.sync({ ...question, needed: 0, wanted: 0, settlements }, 1_000);
        expect(ledger.standing(1_000)).toMatchObject({ balance: others, reserved: others });
        expect(ledger.transactions(null, 100).every(({ short }) => short === 0)).toBe(true);
        expectBalanced(db);
      }),
      { numRuns: RUNS },
    );
  });

  it('never lets 10,000 reserves at once spend more than one balance, and lets in all that fit', () => {
    const { db, ledger } = opened(1_000_000);
    let held = 0;
    let refused = 0;
    let state = 12_345;
    for (let n = 0; n < 10_000; n++) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const amount = 1 + (state % 400);
      const answer = tell(
        ledger,
        {
          kind: 'reserve',
          operation: {
            tenantId: 'ten_test',
            id: `hold${n}`,
            amount,
            expiresAt: null,
            reference: { type: 'test', id: '' },
          },
        },
        0,
      );
      if (answer === 'insufficient_credit') {
        refused += 1;
        expect(held + amount).toBeGreaterThan(1_000_000);
      } else held += amount;
    }
    expect(held).toBeLessThanOrEqual(1_000_000);
    expect(refused).toBeGreaterThan(4_000);
    expect(ledger.standing(0)).toMatchObject({ balance: 1_000_000, reserved: held });
    expectBalanced(db);
  });
});

function shuffled<T>(items: readonly T[], random: Iterator<number>): T[] {
  const rest = [...items];
  const out: T[] = [];
  while (rest.length > 0) {
    const at = Number(random.next().value) % rest.length;
    out.push(...rest.splice(at, 1));
  }
  return out;
}
