import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERT_PERCENTS } from '../../src/contracts/budgets.ts';
import type { BudgetAlertMessage } from '../../src/features/metering/index.ts';
import { createLogger } from '../../src/platform/log.ts';
import { BudgetAlerts } from './budget-alerts.ts';
import { Budgets } from './budgets.ts';
import { Crash, SqliteLedgerDatabase } from './sqlite.fixture.ts';

const quiet = createLogger({}, () => undefined);
const START = Date.UTC(2026, 10, 27);
const BUDGET = {
  id: 'bud_1',
  name: 'All',
  scope: 'tenant',
  subject: null,
  period: 'monthly',
  limit: 100,
  hard: true,
  createdAt: START,
} as const;

function setUp(queue: (message: BudgetAlertMessage) => void) {
  const db = new SqliteLedgerDatabase();
  const budgets = new Budgets(db);
  budgets.create(BUDGET, START);
  const send = async (message: unknown) => {
    queue(message as BudgetAlertMessage);
    return undefined as never;
  };
  let calls = 0;
  const spend = (cost: number, now: number) => {
    calls += 1;
    const settlements = [{ callId: `call_${calls}`, cost }];
    budgets.lend({ budgetId: 'bud_1', leaseId: 'a', settlements, held: 0, needed: 0, wanted: 0 }, now);
  };
  return { db, budgets, spend, alerts: () => new BudgetAlerts(db, 'ten_1', { send }, quiet) };
}

describe('how far a budget is', { timeout: 60_000 }, () => {
  it('is told for the highest percentage that was reached, whatever the queue does and wherever the machine stops', async () => {
    const step = fc.record({
      cost: fc.integer({ min: 1, max: 40 }),
      after: fc.integer({ min: 0, max: 60_000 }),
      crashAfter: fc.nat(6),
      fate: fc.constantFrom('taken', 'taken', 'unheard', 'refused'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20, size: 'max' }), async (steps) => {
        const told: number[] = [];
        let fate = 'taken';
        const { db, spend, alerts } = setUp(({ alert }) => {
          if (fate === 'refused') throw new Error('the queue is away');
          expect(alert.spent * 100).toBeGreaterThanOrEqual(alert.limit * alert.percent);
          told.push(alert.percent);
          if (fate === 'unheard') throw new Error('the connection broke');
        });
        let now = START;
        let spent = 0;
        for (const { cost, after, crashAfter, ...step } of steps) {
          now += after;
          fate = step.fate;
          spend(cost, now);
          spent += cost;
          db.crashAfter(crashAfter);
          await alerts()
            .tell(now)
            .catch((error: unknown) => {
              if (!(error instanceof Crash)) throw error;
            });
          db.crashAfter(Number.POSITIVE_INFINITY);
        }
        fate = 'taken';
        for (let due = alerts().dueAt(now); due !== null; due = alerts().dueAt(now)) {
          now = Math.max(now, due);
          await alerts().tell(now);
        }
        const reached = ALERT_PERCENTS.filter((percent) => spent >= percent);
        expect(told.at(-1) ?? 0).toBe(reached.at(-1) ?? 0);
        expect(told).toEqual([...told].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  it('is told once for each percentage, and anew under another limit', async () => {
    const told: [number, number][] = [];
    const { budgets, spend, alerts } = setUp(({ alert }) => told.push([alert.percent, alert.limit]));
    const go = async (now: number) => alerts().tell(now);
    expect(alerts().dueAt(START)).toBeNull();
    for (const cost of [49, 1, 20, 10, 10, 10, 30]) {
      spend(cost, START + 1);
      await go(START + 1);
    }
    expect(told).toEqual([50, 80, 90, 100].map((percent) => [percent, 100]));
    budgets.change('bud_1', { limit: 1_000 }, START + 2);
    await go(START + 2);
    spend(370, START + 3);
    await go(START + 3);
    budgets.change('bud_1', { limit: 500 }, START + 4);
    await go(START + 4);
    expect(told.slice(4)).toEqual([
      [50, 1_000],
      [100, 500],
    ]);
  });

  it('says which budget, of when, and how much', async () => {
    const messages: BudgetAlertMessage[] = [];
    const { spend, alerts } = setUp((message) => messages.push(message));
    spend(85, START + 5);
    await alerts().tell(START + 6);
    const { createdAt: _, id: budgetId, ...rest } = BUDGET;
    expect(messages).toEqual([
      {
        version: 1,
        kind: 'budget_alert',
        tenantId: 'ten_1',
        alert: {
          ...rest,
          budgetId,
          percent: 80,
          spent: 85,
          start: Date.UTC(2026, 10, 1),
          end: Date.UTC(2026, 11, 1),
          at: START + 5,
        },
      },
    ]);
  });
});
