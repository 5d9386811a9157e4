import { lt } from 'drizzle-orm';
import { tenantDb } from '../../platform/db.ts';
import { recordAudit, SYSTEM } from '../audit/index.ts';
import { tellPlan } from './agreement-store.ts';
import type { BillingContext } from './context.ts';
import { idOf } from './event-routing.ts';
import { planOfPrice } from './look-at-payment.ts';
import { keepFlags, markDeleted, tenantOfCustomer } from './owners.ts';
import { billingSubscriptions } from './schema.ts';
import { isMissing, type Stripe, stripeFor } from './stripe.ts';
import { decideSubscription, type SeenSubscription } from './subscription.ts';

/**
 * Looks at all subscriptions of a customer as they stand now, and puts the tenant on the plan that they pay for. What was seen is dated with the time before
 * it was asked for: whoever asked later knows better, in whatever order the answers are written down.
 */
export async function lookAtCustomer(context: BillingContext, customerId: string): Promise<void> {
  const { env, clock } = context;
  const tenantId = await tenantOfCustomer(env, customerId);
  if (tenantId === null) return;
  const stripe = await stripeFor(context.config);
  const asOf = clock.now();
  const customer = await stripe.customers.retrieve(customerId).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (customer === null || customer.deleted === true) await markDeleted(env, customerId, clock);
  const seen: SeenSubscription[] = [];
  if (customer !== null)
    for await (const one of stripe.subscriptions.list({ customer: customerId, status: 'all', limit: 100 }))
      seen.push(await seenOf(stripe, one));
  const decision = decideSubscription(seen, asOf);
  const { plan, seats, anchorAt, surplus, ...row } = decision;
  await tellPlan(
    context,
    tenantId,
    { plan, seats, anchorAt },
    { id: `stripe:${customerId}/plan@${asOf}`, asOf },
  );
  const db = tenantDb(env.DB, { tenantId });
  const before = await db.first(billingSubscriptions, undefined);
  await db.insert(billingSubscriptions, [{ ...row, plan, seats, asOf: 0 }]);
  const changed = await db.update(
    billingSubscriptions,
    { ...row, plan, seats, asOf },
    lt(billingSubscriptions.asOf, asOf),
  );
  await keepFlags(
    env,
    surplus.map((objectId) => ({ kind: 'second_subscription', objectId, detail: `of ${customerId}` })),
    clock,
  );
  for (const id of surplus) await endSurplus(context, stripe, tenantId, id);
  const view = { plan, seats, status: row.status };
  if (changed === 0 || (before?.plan === plan && before.seats === seats && before.status === row.status))
    return;
  await recordAudit(
    { env, clock, log: context.log, principal: { tenantId, actor: SYSTEM } },
    {
      action: 'plan.changed',
      object: { type: 'tenant', id: tenantId },
      ...(before === undefined
        ? {}
        : { before: { plan: before.plan, seats: before.seats, status: before.status } }),
      after: view,
    },
  );
}

/**
 * Ends a subscription that is paid for besides the one that holds, as two checkouts at once make it: gives back what its last invoice took, then cancels it. In
 * this order, so that a machine that stops in between does the rest the next time; a refund that is there already is not made again.
 */
async function endSurplus(
  { env, clock, log }: BillingContext,
  stripe: Stripe,
  tenantId: string,
  id: string,
): Promise<void> {
  const { latest_invoice } = await stripe.subscriptions.retrieve(id);
  const invoice = idOf(latest_invoice);
  const payments = invoice === null ? [] : (await stripe.invoicePayments.list({ invoice, limit: 100 })).data;
  for (const { status, payment } of payments) {
    const payment_intent = idOf(payment.payment_intent);
    if (status !== 'paid' || payment_intent === null) continue;
    const before = await stripe.refunds.list({ payment_intent, limit: 1 });
    if (before.data.length > 0) continue;
    await stripe.refunds.create(
      { payment_intent, reason: 'duplicate' },
      { idempotencyKey: `parallax-surplus-${payment_intent}` },
    );
  }
  await stripe.subscriptions.cancel(id);
  await recordAudit(
    { env, clock, log, principal: { tenantId, actor: SYSTEM } },
    { action: 'subscription.surplus_ended', object: { type: 'subscription', id } },
  );
}

async function seenOf(stripe: Stripe, one: Stripe.Subscription): Promise<SeenSubscription> {
  const item = one.items.data.find(({ price }) => planOfPrice(price) !== null);
  return {
    id: one.id,
    status: one.status,
    plan: item === undefined ? null : planOfPrice(item.price),
    seats: item?.quantity ?? 1,
    created: one.created * 1000,
    anchorAt: one.billing_cycle_anchor * 1000,
    periodEnd: item === undefined ? null : item.current_period_end * 1000,
    cancelAtPeriodEnd: one.cancel_at_period_end,
    openInvoiceAt: one.status === 'past_due' ? await openInvoiceAt(stripe, one.latest_invoice) : null,
  };
}

async function openInvoiceAt(
  stripe: Stripe,
  latest: Stripe.Subscription['latest_invoice'],
): Promise<number | null> {
  if (latest === null) return null;
  const invoice = typeof latest === 'string' ? await stripe.invoices.retrieve(latest) : latest;
  return invoice.created * 1000;
}
