import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERT_PERCENTS } from '../../src/contracts/budgets.ts';
import { budgetPeriodOf } from '../../src/features/metering/index.ts';
import { Budgets } from './budgets.ts';
import { Crash, SqliteLedgerDatabase } from './sqlite.fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const LEASE_MS = 30_000;
const START = Date.UTC(2026, 10, 27);

/** What one of three isolates does next. */
interface Step {
  readonly isolate: number;
  readonly kind: 'hold' | 'settle' | 'report' | 'repeat';
  readonly amount: number;
  /** How much more than was held a call costs. */
  readonly over: number;
  readonly after: number;
  readonly crashAfter: number;
}

const steps = fc.array(
  fc.record<Step>({
    isolate: fc.nat(2),
    kind: fc.constantFrom('hold', 'hold', 'settle', 'settle', 'report', 'repeat'),
    amount: fc.integer({ min: 1, max: 60 }),
    over: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) }),
    after: fc.oneof(fc.nat(2_000), fc.constant(LEASE_MS + 1), fc.constant(DAY_MS)),
    crashAfter: fc.nat(30),
  }),
  { maxLength: 60, size: 'max' },
);

/** An isolate that keeps to the rules: it begins no call beyond what it was lent, while the lease lasts. */
class Isolate {
  lent = 0;
  until = 0;
  holds: { readonly amount: number; readonly lease: number }[] = [];
  told: { readonly callId: string; readonly cost: number }[] = [];
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get held(): number {
    return this.holds.reduce((total, { amount }) => total + amount, 0);
  }
}

/** Tells what calls cost, and asks for nothing. */
const tell = (
  budgets: Budgets,
  budgetId: string,
  settlements: readonly { readonly callId: string; readonly cost: number }[],
  now: number,
) => budgets.lend({ budgetId, leaseId: 'told', settlements, held: 0, needed: 0, wanted: 0 }, now);

describe('a hard budget', { timeout: 60_000 }, () => {
  it('is passed by no more than calls cost beyond what was held, and counts each call once, through crashes, repeats and turns of its period', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 300 }), (all, limit) => {
        const db = new SqliteLedgerDatabase();
        const budgets = new Budgets(db);
        budgets.create(
          {
            id: 'bud_1',
            name: 'All',
            scope: 'tenant',
            subject: null,
            period: 'daily',
            limit,
            hard: true,
            createdAt: START,
          },
          START,
        );
        const isolates = [new Isolate('a'), new Isolate('b'), new Isolate('c')];
        const toldEver: { callId: string; cost: number; at: number }[] = [];
        let now = START;
        let calls = 0;
        const spentBy = new Map<number, number>();
        const beyondBy = new Map<number, number>();
        const add = (to: Map<number, number>, amount: number) => {
          const { start } = budgetPeriodOf('daily', now);
          to.set(start, (to.get(start) ?? 0) + amount);
        };
        const robust = <T>(crashAfter: number, work: () => T): T => {
          db.crashAfter(crashAfter);
          try {
            return work();
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
            return work();
          } finally {
            db.crashAfter(Number.POSITIVE_INFINITY);
          }
        };
        const ask = (one: Isolate, needed: number, crashAfter: number) => {
          const settlements = one.told;
          for (const { cost } of settlements) add(spentBy, cost);
          const answer = robust(crashAfter, () =>
            budgets.lend(
              {
                budgetId: 'bud_1',
                leaseId: one.id,
                settlements,
                held: one.held,
                needed: one.held + needed,
                wanted: one.held + needed * 2,
                leaseMs: LEASE_MS,
              },
              now,
            ),
          );
          toldEver.push(...settlements.map((one) => ({ ...one, at: now })));
          one.told = [];
          one.lent = answer.lent;
          one.until = now + LEASE_MS;
        };
        for (const { isolate, kind, amount, over, after, crashAfter } of all) {
          now += after;
          const one = isolates[isolate] as Isolate;
          if (kind === 'hold') {
            if (now >= one.until || one.lent - one.held < amount) ask(one, amount, crashAfter);
            if (one.lent - one.held >= amount) one.holds.push({ amount, lease: one.until });
          } else if (kind === 'settle' && one.holds.length > 0) {
            const [hold] = one.holds.splice(0, 1) as [{ amount: number; lease: number }];
            const cost = hold.amount + over;
            one.lent -= cost;
            calls += 1;
            one.told.push({ callId: `call_${calls}`, cost });
            ask(one, 0, crashAfter);
            // What outlived its lease may have been lent to others by then, and what began in the period before was lent of that one.
            const lapsed = now >= hold.lease || now - after < budgetPeriodOf('daily', now).start;
            add(beyondBy, lapsed ? cost : over);
          } else if (kind === 'report') ask(one, 0, crashAfter);
          else {
            // A call's id is remembered for two days.
            const again = toldEver.filter(({ at }) => now - at < 2 * DAY_MS).slice(-3);
            robust(crashAfter, () => tell(budgets, 'bud_1', again, now));
          }
          const [standing] = budgets.list(now);
          const { start } = budgetPeriodOf('daily', now);
          expect(standing?.spent).toBe(spentBy.get(start) ?? 0);
          expect(spentBy.get(start) ?? 0).toBeLessThanOrEqual(limit + (beyondBy.get(start) ?? 0));
        }
        const alerts = db.all<{ start: number; percent: number }>('SELECT start, percent FROM budget_alerts');
        const due = [...spentBy].flatMap(([start, spent]) =>
          ALERT_PERCENTS.filter((percent) => spent * 100 >= limit * percent && spent > 0).map((percent) => ({
            start,
            percent,
          })),
        );
        const sorted = (list: readonly { start: number; percent: number }[]) =>
          list.map(({ start, percent }) => `${start}/${percent}`).sort();
        // Old periods are forgotten in time: what is left of them is a part of what was due.
        expect(sorted(due)).toEqual(expect.arrayContaining(sorted(alerts)));
        const { start } = budgetPeriodOf('daily', now);
        const present = (list: readonly { start: number; percent: number }[]) =>
          sorted(list.filter((one) => one.start === start));
        expect(present(alerts)).toEqual(present(due));
      }),
      { numRuns: 400 },
    );
  });
});

