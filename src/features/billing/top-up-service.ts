import { and, eq, isNull } from 'drizzle-orm';
import { tenantDb } from '../../platform/db.ts';
import { unwrap } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { recordAudit, SYSTEM } from '../audit/index.ts';
import { callLedger } from '../metering/index.ts';
import { type Notice, tellManagers } from '../notices/index.ts';
import { nanoOfCents } from './amounts.ts';
import type { BillingContext } from './context.ts';
import { customerOf } from './customers.ts';
import { lookAtPayment } from './look-at-payment.ts';
import { CURRENCY } from './purchase.ts';
import { billingTopUpCharges, billingTopUps } from './schema.ts';
import { isMissing, type Stripe, stripeFor } from './stripe.ts';
import { afterRefusal, topUpIsDue } from './top-up.ts';
import {
  chargedThisMonth,
  openCharge,
  type TopUpCharge,
  type TopUpRow,
  topUpSettings,
  watchCredit,
} from './top-up-store.ts';

/** Stripe forgets what it answered under an idempotency key after a day: from then on it is asked what became of a payment. */
const KEY_HOLDS_MS = 20 * 60 * 60_000;
/** A payment's webhook is waited for so long before it is asked what became of it. */
const HEARD_WITHIN_MS = 5 * 60_000;
/** Payments of a customer that are looked through for one whose answer was lost. */
const LOOKED_THROUGH = 100;

/**
 * Buys credit for a tenant whose ledger says that it is low, or goes on with what was begun. May stop anywhere and be repeated, also at the same
 * moment: the charge has its row before Stripe is asked, one at a time, and its id is the key of the payment. The credit comes with Stripe's webhook.
 */
export async function topUp(context: BillingContext, tenantId: string): Promise<void> {
  if (context.config.stripe === undefined) return;
  const open = await openCharge(context, tenantId);
  if (open !== undefined) return goOn(context, tenantId, open);
  const settings = await topUpSettings(context, tenantId);
  if (settings?.enabled !== true)
    return watchCredit(context, tenantId, null, settings?.changedAt ?? context.clock.now());
  if (!(await isDue(context, settings, ''))) return;
  const now = context.clock.now();
  const db = tenantDb(context.env.DB, { tenantId });
  const id = newId('topUp', now);
  const { amountCents } = settings;
  await db.insert(billingTopUpCharges, [{ id, amountCents, status: 'under_way', createdAt: now }]);
  const mine = await db.first(billingTopUpCharges, eq(billingTopUpCharges.id, id));
  // Another has the place: it goes on with its own.
  if (mine !== undefined) await goOn(context, tenantId, mine);
}

async function isDue(context: BillingContext, settings: TopUpRow, except: string): Promise<boolean> {
  const { tenantId, thresholdCents } = settings;
  const [standing, chargedCents] = await Promise.all([
    callLedger(context.env, tenantId, (ledger) => ledger.standing(tenantId)).then(unwrap),
    chargedThisMonth(context, tenantId, except),
  ]);
  if (standing.unlimited) return false;
  return topUpIsDue(settings, {
    availableNano: standing.available,
    thresholdNano: nanoOfCents(thresholdCents),
    chargedCents,
    now: context.clock.now(),
  });
}

async function goOn(context: BillingContext, tenantId: string, charge: TopUpCharge): Promise<void> {
  const stripe = await stripeFor(context.config);
  if (charge.paymentId !== null) return lookAgain(context, stripe, tenantId, charge, charge.paymentId);
  const ready = charge.cardId === null ? await prepare(context, stripe, tenantId, charge) : charge;
  if (ready === null) return;
  const intent = await charged(context, stripe, tenantId, ready);
  if (intent === null) return;
  await tenantDb(context.env.DB, { tenantId }).update(
    billingTopUpCharges,
    { paymentId: intent.id },
    eq(billingTopUpCharges.id, charge.id),
  );
}

/**
 * With the charge's place taken, looks anew whether it is due: what was paid in between counts, and nobody else charges meanwhile. Writes down which card
 * is charged before it is, so that a repetition asks Stripe for the very same. Null when it is not to be.
 */
async function prepare(
  context: BillingContext,
  stripe: Stripe,
  tenantId: string,
  charge: TopUpCharge,
): Promise<TopUpCharge | null> {
  const db = tenantDb(context.env.DB, { tenantId });
  const unasked = and(eq(billingTopUpCharges.id, charge.id), isNull(billingTopUpCharges.cardId));
  const settings = await topUpSettings(context, tenantId);
  if (settings === undefined || !(await isDue(context, settings, charge.id))) {
    await db.delete(billingTopUpCharges, unasked);
    return null;
  }
  const customerId = await customerOf(context, tenantId);
  const cardId = customerId === null ? null : await savedCard(stripe, customerId);
  if (cardId === null) {
    if ((await db.delete(billingTopUpCharges, unasked)) > 0) await stop(context, tenantId, 'no_card');
    return null;
  }
  await db.update(billingTopUpCharges, { customerId, cardId }, unasked);
  return (await db.first(billingTopUpCharges, eq(billingTopUpCharges.id, charge.id))) ?? null;
}

