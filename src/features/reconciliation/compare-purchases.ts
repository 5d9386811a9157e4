import { type billingPurchases, purchaseCreditId, share } from '../billing/index.ts';
import type { LedgerTransaction } from '../metering/index.ts';
import type { Difference } from './compare.ts';

export type PurchaseRow = typeof billingPurchases.$inferSelect;

/**
 * What was paid at Stripe, as we last saw it there, against a ledger's transactions that payments caused. What changed within the last hour is left
 * for another time: the ledger comes first, and the row after it. Pure.
 */
export function comparePurchases(
  purchases: readonly PurchaseRow[],
  transactions: readonly LedgerTransaction[],
  settledBefore: number,
): Difference[] {
  const found: Difference[] = [];
  const credits = new Map(transactions.map((transaction) => [transaction.id, transaction]));
  for (const { id, status, creditNano, asOf } of purchases) {
    const creditId = purchaseCreditId(id);
    const credit = credits.get(creditId);
    credits.delete(creditId);
    if (asOf >= settledBefore) continue;
    const expected = status === 'refused' ? 0 : creditNano;
    const given = credit?.amount ?? 0;
    if (expected === given) continue;
    found.push({
      kind: credit === undefined ? 'purchase_not_credited' : 'purchase_differs',
      subject: id,
      expected: String(expected),
      found: credit === undefined ? null : String(given),
      amountNano: given - expected,
    });
  }
  for (const { id, at, amount } of credits.values()) {
    if (!id.endsWith('/credit') || at >= settledBefore) continue;
    found.push({
      kind: 'credit_unexplained',
      subject: id,
      expected: null,
      found: String(amount),
      amountNano: amount,
    });
  }
  return [...found, ...compareRefunds(purchases, transactions, settledBefore)];
}

/** What was given back and is disputed at Stripe, against what the ledger took back for it, in all: which refund belongs to which purchase Stripe alone knows. */
function compareRefunds(
  purchases: readonly PurchaseRow[],
  transactions: readonly LedgerTransaction[],
  settledBefore: number,
): Difference[] {
  const moved = transactions.filter(
    ({ type, id }) => type === 'refund' || id.endsWith('/won') || id.endsWith('/failed'),
  );
  if ([...moved.map(({ at }) => at), ...purchases.map(({ asOf }) => asOf)].some((at) => at >= settledBefore))
    return [];
  // What could not be taken is owed: it was taken back all the same.
  const found = moved.reduce(
    (total, { type, amount, short }) => total + (type === 'refund' ? short - amount : -amount),
    0,
  );
  const backed = purchases.filter(
    ({ status, paidCents, refundedCents, disputedCents }) =>
      status !== 'refused' && paidCents > 0 && refundedCents + disputedCents > 0,
  );
  const expected = backed.reduce(
    (total, { creditNano, paidCents, refundedCents, lapsedCents, disputedCents }) =>
      total + share(creditNano, refundedCents - lapsedCents + disputedCents, paidCents),
    0,
  );
  // Each part is rounded down by itself, to a nano-dollar.
  if (Math.abs(found - expected) <= moved.length + backed.length) return [];
  return [
    {
      kind: 'refunds_differ',
      subject: 'refunds',
      expected: String(expected),
      found: String(found),
      amountNano: expected - found,
    },
  ];
}
