import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAN_IDS } from '../../src/contracts/plans.ts';
import type { SetPlan } from '../../src/features/metering/index.ts';
import { Ledger } from './ledger.ts';
import { SqliteLedgerDatabase } from './sqlite.fixture.ts';

function openedAt(now: number): Ledger {
  const ledger = new Ledger(new SqliteLedgerDatabase());
  ledger.open(0, now);
  return ledger;
}

const told = (changes: Partial<SetPlan>): SetPlan => ({
  tenantId: 'ten_test',
  id: 'told',
  plan: 'pro',
  seats: 1,
  anchorAt: 5,
  asOf: 10,
  ...changes,
});

describe('A tenant’s plan', () => {
  it('is the free one until something else is said, with months that begin when the books were opened', () => {
    expect(openedAt(123).plan()).toEqual({ plan: 'free', seats: 1, anchorAt: 123, asOf: 0 });
  });

  it('refuses what is no plan, and fewer seats than one', () => {
    const ledger = openedAt(0);
    expect(() => ledger.setPlan(told({ plan: 'gold' as never }))).toThrow('no plan "gold"');
    expect(() => ledger.setPlan(told({ seats: 0 }))).toThrow('at least one seat');
    expect(() => ledger.setPlan(told({ seats: 1.5 }))).toThrow('at least one seat');
    expect(ledger.plan().plan).toBe('free');
  });

  it('keeps its months when what is told knows of none', () => {
    const ledger = openedAt(123);
    expect(ledger.setPlan(told({ plan: 'free', anchorAt: null, asOf: 1 }))).toMatchObject({ anchorAt: 123 });
    ledger.setPlan(told({ anchorAt: 77, asOf: 2 }));
    expect(ledger.setPlan(told({ plan: 'free', anchorAt: null, asOf: 3 }))).toMatchObject({ anchorAt: 77 });
  });

  it('is what was last known, in whatever order and however often it is told', () => {
    const one = fc.record({
      plan: fc.constantFrom(...PLAN_IDS),
      seats: fc.integer({ min: 1, max: 50 }),
      anchorAt: fc.integer({ min: 0, max: 1e12 }),
    });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 8, size: 'max' }),
        fc.infiniteStream(fc.nat()),
        (changes, order) => {
          const all = changes.map((change, at) => told({ ...change, asOf: at + 1 }));
          const shuffled = [...all, ...all].sort(() => ((order.next().value ?? 0) % 2 === 0 ? 1 : -1));
          const ledger = openedAt(0);
          for (const change of shuffled) ledger.setPlan(change);
          const { plan, seats, anchorAt, asOf } = all.at(-1) as SetPlan;
          expect(ledger.plan()).toEqual({ plan, seats, anchorAt, asOf });
        },
      ),
    );
  });
});
