import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGREED_PLANS } from '../../contracts/billing.ts';
import { PLAN_IDS } from '../../contracts/plans.ts';
import { heldPlan, inForce } from './agreement.ts';

describe('a plan by agreement', () => {
  const agreed = { plan: 'enterprise', seats: 40, endsAt: 1_000 } as const;

  it('holds up to its end, and not at it', () => {
    expect(inForce(agreed, 999)).toEqual(agreed);
    expect(inForce(agreed, 1_000)).toBeNull();
    expect(inForce({ ...agreed, endsAt: null }, Number.MAX_SAFE_INTEGER)).not.toBeNull();
  });

  it('is over when the newest says so', () => {
    expect(inForce({ plan: null, seats: 1, endsAt: null }, 0)).toBeNull();
    expect(inForce(undefined, 0)).toBeNull();
  });

  it('stands above whatever is paid for while it holds, and is as if it had never been afterwards', () => {
    const paidFor = fc.record({
      plan: fc.constantFrom(...PLAN_IDS),
      seats: fc.integer({ min: 1, max: 500 }),
      anchorAt: fc.option(fc.nat(), { nil: null }),
    });
    const newest = fc.record({
      plan: fc.option(fc.constantFrom(...AGREED_PLANS), { nil: null }),
      seats: fc.integer({ min: 1, max: 500 }),
      endsAt: fc.option(fc.nat(2_000), { nil: null }),
    });
    fc.assert(
      fc.property(paidFor, newest, fc.nat(2_000), (paid, one, now) => {
        const held = heldPlan(paid, inForce(one, now));
        const holds = one.plan !== null && (one.endsAt === null || now < one.endsAt);
        expect(held).toEqual(holds ? { plan: one.plan, seats: one.seats, anchorAt: paid.anchorAt } : paid);
      }),
    );
  });
});