/** The card that a customer keeps for payments: the one they chose, else the newest; null without any. */
export async function savedCard(stripe: Stripe, customerId: string): Promise<string | null> {
  try {
    const customer = await stripe.customers.retrieve(customerId);
    if (customer.deleted === true) return null;
    const chosen = customer.invoice_settings?.default_payment_method ?? null;
    if (chosen !== null) return typeof chosen === 'string' ? chosen : chosen.id;
    const [newest] = (await stripe.paymentMethods.list({ customer: customerId, type: 'card', limit: 1 }))
      .data;
    return newest?.id ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Charges the card without its owner; null when the bank refused, which is written down. */
async function charged(
  context: BillingContext,
  stripe: Stripe,
  tenantId: string,
  charge: TopUpCharge,
): Promise<Stripe.PaymentIntent | null> {
  const { id, amountCents, customerId: customer, cardId, createdAt } = charge;
  if (customer === null || cardId === null) throw new Error('a charge without a card');
  if (context.clock.now() - createdAt > KEY_HOLDS_MS) {
    const since = { gte: Math.floor(createdAt / 1000) - 60 };
    const list = await stripe.paymentIntents.list({ customer, created: since, limit: LOOKED_THROUGH });
    const found = list.data.find(({ metadata }) => metadata.parallax_top_up === id);
    if (found === undefined) await refused(context, tenantId, charge);
    return found ?? null;
  }
  try {
    return await stripe.paymentIntents.create(
      {
        amount: amountCents,
        currency: CURRENCY,
        customer,
        payment_method: cardId,
        off_session: true,
        confirm: true,
        description: 'Parallax credit, bought automatically',
        metadata: { parallax_top_up: id },
      },
      { idempotencyKey: `parallax-top-up-${id}` },
    );
  } catch (error) {
    const { type } = error as { readonly type?: string };
    // Anything else (Stripe not there, a limit) leaves open whether it was charged: it is asked again, under the same key.
    if (type !== 'StripeCardError' && type !== 'StripeInvalidRequestError') throw error;
    context.log.warn('a top-up was refused', { tenant: tenantId, charge: id, error });
    await refused(context, tenantId, charge);
    return null;
  }
}

/** A payment of which nothing has been heard yet: what became of it is asked. */
async function lookAgain(
  context: BillingContext,
  stripe: Stripe,
  tenantId: string,
  charge: TopUpCharge,
  paymentId: string,
): Promise<void> {
  if (context.clock.now() - charge.createdAt < HEARD_WITHIN_MS) return;
  const { status } = await stripe.paymentIntents.retrieve(paymentId);
  if (status === 'succeeded') return lookAtPayment(context, paymentId);
  if (status === 'processing') return;
  if (status !== 'canceled') await stripe.paymentIntents.cancel(paymentId);
  await refused(context, tenantId, charge);
}

async function refused(context: BillingContext, tenantId: string, { id }: TopUpCharge): Promise<void> {
  const db = tenantDb(context.env.DB, { tenantId });
  const changed = await db.update(
    billingTopUpCharges,
    { status: 'failed' },
    and(eq(billingTopUpCharges.id, id), eq(billingTopUpCharges.status, 'under_way')),
  );
  const settings = await topUpSettings(context, tenantId);
  if (changed === 0 || settings === undefined) return;
  const { failures, retryAt } = afterRefusal(settings.failures, context.clock.now());
  await db.update(billingTopUps, { failures, retryAt }, undefined);
  await note(context, tenantId, 'top_up.refused', id);
  if (retryAt === null) await stop(context, tenantId, 'payment_refused');
}

/** Ends the top-ups, and tells the tenant's owners and admins. */
async function stop(
  context: BillingContext,
  tenantId: string,
  why: 'payment_refused' | 'no_card',
): Promise<void> {
  const now = context.clock.now();
  const settings = await topUpSettings(context, tenantId);
  if (settings?.enabled !== true) return;
  // First, and by what is stopped: a Worker that ends here tells it once all the same.
  await tellManagers(context, { tenantId }, stoppedNotice(why, settings.changedAt, now));
  const db = tenantDb(context.env.DB, { tenantId });
  const changed = await db.update(
    billingTopUps,
    { enabled: false, stopped: why, changedAt: now },
    eq(billingTopUps.enabled, true),
  );
  if (changed === 0) return;
  await watchCredit(context, tenantId, null, now);
  await note(context, tenantId, 'top_up.stopped', tenantId);
}

function stoppedNotice(
  why: 'payment_refused' | 'no_card',
  since: number,
  at: number,
): Notice & { readonly audience: 'managers' } {
  return {
    id: `top_up_stopped/${since}`,
    audience: 'managers',
    kind: 'billing',
    title: 'Automatic top-ups are off',
    body:
      why === 'no_card'
        ? 'There is no card that may be charged, and nothing was charged. Calls go on until the credit that is left is used up. Buy credit with a card, and turn them on again.'
        : 'The bank refused the payment several times, and nothing was charged. Calls go on until the credit that is left is used up. Buy credit with another card, and turn them on again.',
    link: '/billing',
    at,
  };
}

function note({ env, clock, log }: BillingContext, tenantId: string, action: string, id: string) {
  return recordAudit(
    { env, clock, log, principal: { tenantId, actor: SYSTEM } },
    { action, object: { type: 'top_up', id } },
  );
}
