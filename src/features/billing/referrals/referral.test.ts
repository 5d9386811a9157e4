import { describe, expect, it } from 'vitest';
import {
  concerns,
  firstPayment,
  holds,
  nextStep,
  type SeenPayment,
  samePeople,
  statusOf,
} from './referral.ts';

const seen: SeenPayment = {
  id: 'pi_1',
  paidAt: 10,
  currency: 'usd',
  paidCents: 1_000,
  leftCents: 1_000,
  asOf: 1,
};

describe('the first payment', () => {
  it('must be large enough, and in the currency that is sold in', () => {
    expect(concerns(null, seen)).toBe(true);
    expect(concerns(null, { ...seen, paidCents: 999 })).toBe(false);
    expect(concerns(null, { ...seen, currency: 'jpy' })).toBe(false);
  });

  it('brings nothing when its verdict says so, and never afterwards by a later payment', () => {
    const first = firstPayment(null, seen, 'card');
    expect(holds(first)).toBe(false);
    expect(firstPayment(first, { ...seen, id: 'pi_2', paidAt: 11 }, 'counts')).toBe(first);
    expect(nextStep(0, first)).toBe(0);
    expect(statusOf(0, first)).toBe('not_counted');
  });

  it('keeps its verdict: who become colleagues later were none when they paid', () => {
    const first = firstPayment(null, seen, 'counts');
    expect(firstPayment(first, { ...seen, asOf: 2 }, 'self')).toMatchObject({ verdict: 'counts', asOf: 2 });
  });
});

it('stands as the contract says', () => {
  expect([0, 1, 2, 3].map((step) => statusOf(step, step === 0 ? null : seen))).toEqual([
    'waiting',
    'earned',
    'taken_back',
    'earned',
  ]);
});

describe('threat: oneself under two names', () => {
  const ada = { userId: 'usr_1', mailbox: 'ada@example.com' };
  it('is known by being in both tenants, or by a mailbox that is in both', () => {
    const bob = { userId: 'usr_2', mailbox: 'bob@example.com' };
    expect(samePeople([ada], [bob])).toBe(false);
    expect(samePeople([ada, bob], [{ ...bob, mailbox: 'other@example.com' }])).toBe(true);
    expect(samePeople([ada], [{ ...ada, userId: 'usr_3' }])).toBe(true);
    expect(samePeople([], [ada])).toBe(false);
  });
});
