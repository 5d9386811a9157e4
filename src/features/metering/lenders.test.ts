import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../platform/errors.ts';
import { type Nano, nano } from '../../platform/money.ts';
import { CreditLeases } from './credit-leases.ts';
import { type CallHold, holdAll, type Lender } from './lenders.ts';

const clock = { time: 1_000_000, now: () => clock.time };
const round = {};

/** Lenders with so much each: what was settled is gone, and what they hear is held is kept for the test. */
function lendersWith(amounts: readonly number[]) {
  const heard = amounts.map((left) => ({ left, broken: false, asked: 0 }));
  const lenders = amounts.map((_, at): Lender<object> => {
    const own = heard[at] as (typeof heard)[number];
    return {
      id: `lender:${at}`,
      leases: new CreditLeases({ refusalMs: 1 }),
      of: `${at}`,
      ask:
        () =>
        async ({ settlements, needed }) => {
          own.asked += 1;
          if (own.broken) throw new ParallaxError('unavailable', 'away');
          for (const { cost } of settlements) own.left -= cost;
          return {
            ok: true,
            value: { lent: Math.min(needed, own.left), leaseMs: 30_000, available: own.left },
          };
        },
      share: ({ charge, spent }) => (at === 0 ? charge : spent),
      refused: (error) =>
        new ParallaxError('insufficient_credit', `lender ${at} refuses`, { details: error.details }),
    };
  });
  const hold = (amount: Nano) => {
    clock.time += 10;
    return holdAll(
      lenders.map((lender) => ({ lender, amount })),
      round,
      clock,
    );
  };
  /** How many calls hold something of each lender, after a report. */
  const callsNow = async () => {
    for (const lender of lenders) await lender.leases.report(lender.of, clock, lender.ask(round));
    return lenders.map(({ leases, of }) => leases.room(of).calls);
  };
  return { heard, lenders, hold, callsNow };
}

describe('a call that several lend for', () => {
  it('is held with all or with none, whatever comes before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 4, size: 'max' }),
        fc.array(
          fc.record({
            amount: fc.integer({ min: 1, max: 120 }),
            end: fc.constantFrom('settle', 'release', 'keep'),
          }),
          { maxLength: 15 },
        ),
        async (amounts, calls) => {
          const { hold, callsNow, heard } = lendersWith(amounts);
          let [open, openCalls, spent] = [0, 0, 0];
          for (const [at, { amount, end }] of calls.entries()) {
            const held: CallHold<object> | null = await hold(nano(amount)).catch(() => null);
            const fits = open + amount <= Math.min(...amounts) - spent;
            expect(held !== null).toBe(fits);
            if (held === null) continue;
            if (end === 'keep') {
              open += amount;
              openCalls += 1;
            } else if (end === 'release') held.release();
            else {
              held.settle(`call_${at}`, { charge: nano(amount), spent: nano(amount) });
              held.settle(`call_${at}`, { charge: nano(amount), spent: nano(amount) });
              held.release();
              spent += amount;
            }
          }
          expect(await callsNow()).toEqual(amounts.map(() => openCalls));
          expect(heard.map(({ left }) => left)).toEqual(amounts.map((amount) => amount - spent));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is refused in the words of whoever refuses, the first of them in their order', async () => {
    const { hold } = lendersWith([100, 10, 5]);
    await expect(hold(nano(50))).rejects.toThrow('lender 1 refuses');
  });

  it('holds nothing when one of them is away, and says so', async () => {
    const { hold, callsNow, heard } = lendersWith([100, 100]);
    (heard[1] as { broken: boolean }).broken = true;
    await expect(hold(nano(50))).rejects.toMatchObject({ code: 'unavailable' });
    (heard[1] as { broken: boolean }).broken = false;
    expect(await callsNow()).toEqual([0, 0]);
  });

  it('asks all of them at once, and none while what they lent suffices', async () => {
    const { hold, heard } = lendersWith([100, 100, 100]);
    (await hold(nano(50))).release();
    (await hold(nano(50))).release();
    expect(heard.map(({ asked }) => asked)).toEqual([1, 1, 1]);
  });

  it('tells each lender its own share, and names those that have something to be told', async () => {
    const { hold, heard, callsNow, lenders } = lendersWith([100, 100]);
    const held = await hold(nano(50));
    expect(held.settle('call_1', { charge: nano(0), spent: nano(30) })).toEqual([lenders[1]]);
    await callsNow();
    expect(heard.map(({ left }) => left)).toEqual([100, 70]);
  });
});
