import { REFERRAL_TERMS, type ReferralStatus, type ReferralVerdict } from '../../../contracts/referrals.ts';
import { CURRENCY } from '../purchase.ts';

/** The payment by which a referral stands or falls. Times in milliseconds. */
export interface FirstPayment {
  readonly id: string;
  readonly paidAt: number;
  readonly verdict: ReferralVerdict;
  /** What of it is neither given back nor disputed, as of a time. */
  readonly leftCents: number;
  readonly asOf: number;
}

/** A payment as it was just seen at Stripe. */
export interface SeenPayment {
  readonly id: string;
  readonly paidAt: number;
  readonly currency: string;
  readonly paidCents: number;
  readonly leftCents: number;
  readonly asOf: number;
}

/** Whether a payment that is seen becomes the first, or is it already. Pure. */
export function concerns(before: Pick<FirstPayment, 'id' | 'paidAt'> | null, seen: SeenPayment): boolean {
  if (seen.currency !== CURRENCY || seen.paidCents < REFERRAL_TERMS.leastPaymentCents) return false;
  return before === null || before.id === seen.id || isEarlier(seen, before);
}

/**
 * The first payment after one was seen: the earliest that is large enough, whichever was seen first, so that any order of events comes to the same. The verdict of a
 * payment stays as it was when it became the first; of what is left of it the newest look counts. Pure.
 */
export function firstPayment(
  before: FirstPayment | null,
  seen: SeenPayment,
  verdict: ReferralVerdict,
): FirstPayment | null {
  if (!concerns(before, seen)) return before;
  const { id, paidAt, leftCents, asOf } = seen;
  if (before?.id !== id) return { id, paidAt, verdict, leftCents, asOf };
  return asOf > before.asOf ? { ...before, leftCents, asOf } : before;
}

function isEarlier(a: Pick<FirstPayment, 'id' | 'paidAt'>, b: Pick<FirstPayment, 'id' | 'paidAt'>): boolean {
  return a.paidAt < b.paidAt || (a.paidAt === b.paidAt && a.id < b.id);
}

/** Whether both sides have their bonus by this payment. Pure. */
export function holds(payment: FirstPayment | null): boolean {
  return payment?.verdict === 'counts' && payment.leftCents >= REFERRAL_TERMS.leastPaymentCents;
}

/** The next step, given how many there were: bonuses are given with the odd ones and taken back with the even ones. Pure. */
export function nextStep(step: number, payment: FirstPayment | null): number {
  return (step % 2 === 1) === holds(payment) ? step : step + 1;
}

/** Where a referral stands, in the contract's word. Pure. */
export function statusOf(step: number, payment: Pick<FirstPayment, 'id'> | null): ReferralStatus {
  if (step % 2 === 1) return 'earned';
  if (step > 0) return 'taken_back';
  return payment === null ? 'waiting' : 'not_counted';
}

/** Whether somebody of one tenant is in the other, or has a mailbox there: nobody refers themselves. Pure. */
export function samePeople(
  ones: readonly { readonly userId: string; readonly mailbox: string }[],
  others: readonly { readonly userId: string; readonly mailbox: string }[],
): boolean {
  const users = new Set(ones.map(({ userId }) => userId));
  const mailboxes = new Set(ones.map(({ mailbox }) => mailbox));
  return others.some(({ userId, mailbox }) => users.has(userId) || mailboxes.has(mailbox));
}
