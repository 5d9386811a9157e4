const HOUR_MS = 60 * 60_000;

/** How long is waited after each payment that the bank refused; after one more the top-ups end. */
export const TOP_UP_RETRIES_MS: readonly number[] = [HOUR_MS, 6 * HOUR_MS];

export interface TopUpSettings {
  readonly enabled: boolean;
  readonly thresholdCents: number;
  readonly amountCents: number;
  readonly monthlyCapCents: number;
  readonly retryAt: number | null;
}

export interface TopUpSituation {
  /** Nano-dollars that the ledger has available. */
  readonly availableNano: number;
  /** Cents of the threshold in nano-dollars. */
  readonly thresholdNano: number;
  /** Cents charged in this calendar month, what is under way included. */
  readonly chargedCents: number;
  readonly now: number;
}

/** Whether credit is to be bought now: it is low, no refusal is being waited out, and the month's cap has room for the whole amount. Pure. */
export function topUpIsDue(
  { enabled, amountCents, monthlyCapCents, retryAt }: TopUpSettings,
  { availableNano, thresholdNano, chargedCents, now }: TopUpSituation,
): boolean {
  if (!enabled || availableNano >= thresholdNano) return false;
  if (retryAt !== null && now < retryAt) return false;
  return chargedCents + amountCents <= monthlyCapCents;
}

/** What follows from one more refusal: when it is tried again, or null when it is not. Pure. */
export function afterRefusal(
  failures: number,
  now: number,
): { readonly failures: number; readonly retryAt: number | null } {
  const wait = TOP_UP_RETRIES_MS[failures];
  return { failures: failures + 1, retryAt: wait === undefined ? null : now + wait };
}

/** When the calendar month of a time began (UTC), in milliseconds. Pure. */
export function monthOf(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