describe('budgets', () => {
  const budget = (id: string, hard: boolean) => ({
    id,
    name: id,
    scope: 'tenant' as const,
    subject: null,
    period: 'monthly' as const,
    limit: 100,
    hard,
    createdAt: START,
  });
  const question = (budgetId: string, more: object = {}) => ({
    budgetId,
    leaseId: 'a',
    settlements: [],
    held: 0,
    needed: 500,
    wanted: 500,
    ...more,
  });

  it('that are soft lend whatever is asked, count it, and say so once', () => {
    const db = new SqliteLedgerDatabase();
    const budgets = new Budgets(db);
    budgets.create(budget('soft', false), START);
    const settlements = [{ callId: 'call', cost: 500 }];
    expect(budgets.lend(question('soft', { settlements }), START).lent).toBe(500);
    budgets.lend(question('soft', { settlements }), START + 1);
    expect(budgets.list(START + 1)).toMatchObject([{ spent: 500 }]);
    expect(db.all('SELECT percent FROM budget_alerts')).toEqual(
      ALERT_PERCENTS.map((percent) => ({ percent })),
    );
    expect(db.all('SELECT * FROM budget_leases')).toEqual([]);
  });

  it('that were deleted bind nobody, and leave nothing', () => {
    const db = new SqliteLedgerDatabase();
    const budgets = new Budgets(db);
    budgets.create(budget('gone', true), START);
    expect(budgets.lend(question('gone'), START).lent).toBe(100);
    tell(budgets, 'gone', [{ callId: 'call', cost: 60 }], START);
    budgets.delete('gone', START);
    expect(budgets.lend(question('gone'), START).lent).toBe(500);
    const { budgets: left, budget_spent, budget_leases, budget_settled, budget_alerts } = db.dump();
    expect([left, budget_spent, budget_leases, budget_settled, budget_alerts]).toEqual([[], [], [], [], []]);
    expect(() => budgets.change('gone', { hard: false }, START)).toThrow('There is no such budget.');
  });

  it('that are lowered below what was spent lend nothing more, and say how far they are', () => {
    const db = new SqliteLedgerDatabase();
    const budgets = new Budgets(db);
    budgets.create(budget('less', true), START);
    tell(budgets, 'less', [{ callId: 'call', cost: 40 }], START);
    expect(db.all('SELECT percent FROM budget_alerts')).toEqual([]);
    budgets.change('less', { limit: 40 }, START);
    expect(db.all('SELECT percent FROM budget_alerts').length).toBe(4);
    expect(budgets.lend(question('less', { needed: 1, wanted: 1 }), START).lent).toBe(0);
  });
});
