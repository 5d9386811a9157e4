import type { AppContext } from '../../../platform/http/context.ts';
import type { BillingContext } from '../context.ts';

export const TAG = 'Billing';

export function contextOf(c: AppContext): BillingContext {
  const { config, clock, log } = c.var;
  return { env: c.env, config, clock, log };
}

/** What names a request's repetition: its Idempotency-Key, else itself alone. */
export function onceKeyOf(c: AppContext): string {
  return c.req.header('idempotency-key')?.slice(0, 150) ?? c.var.requestId;
}
