import { tellPlan } from './agreement-store.ts';
import type { BillingContext } from './context.ts';
import { customerOf } from './customers.ts';
import { lookAtCustomer } from './look-at-customer.ts';

/** Looks afresh at which plan holds of a tenant, and tells its ledger: with Stripe where the tenant is known there, else by what was agreed alone. May be repeated. */
export async function lookAtPlan(context: BillingContext, tenantId: string): Promise<void> {
  const customer = context.config.stripe === undefined ? null : await customerOf(context, tenantId);
  if (customer !== null) return lookAtCustomer(context, customer);
  const asOf = context.clock.now();
  const nothing = { plan: 'free', seats: 1, anchorAt: null } as const;
  await tellPlan(context, tenantId, nothing, { id: `operator:plan@${asOf}`, asOf });
}
