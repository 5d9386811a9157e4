import type { PurchaseKind, PurchaseStatus } from '../../contracts/billing.ts';
import type { Credit, Refund } from '../metering/index.ts';
import { share } from './amounts.ts';

/** Money that was given back, or is disputed, in cents and seconds as Stripe counts. */
export interface MoneyBack {
  readonly id: string;
  readonly cents: number;
  /** Stripe's word. */
  readonly status: string;
  readonly created: number;
}

/** A payment as it stands at Stripe now, and what it bought. */
export interface Purchase {
  /** The payment or invoice: one thing is bought by it, whatever announces it and however often. */
  readonly id: string;
  readonly tenantId: string;
  readonly kind: PurchaseKind;
  readonly currency: string;
  readonly paidCents: number;
  /** What it gives, in nano-dollars. */
  readonly creditNano: number;
  /** When the credit ends; null for never. */
  readonly expiresAt: number | null;
  readonly refunds: readonly MoneyBack[];
  readonly disputes: readonly MoneyBack[];
}

export type LedgerStep =
  | { readonly do: 'credit'; readonly operation: Credit }
  | { readonly do: 'refund'; readonly operation: Refund };

export interface Flag {
  readonly kind: string;
  readonly objectId: string;
  readonly detail: string;
}

export interface PurchaseDecision {
  /** In this order: what comes later may rest on what came before. Each may be told again. */
  readonly steps: readonly LedgerStep[];
  readonly flags: readonly Flag[];
  readonly status: PurchaseStatus;
  readonly refundedCents: number;
  /** Of these, what was refunded after the credit had ended, and took none back. */
  readonly lapsedCents: number;
  readonly disputedCents: number;
}

/** The currency that is sold in. */
export const CURRENCY = 'usd';

/**
 * What a payment means for the ledger, from how it stands at Stripe alone. Pure. The ids of the operations come from Stripe's ids, and their amounts
 * never depend on what was known before, so that any number of looks, in any order, comes to the same:
 * - It is credited once.
 * - A refund that succeeded takes its share of the credit back.
 * - A refund that failed, perhaps after it had succeeded, gives it back. One of a plan's invoice takes nothing once the plan's credit has ended.
 * - A dispute takes its share back when it begins, because the bank takes the money then; one that is won gives it back.
 */
