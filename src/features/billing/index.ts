/** Billing: what is bought through Stripe. Its webhooks are the only way in which a payment becomes credit or a plan. */
import type { Operation } from '../../platform/http/operation.ts';
import { postCheckout } from './routes/checkout.ts';
import { listBillingFlags } from './routes/flags.ts';
import { listInvoices, listPlans, listPurchases } from './routes/lists.ts';
import { agreePlan, getOperatorPlan } from './routes/operator-plan.ts';
import { postPortal } from './routes/portal.ts';
import { getReferrals, postClaimReferral } from './routes/referrals.ts';
import { getSubscription, patchSubscription } from './routes/subscription.ts';
import { getTopUp, putTopUp } from './routes/top-up.ts';
import { postStripeWebhook } from './routes/webhook.ts';

export { share } from './amounts.ts';
export { consumeStripe } from './consume-events.ts';
export type { BillingContext } from './context.ts';
export { endBilling } from './customers.ts';
export { forgetOldBilling } from './event-store.ts';
export { lookAtPayment } from './look-at-payment.ts';
export { purchaseCreditId, STRIPE_SOURCE } from './purchase.ts';
export { billingPurchases } from './schema.ts';
export { billingUpkeep, fetchMissedEvents } from './upkeep.ts';

export const billingOperations: readonly Operation[] = [
  postCheckout,
  postPortal,
  getSubscription,
  patchSubscription,
  listInvoices,
  listPurchases,
  listPlans,
  getTopUp,
  putTopUp,
  postStripeWebhook,
  getReferrals,
  postClaimReferral,
  listBillingFlags,
  agreePlan,
  getOperatorPlan,
];
