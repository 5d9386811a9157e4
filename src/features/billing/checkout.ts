import type { CheckoutRequest } from '../../contracts/billing.ts';
import { PLANS } from '../../contracts/plans.ts';
import { packKey, planKey } from '../../contracts/price-names.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { refuseAgreed } from './agreement-store.ts';
import type { BillingContext } from './context.ts';
import { ensureCustomer, subscriptionRow } from './customers.ts';
import { priceNamed } from './price-named.ts';
import { CURRENCY } from './purchase.ts';
import { billingCheckouts } from './schema.ts';
import { askStripe, requireStripe, type Stripe, stripeFor } from './stripe.ts';

export interface Buyer {
  readonly tenantId: string;
  readonly userId: string;
}

/** Where a request comes from, and what names its repetition. */
export interface CheckoutRequestContext {
  readonly origin: string;
  readonly onceKey: string;
}

/**
 * Begins a checkout, and writes down whose it is before anybody can pay it. Throws `ParallaxError`: `conflict` for a second subscription,
 * `billing_unavailable`, `idempotency_mismatch`, `unavailable`.
 */
export async function beginCheckout(
  context: BillingContext,
  { tenantId, userId }: Buyer,
  body: CheckoutRequest,
  { origin, onceKey }: CheckoutRequestContext,
): Promise<Stripe.Checkout.Session> {
  const { tax } = requireStripe(context.config);
  if (body.buy === 'plan') await refuseSecond(context, tenantId, body);
  const stripe = await stripeFor(context.config);
  const line = await lineOf(stripe, body);
  const customer = await ensureCustomer(context, tenantId);
  const session = await askStripe(() =>
    stripe.checkout.sessions.create(
      {
        mode: body.buy === 'plan' ? 'subscription' : 'payment',
        customer,
        line_items: [line],
        success_url: `${origin}/billing?checkout=done&session={CHECKOUT_SESSION_ID}`,
        cancel_url: `${origin}/billing?checkout=cancelled`,
        metadata: { parallax_tenant: tenantId },
        ...(body.buy !== 'plan' && body.save_card === true
          ? { payment_intent_data: { setup_future_usage: 'off_session' } }
          : {}),
        ...(tax
          ? { automatic_tax: { enabled: true }, customer_update: { address: 'auto', name: 'auto' } }
          : {}),
      },
      { idempotencyKey: `parallax-checkout-${tenantId}-${onceKey}` },
    ),
  );
  await tenantDb(context.env.DB, { tenantId }).insert(billingCheckouts, [
    { id: session.id, userId, kind: body.buy === 'plan' ? 'plan' : 'credit', createdAt: context.clock.now() },
  ]);
  return session;
}

async function refuseSecond(
  context: BillingContext,
  tenantId: string,
  body: Extract<CheckoutRequest, { buy: 'plan' }>,
): Promise<void> {
  if (!PLANS[body.plan].perSeat && body.seats !== 1)
    throw new ParallaxError('invalid_parameter', '`seats`: this plan is for one person.', { param: 'seats' });
  await refuseAgreed(context, tenantId);
  const row = await subscriptionRow(context, tenantId);
  if (row?.status === 'active' || row?.status === 'past_due')
    throw new ParallaxError(
      'conflict',
      'There is a subscription already. Change it at PATCH /v1/billing/subscription or in the portal.',
    );
}

async function lineOf(
  stripe: Stripe,
  body: CheckoutRequest,
): Promise<Stripe.Checkout.SessionCreateParams.LineItem> {
  if (body.buy === 'credit')
    return {
      quantity: 1,
      price_data: {
        currency: CURRENCY,
        unit_amount: body.amount_cents,
        product_data: { name: 'Parallax credit' },
      },
    };
  const key = body.buy === 'plan' ? planKey(body.plan) : packKey(body.pack);
  const { id } = await priceNamed(stripe, key);
  return { price: id, quantity: body.buy === 'plan' ? body.seats : 1 };
}
