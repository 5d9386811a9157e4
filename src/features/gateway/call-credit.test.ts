import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Nano, nano, withMarkup } from '../../platform/money.ts';
import { CreditLeases, holdAll, type Meter, type MeterHold, payable } from '../metering/index.ts';
import { CallCredit } from './call-credit.ts';

const MARKUP = 1_000;

/** A ledger with a balance that lends to isolates and charges what they report, as far as there is something. */
class Ledger {
  balance: number;
  readonly lent = new Map<string, number>();
  readonly charged = new Map<string, number>();
  due = 0;

  constructor(balance: number) {
    this.balance = balance;
  }

  ask = async (question: {
    leaseId: string;
    settlements: readonly { callId: string; cost: number }[];
    needed: number;
    held: number;
  }) => {
    await null;
    const { leaseId, settlements, needed, held } = question;
    for (const { callId, cost } of settlements) {
      if (this.charged.has(callId)) throw new Error('charged twice');
      this.charged.set(callId, cost);
      this.due += cost;
      const mine = this.lent.get(leaseId) ?? 0;
      this.lent.set(leaseId, Math.max(0, mine - cost));
      this.balance = Math.max(0, this.balance - cost);
    }
    const others = [...this.lent].reduce((sum, [id, lent]) => (id === leaseId ? sum : sum + lent), 0);
    const free = Math.max(0, this.balance - others);
    const mine = this.lent.get(leaseId) ?? 0;
    // As the ledger decides it (`src/features/metering/lend-credit.ts`), without what is lent ahead.
    const lent = needed <= free ? needed : Math.max(0, free, Math.min(held, mine));
    this.lent.set(leaseId, lent);
    return {
      ok: true as const,
      value: { lent, leaseMs: 30_000, available: free - lent, markupBasisPoints: MARKUP },
    };
  };
}

/** One isolate's way to the ledger. */
function isolateOf(ledger: Ledger) {
  const clock = { now: () => 1_000_000 };
  const leases = new CreditLeases({ refusalMs: 0 });
  const lender = {
    id: 'credit',
    leases,
    of: 'tenant',
    ask: () => ledger.ask,
    share: ({ charge }: { charge: Nano }) => charge,
    refused: (error: unknown) => error as never,
  };
  const hold = (cost: Nano) =>
    holdAll(
      [{ lender, amount: withMarkup(cost, MARKUP) }],
      { env: {} as never },
      clock,
    ) as Promise<MeterHold>;
  const meter = { settle: (held: MeterHold, id: string, cost) => held.settle(id, cost) } as Pick<
    Meter,
    'settle'
  > as Meter;
  const begin = async (likely: Nano) => new CallCredit(meter, await hold(likely), likely, hold);
  return { begin, report: () => leases.report('tenant', clock, ledger.ask), leases };
}

describe('the credit of a call', () => {
  it('may cost what is plenty, and what several count on they do not count on twice', async () => {
    const { begin } = isolateOf(new Ledger(100_000));
    const [one, other] = [await begin(nano(1_000)), await begin(nano(1_000))];
    expect(one.mayCost(nano(1_100))).toBe(true);
    expect(one.mayCost(nano(20_000))).toBe(true);
    expect(other.mayCost(nano(20_000))).toBe(false);
    one.release();
    expect(other.mayCost(nano(20_000))).toBe(true);
  });

  it('shares what is left so that those who come later find something', async () => {
    const { begin } = isolateOf(new Ledger(1_100_000));
    const calls: CallCredit[] = [];
    for (let i = 0; i < 30; i++) {
      const call = await begin(nano(10_000));
      await call.holdShare(nano(10_000_000));
      calls.push(call);
    }
    expect(calls[0]?.held).toBeGreaterThan(200_000);
  });

  it('settles at most what is reserved and the overrun, and together no more than there was and their overruns', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.array(
          fc.record({
            isolate: fc.nat({ max: 2 }),
            likely: fc.integer({ min: 1, max: 500_000 }),
            more: fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 4, size: 'max' }),
            cost: fc.integer({ min: 0, max: 3_000_000 }),
            ends: fc.constantFrom('settled', 'settled', 'settled', 'released'),
          }),
          { minLength: 1, maxLength: 10 },
        ),
        async (total, calls) => {
          const ledger = new Ledger(total);
          const isolates = [isolateOf(ledger), isolateOf(ledger), isolateOf(ledger)];
          const most = new Map<string, number>();
          await Promise.all(
            calls.map(async ({ isolate, likely, more, cost, ends }, at) => {
              const credit = await isolates[isolate]?.begin(nano(likely)).catch(() => undefined);
              if (credit === undefined) return;
              for (const amount of more) await credit.more(nano(amount));
              if (ends === 'released') return credit.release();
              await credit.cover(nano(cost));
              const charge = withMarkup(credit.charged(nano(cost)), MARKUP);
              most.set(`call_${at}`, withMarkup(payable(credit.held), MARKUP));
              credit.settle(`call_${at}`, { charge, spent: charge });
            }),
          );
          for (const { report } of isolates) await report();
          for (const [id, charge] of ledger.charged) expect(charge).toBeLessThanOrEqual(most.get(id) ?? -1);
          // A nano-dollar for each hold, whose share of what the plan adds is rounded up.
          const holds = calls.reduce((sum, { more }) => sum + more.length + 3, 0);
          expect(ledger.due).toBeLessThanOrEqual(total * 1.1 + holds);
          expect(ledger.balance).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 1_000, endOnFailure: true },
    );
  });
});
