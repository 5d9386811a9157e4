import type { ChangeSubscriptionRequest } from '../../contracts/billing.ts';
import { PLANS } from '../../contracts/plans.ts';
import { planKey } from '../../contracts/price-names.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { refuseAgreed } from './agreement-store.ts';
import type { BillingContext } from './context.ts';
import { subscriptionRow } from './customers.ts';
import { planOfPrice } from './look-at-payment.ts';
import { priceNamed } from './price-named.ts';
import { askStripe, stripeFor } from './stripe.ts';

/**
 * Changes plan, seats or end. More is charged at once for the rest of the month, and nothing changes when the bank refuses; less is put to the customer's
 * account at Stripe. What holds here follows with the webhook. Throws `ParallaxError`: `not_found`, `payment_refused`, `invalid_parameter`, `conflict`.
 */
export async function changeSubscription(
  context: BillingContext,
  tenantId: string,
  { plan, seats, cancel_at_period_end }: ChangeSubscriptionRequest,
  onceKey: string,
): Promise<void> {
  const stripe = await stripeFor(context.config);
  const row = await subscriptionRow(context, tenantId);
  const id = row?.subscriptionId;
  if (id === null || id === undefined || row?.status === 'ended')
    throw new ParallaxError(
      'not_found',
      'There is no subscription to change. Begin one at POST /v1/billing/checkout.',
    );
  const key = (what: string) => ({ idempotencyKey: `parallax-${what}-${tenantId}-${onceKey}` });
  if (plan !== undefined || seats !== undefined) {
    await refuseAgreed(context, tenantId);
    const found = await askStripe(() => stripe.subscriptions.retrieve(id));
    const item = found.items.data.find(({ price }) => planOfPrice(price) !== null);
    if (item === undefined)
      throw new ParallaxError('conflict', 'This subscription is none of our plans. Change it in the portal.');
    const target = plan ?? planOfPrice(item.price) ?? 'free';
    const quantity = PLANS[target].perSeat ? (seats ?? item.quantity ?? 1) : 1;
    if (!PLANS[target].perSeat && seats !== undefined && seats !== 1)
      throw new ParallaxError('invalid_parameter', '`seats`: this plan is for one person.', {
        param: 'seats',
      });
    const price = plan === undefined ? item.price : await priceNamed(stripe, planKey(plan));
    await askStripe(() =>
      stripe.subscriptions.update(
        id,
        {
          items: [{ id: item.id, price: price.id, quantity }],
          proration_behavior: 'always_invoice',
          payment_behavior: 'error_if_incomplete',
        },
        key('change'),
      ),
    );
  }
  if (cancel_at_period_end !== undefined)
    await askStripe(() => stripe.subscriptions.update(id, { cancel_at_period_end }, key('end')));
}