export function decidePurchase(purchase: Purchase): PurchaseDecision {
  const { id, tenantId, kind, currency, paidCents, creditNano, expiresAt } = purchase;
  if (currency !== CURRENCY) {
    const flag = { kind: 'currency', objectId: id, detail: `paid in ${currency}; nothing was credited` };
    return {
      steps: [],
      flags: [flag],
      status: 'refused',
      refundedCents: 0,
      lapsedCents: 0,
      disputedCents: 0,
    };
  }
  const steps: LedgerStep[] = [];
  const flags: Flag[] = [];
  const reference = { type: id.startsWith('in_') ? 'invoice' : 'payment', id };
  const creditId = purchaseCreditId(id);
  if (creditNano > 0)
    steps.push({
      do: 'credit',
      operation: {
        tenantId,
        id: creditId,
        type: kind === 'plan' ? 'allocation' : 'purchase',
        bucket: kind === 'plan' ? 'allocation' : 'purchased',
        amount: creditNano,
        expiresAt,
        reference,
        reason: REASONS[kind],
      },
    });
  const takeBack = (back: MoneyBack, why: 'refund' | 'dispute', from: string) => {
    if (!Number.isSafeInteger(back.cents) || back.cents < 0 || back.cents > paidCents) {
      flags.push({
        kind: 'refund_exceeds_purchase',
        objectId: back.id,
        detail: `${back.cents} cents of ${paidCents} cents paid with ${id}`,
      });
      return;
    }
    const amount = paidCents === 0 ? 0 : share(creditNano, back.cents, paidCents);
    if (amount === 0) return;
    steps.push({
      do: 'refund',
      operation: {
        tenantId,
        id: `stripe:${back.id}/${why}`,
        creditId: from,
        amount,
        reference: { type: why, id: back.id },
        reason: why === 'refund' ? 'The payment was refunded' : 'The payment is disputed at the bank',
      },
    });
  };
  const disputes = inOrder(purchase.disputes.filter(({ status }) => !HARMLESS.has(status)));
  for (const dispute of disputes) {
    takeBack(dispute, 'dispute', creditId);
    const amount = paidCents === 0 ? 0 : share(creditNano, dispute.cents, paidCents);
    if (dispute.status !== 'won' || amount === 0 || dispute.cents > paidCents) continue;
    steps.push({
      do: 'credit',
      operation: {
        tenantId,
        id: wonId(dispute),
        type: 'adjustment',
        bucket: kind === 'plan' ? 'allocation' : 'purchased',
        amount,
        expiresAt,
        reference: { type: 'dispute', id: dispute.id },
        reason: 'The dispute was decided for this purchase',
      },
    });
  }
  const lapsed = ({ created }: MoneyBack) => expiresAt !== null && created * 1000 >= expiresAt;
  const begun = inOrder(
    purchase.refunds.filter(({ status }) => status === 'succeeded' || FAILED.has(status)),
  );
  for (const refund of begun) {
    // What a plan brought has ended by then, and what was used of it was paid for until then: nothing is left to take back.
    if (lapsed(refund)) continue;
    // What came back, with a dispute or a refund that failed, is a credit of its own; a later refund is taken from there.
    const won = disputes.find(({ status, created }) => status === 'won' && created < refund.created);
    const failed = begun.findLast(
      ({ status, created, cents, id: other }) =>
        FAILED.has(status) && other !== refund.id && created <= refund.created && cents >= refund.cents,
    );
    const from = failed !== undefined ? failedId(failed) : won !== undefined ? wonId(won) : creditId;
    takeBack(refund, 'refund', from);
    const amount = paidCents === 0 ? 0 : share(creditNano, refund.cents, paidCents);
    if (!FAILED.has(refund.status) || amount === 0 || refund.cents > paidCents) continue;
    // It may have been taken when it was told as done: told again it is once, and comes back once, whichever was seen first.
    steps.push({
      do: 'credit',
      operation: {
        tenantId,
        id: failedId(refund),
        type: 'adjustment',
        bucket: kind === 'plan' ? 'allocation' : 'purchased',
        amount,
        expiresAt,
        reference: { type: 'refund', id: refund.id },
        reason: 'The refund failed at the bank',
      },
    });
  }
  const refunds = begun.filter(({ status }) => status === 'succeeded');
  const total = (list: readonly MoneyBack[]) => list.reduce((sum, { cents }) => sum + cents, 0);
  const refundedCents = total(refunds);
  const lapsedCents = total(refunds.filter(lapsed));
  const disputedCents = total(disputes.filter(({ status }) => status !== 'won'));
  if (refundedCents > paidCents)
    flags.push({
      kind: 'refund_exceeds_purchase',
      objectId: id,
      detail: `${refundedCents} cents refunded of ${paidCents} cents paid`,
    });
  return {
    steps,
    flags,
    status: statusOf(paidCents, refundedCents, disputes),
    refundedCents,
    lapsedCents,
    disputedCents,
  };
}

/** What all operations of payments are named after. */
export const STRIPE_SOURCE = 'stripe:';

/** The id of the credit that a payment or invoice gives. */
export const purchaseCreditId = (id: string): string => `${STRIPE_SOURCE}${id}/credit`;

/** Inquiries move no money, and those that were prevented never became disputes. */
const HARMLESS: ReadonlySet<string> = new Set([
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'prevented',
]);

/** Refunds that did not reach anybody, perhaps after they were told as done. */
const FAILED: ReadonlySet<string> = new Set(['failed', 'canceled']);

const REASONS: Readonly<Record<PurchaseKind, string>> = {
  credit: 'Credit bought',
  plan: 'Credit of the plan',
};

const failedId = ({ id }: MoneyBack): string => `stripe:${id}/failed`;
const wonId = ({ id }: MoneyBack): string => `stripe:${id}/won`;

function inOrder(list: readonly MoneyBack[]): MoneyBack[] {
  return [...list].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

function statusOf(paid: number, refunded: number, disputes: readonly MoneyBack[]): PurchaseStatus {
  if (disputes.some(({ status }) => status === 'lost')) return 'lost';
  if (disputes.some(({ status }) => status !== 'won')) return 'disputed';
  if (refunded === 0) return 'paid';
  return refunded < paid ? 'partly_refunded' : 'refunded';
}

/** A line of an invoice: so many cents for a plan whose full price gives so much credit. */
export interface PlanLine {
  readonly cents: number;
  /** A seat's price a month, in cents, and the credit that comes with it, in nano-dollars. */
  readonly unitCents: number;
  readonly creditNano: number;
}

/**
 * The credit of an invoice: in proportion to what its lines charge for plans, so that seats added in the middle of a month bring what is left of theirs.
 * Never below 0: who changes to less is given the difference by Stripe, and keeps the month's credit. Pure.
 */
export function allocationOf(lines: readonly PlanLine[]): number {
  let total = 0;
  for (const { cents, unitCents, creditNano } of lines) {
    if (unitCents <= 0) continue;
    total += Math.sign(cents) * share(creditNano, Math.abs(cents), unitCents);
  }
  return Math.max(0, total);
}
