/** A tenant's own month: `start` belongs to it, `end` to the next. Milliseconds. */
export interface Month {
  readonly start: number;
  readonly end: number;
}

/**
 * The month of a tenant in which a time lies, given the begin of any of its months. Months are counted from the anchor itself, so that one that begins on
 * the 31st ends on the last day of a shorter month and begins on the 31st again after it, as Stripe bills
 * (https://docs.stripe.com/billing/subscriptions/billing-cycle). In UTC. Pure.
 */
export function monthOf(anchorAt: number, now: number): Month {
  const anchor = new Date(anchorAt);
  const at = new Date(now);
  let months = (at.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + at.getUTCMonth() - anchor.getUTCMonth();
  // The calendar month of `now` holds exactly one begin: before it, the month is the one before.
  if (begin(anchor, months) > now) months -= 1;
  return { start: begin(anchor, months), end: begin(anchor, months + 1) };
}

/** The anchor's day and time so many calendar months later; the last day of a month that has not that many. */
function begin(anchor: Date, months: number): number {
  const first = new Date(anchor);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(anchor.getUTCDate(), lastDay));
  return first.getTime();
}
