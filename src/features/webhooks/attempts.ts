/** Seconds from one attempt to the next: eight attempts in a day and a quarter. After the schedule of https://www.standardwebhooks.com, without its longest waits. */
export const ATTEMPT_DELAYS_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 43_200] as const;

/** An endpoint at which nothing arrived for so long is turned off. Milliseconds. */
export const OFF_AFTER_MS = 5 * 24 * 60 * 60_000;

/** What follows an attempt. */
export type AfterAttempt =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'again'; readonly delayS: number }
  | { readonly kind: 'failed'; readonly turnOff: 'gone' | 'failing' | null };

/**
 * What follows an attempt, the `attempts`-th of its delivery, that was answered with `status` (null without an answer). Any 2xx is a delivery; 410 Gone says
 * that nothing is wanted there any more. `failingSince` is since when nothing arrived at the endpoint, this attempt included. Pure.
 */
export function afterAttempt({
  attempts,
  status,
  failingSince,
  now,
}: {
  readonly attempts: number;
  readonly status: number | null;
  readonly failingSince: number;
  readonly now: number;
}): AfterAttempt {
  if (status !== null && status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'failed', turnOff: 'gone' };
  const delayS = ATTEMPT_DELAYS_S[attempts - 1];
  if (delayS !== undefined) return { kind: 'again', delayS };
  return { kind: 'failed', turnOff: now - failingSince >= OFF_AFTER_MS ? 'failing' : null };
}
