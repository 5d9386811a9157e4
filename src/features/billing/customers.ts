import { isNotNull, isNull } from 'drizzle-orm';
import { tenantDb } from '../../platform/db.ts';
import type { BillingContext } from './context.ts';
import { billingCustomers, billingSubscriptions } from './schema.ts';
import { askStripe, isMissing, stripeFor } from './stripe.ts';

/** The tenant's customer at Stripe; null before its first purchase. */
export async function customerOf(
  { env }: Pick<BillingContext, 'env'>,
  tenantId: string,
): Promise<string | null> {
  const row = await tenantDb(env.DB, { tenantId }).first(
    billingCustomers,
    isNull(billingCustomers.deletedAt),
  );
  return row?.id ?? null;
}

/**
 * The tenant's customer, made when there is none. Two that ask at once make one: Stripe answers both with the same, by the idempotency key, and the
 * database has room for one.
 */
export async function ensureCustomer(context: BillingContext, tenantId: string): Promise<string> {
  const found = await customerOf(context, tenantId);
  if (found !== null) return found;
  const db = tenantDb(context.env.DB, { tenantId });
  const gone = await db.select(billingCustomers, {
    where: isNotNull(billingCustomers.deletedAt),
    limit: 100,
  });
  const stripe = await stripeFor(context.config);
  const made = await askStripe(() =>
    stripe.customers.create(
      { metadata: { parallax_tenant: tenantId } },
      { idempotencyKey: `parallax-customer-${tenantId}-${gone.length}` },
    ),
  );
  await db.insert(billingCustomers, [{ id: made.id, createdAt: context.clock.now() }]);
  return (await customerOf(context, tenantId)) ?? made.id;
}

/** Ends what a tenant pays for, because the tenant is being deleted. May be repeated. */
export async function endBilling(context: BillingContext, tenantId: string): Promise<void> {
  if (context.config.stripe === undefined) return;
  const db = tenantDb(context.env.DB, { tenantId });
  const customers = await db.select(billingCustomers, { where: undefined, limit: 100 });
  if (customers.length === 0) return;
  const stripe = await stripeFor(context.config);
  for (const { id: customer } of customers) {
    try {
      for await (const { id, status } of stripe.subscriptions.list({ customer, status: 'all', limit: 100 }))
        if (status !== 'canceled' && status !== 'incomplete_expired') await stripe.subscriptions.cancel(id);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

/** The subscription as it was last seen; undefined before there was one. */
export function subscriptionRow({ env }: Pick<BillingContext, 'env'>, tenantId: string) {
  return tenantDb(env.DB, { tenantId }).first(billingSubscriptions, undefined);
}
