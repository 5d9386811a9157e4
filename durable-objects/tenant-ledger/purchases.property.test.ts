import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePurchase, type MoneyBack, type Purchase } from '../../src/features/billing/purchase.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import { Ledger } from './ledger.ts';
import { SqliteLedgerDatabase } from './sqlite.fixture.ts';

/** What happens to a payment at Stripe, one after the other. */
type Happening =
  | { readonly kind: 'refund'; readonly cents: number }
  | { readonly kind: 'dispute'; readonly cents: number; readonly outcome: 'won' | 'lost' | 'open' };

const PAID = 2_000;
const happenings = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('refund' as const), cents: fc.integer({ min: 1, max: PAID }) }),
    fc.record({
      kind: fc.constant('dispute' as const),
      cents: fc.integer({ min: 1, max: PAID }),
      outcome: fc.constantFrom('won' as const, 'lost' as const, 'open' as const),
    }),
  ),
  { maxLength: 5 },
);

/** Every state that the payment had at Stripe, in order. No more goes back than was paid, as Stripe sees to it. */
function history(list: readonly Happening[], id: string): Purchase[] {
  const refunds: MoneyBack[] = [];
  const disputes: MoneyBack[] = [];
  const states: Purchase[] = [];
  const state = () =>
    states.push({
      id,
      tenantId: 'ten_1',
      kind: 'credit',
      currency: 'usd',
      paidCents: PAID,
      creditNano: PAID * 10_000_000,
      expiresAt: null,
      refunds: [...refunds],
      disputes: [...disputes],
    });
  state();
  let left = PAID;
  list.forEach((one, at) => {
    const cents = Math.min(one.cents, left);
    if (cents === 0) return;
    if (one.kind === 'refund') {
      refunds.push({ id: `re_${id}_${at}`, cents, status: 'succeeded', created: at });
      left -= cents;
    } else {
      // A payment that was disputed once is refunded no more here: which share a refund after a part won comes from is Stripe's to limit.
      if (disputes.length > 0) return;
      const dispute = { id: `dp_${id}_${at}`, cents, created: at };
      disputes.push({ ...dispute, status: 'needs_response' });
      state();
      if (one.outcome !== 'open') disputes.splice(-1, 1, { ...dispute, status: one.outcome });
      if (one.outcome !== 'won') left -= cents;
      else left = 0;
    }
    state();
  });
  return states;
}

function opened(): Ledger {
  const ledger = new Ledger(new SqliteLedgerDatabase());
  ledger.open(0, 0);
  return ledger;
}

function look(ledger: Ledger, purchase: Purchase): void {
  for (const { do: what, operation } of decidePurchase(purchase).steps) {
    try {
      if (what === 'credit') ledger.credit(operation, 1);
      else ledger.refund(operation, 1);
    } catch (error) {
      if (!(error instanceof ParallaxError)) throw error;
      throw new Error(`refused: ${operation.id}: ${error.message}`);
    }
  }
}

const totals = (ledger: Ledger) => {
  const { balance, owed } = ledger.standing(2);
  return balance - owed;
};

describe('looks at payments', () => {
  it('come to the same in any order, repeated, with all but the last dropped; and to what was paid less what went back', () => {
    fc.assert(
      fc.property(
        fc.array(happenings, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.nat()),
        fc.nat(30),
        (all, choices, extra) => {
          const payments = all.map((list, at) => history(list, `pi_${at}`));
          const last = payments.flatMap((states) => states.slice(-1));
          const straight = opened();
          for (const purchase of last) look(straight, purchase);
          // At each delivery the payment is fetched: never older than what an earlier look saw.
          const shuffled = opened();
          const at = payments.map(() => 0);
          for (let i = 0; i < extra; i++) {
            const which = choices.next().value % payments.length;
            const states = payments[which] ?? [];
            const from = at[which] ?? 0;
            const now = from + (choices.next().value % (states.length - from));
            at[which] = now;
            const state = states[now];
            if (state !== undefined) look(shuffled, state);
          }
          for (const purchase of [...last].reverse()) look(shuffled, purchase);
          for (const purchase of last) look(shuffled, purchase);
          expect(totals(shuffled)).toBe(totals(straight));
          const kept = last.reduce((sum, purchase) => {
            const { refundedCents, disputedCents } = decidePurchase(purchase);
            return sum + (PAID - refundedCents - disputedCents) * 10_000_000;
          }, 0);
          expect(totals(straight)).toBe(kept);
        },
      ),
      { numRuns: 300 },
    );
  });
});
