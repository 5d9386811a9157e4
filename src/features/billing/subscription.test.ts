import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksOf } from './event-routing.ts';
import { allocationOf, decidePurchase } from './purchase.ts';
import { decideSubscription, GRACE_MS, type SeenSubscription } from './subscription.ts';

const seen = (more: Partial<SeenSubscription> = {}): SeenSubscription => ({
  id: 'sub_1',
  status: 'active',
  plan: 'pro',
  seats: 1,
  created: 1,
  anchorAt: 1,
  periodEnd: 10,
  cancelAtPeriodEnd: false,
  openInvoiceAt: null,
  ...more,
});

describe('a subscription', () => {
  it.each([
    ['active', 'pro'],
    ['trialing', 'pro'],
    ['canceled', 'free'],
    ['unpaid', 'free'],
    ['incomplete', 'free'],
    ['incomplete_expired', 'free'],
    ['paused', 'free'],
  ])('that is %s gives %s', (status, plan) => {
    expect(decideSubscription([seen({ status })], 5).plan).toBe(plan);
  });

  it('that is past due holds to the last millisecond of its grace, which later failures do not lengthen', () => {
    const late = seen({ status: 'past_due', openInvoiceAt: 1_000 });
    expect(decideSubscription([late], 1_000 + GRACE_MS - 1)).toMatchObject({
      plan: 'pro',
      graceUntil: 1_000 + GRACE_MS,
    });
    expect(decideSubscription([late], 1_000 + GRACE_MS)).toMatchObject({ plan: 'free', status: 'past_due' });
  });

  it('of a price that is none of ours gives nothing', () => {
    expect(decideSubscription([seen({ plan: null })], 5)).toMatchObject({ plan: 'free', status: 'none' });
  });

  it('is the same one whatever the order in which all are listed, and each other beside a paid one is told', () => {
    const statuses = ['active', 'past_due', 'canceled', 'unpaid'] as const;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...statuses), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        (list, turn) => {
          const all = list.map((status, at) =>
            seen({ id: `sub_${at}`, status, created: at, openInvoiceAt: 0 }),
          );
          const turned = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
          const decision = decideSubscription(turned, 5);
          expect(decision).toEqual(decideSubscription(all, 5));
          const living = all.filter(({ status }) => status === 'active' || status === 'past_due');
          // Beside one whose payment failed nothing is ended: the newer may be what pays.
          const ended = living[0]?.status === 'active' ? living.length - 1 : 0;
          expect(decision.surplus).toHaveLength(ended);
          expect(decision.plan).toBe(living.length > 0 ? 'pro' : 'free');
        },
      ),
    );
  });
});

describe('an invoice', () => {
  const line = { unitCents: 2_500, creditNano: 5_000_000_000 };
  it('gives the credit of its seats, and of added seats their part', () => {
    expect(allocationOf([{ cents: 7_500, ...line }])).toBe(15_000_000_000);
    expect(
      allocationOf([
        { cents: -1_250, ...line },
        { cents: 2_500, ...line },
      ]),
    ).toBe(2_500_000_000);
  });
  it('of less takes nothing back', () => {
    expect(
      allocationOf([
        { cents: -2_500, ...line },
        { cents: 1_250, ...line },
      ]),
    ).toBe(0);
  });
});

describe('a payment', () => {
  it('in another currency, refunded or not, moves nothing', () => {
    const decision = decidePurchase({
      id: 'pi_1',
      tenantId: 'ten_1',
      kind: 'credit',
      currency: 'jpy',
      paidCents: 2_000,
      creditNano: 20_000_000_000,
      expiresAt: null,
      refunds: [{ id: 're_1', cents: 100, status: 'succeeded', created: 1 }],
      disputes: [],
    });
    expect(decision).toMatchObject({ steps: [], status: 'refused' });
  });
});

describe('an event', () => {
  it('leads to what it names, and one that nobody knows to nothing', () => {
    expect(looksOf('charge.refunded', { id: 'ch_1', payment_intent: 'pi_1' })).toEqual([
      { at: 'payment', id: 'pi_1' },
    ]);
    expect(looksOf('invoice.paid', { id: 'in_1', customer: { id: 'cus_1' } })).toEqual([
      { at: 'invoice', id: 'in_1' },
      { at: 'customer', id: 'cus_1' },
    ]);
    expect(looksOf('planet.aligned', { id: 'x', customer: 'cus_1' })).toEqual([]);
  });
});
