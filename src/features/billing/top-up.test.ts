import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterRefusal, monthOf, TOP_UP_RETRIES_MS, topUpIsDue } from './top-up.ts';

const settings = {
  enabled: true,
  thresholdCents: 500,
  amountCents: 2_000,
  monthlyCapCents: 5_000,
  retryAt: null,
};
const low = { availableNano: 4e9, thresholdNano: 5e9, chargedCents: 0, now: 1_800_000_000_000 };

describe('a top-up', () => {
  it('is due when credit is below the threshold, not at it, and not while it is off', () => {
    expect(topUpIsDue(settings, low)).toBe(true);
    expect(topUpIsDue(settings, { ...low, availableNano: 5e9 })).toBe(false);
    expect(topUpIsDue({ ...settings, enabled: false }, low)).toBe(false);
  });

  it('waits out a refusal: an hour, then six; a third refusal ends it', () => {
    let state: { failures: number; retryAt: number | null } = { failures: 0, retryAt: null };
    const waits: (number | null)[] = [];
    for (let i = 0; i < 3; i++) {
      state = afterRefusal(state.failures, low.now);
      waits.push(state.retryAt === null ? null : state.retryAt - low.now);
    }
    expect(waits).toEqual([...TOP_UP_RETRIES_MS, null]);
    expect(topUpIsDue({ ...settings, retryAt: low.now + 1 }, low)).toBe(false);
    expect(topUpIsDue({ ...settings, retryAt: low.now }, low)).toBe(true);
  });

  it('never charges more than the cap in a calendar month, however often and whenever it is looked at', () => {
    const amount = fc.integer({ min: 500, max: 10_000 });
    fc.assert(
      fc.property(
        amount,
        fc.integer({ min: 500, max: 50_000 }),
        fc.array(fc.integer({ min: 0, max: 20 * 24 * 60 * 60_000 }), { maxLength: 60, size: 'max' }),
        (amountCents, monthlyCapCents, gaps) => {
          let now = Date.UTC(2027, 0, 1);
          const charges: { at: number; cents: number }[] = [];
          for (const gap of gaps) {
            now += gap;
            const month = monthOf(now);
            const chargedCents = charges
              .filter(({ at }) => at >= month)
              .reduce((sum, { cents }) => sum + cents, 0);
            if (topUpIsDue({ ...settings, amountCents, monthlyCapCents }, { ...low, chargedCents, now }))
              charges.push({ at: now, cents: amountCents });
          }
          const months = Map.groupBy(charges, ({ at }) => monthOf(at));
          for (const some of months.values())
            expect(some.reduce((sum, { cents }) => sum + cents, 0)).toBeLessThanOrEqual(monthlyCapCents);
        },
      ),
    );
  });
});
