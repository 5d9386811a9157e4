import { ParallaxError } from '../../platform/errors.ts';
import { type Grant, RATE_NAMES } from './request-grants.ts';

/** `rate_limited`: no request of that kind is there before the grant's `retryAt`. */
export function rateLimited(grant: Grant, now: number): ParallaxError {
  const retryAfterMs = Math.max(1, grant.retryAt - now);
  return limited(
    { limit: RATE_NAMES[grant.operation], quota: grant.limit },
    retryAfterMs,
    `Too many ${grant.operation === 'perspectives' ? 'runs' : 'requests'}: up to ${grant.limit} at once, refilled evenly. Please try again in ${seconds(retryAfterMs)}.`,
  );
}

/** `rate_limited`: as many requests are under way as may be. */
export function concurrencyLimited(limit: number): ParallaxError {
  return limited(
    { limit: 'concurrency', quota: limit },
    1_000,
    `Too many requests are under way at once: up to ${limit}. Please try again when one of them has ended.`,
  );
}

/** `rate_limited`: others took what was lent, round after round. */
export function crowdedOut(): ParallaxError {
  return limited({ limit: 'rate' }, 1_000, 'Too many requests came at once. Please try again in a second.');
}

function limited(
  details: Readonly<Record<string, unknown>>,
  retryAfterMs: number,
  message: string,
): ParallaxError {
  return new ParallaxError('rate_limited', message, { retryAfterMs, details });
}

function seconds(milliseconds: number): string {
  const whole = Math.ceil(milliseconds / 1_000);
  return whole === 1 ? 'a second' : `${whole} seconds`;
}
