import { and, eq, lte } from 'drizzle-orm';
import { PLAN_IDS, PLANS, type PlanId } from '../../contracts/plans.ts';
import { tenantDb } from '../../platform/db.ts';
import { unwrap } from '../../platform/errors.ts';
import { fromUsd } from '../../platform/money.ts';
import { recordAudit, SYSTEM } from '../audit/index.ts';
import { callLedger } from '../metering/index.ts';
import { nanoOfCents } from './amounts.ts';
import type { BillingContext } from './context.ts';
import { idOf } from './event-routing.ts';
import { keepFlags, tenantOfCheckout, tenantOfCustomer, topUpCharge } from './owners.ts';
import {
  allocationOf,
  decidePurchase,
  type Flag,
  type LedgerStep,
  type MoneyBack,
  type PlanLine,
  type Purchase,
} from './purchase.ts';
import { settleSignUp } from './referrals/claim.ts';
import { lookAtReferral } from './referrals/look-at-referral.ts';
import { billingPurchases } from './schema.ts';
import { type Stripe, stripeFor } from './stripe.ts';
import { markToppedUp } from './top-up-store.ts';

/** Most refunds or disputes of a payment, lines of an invoice: Stripe's own bound of a page. */
const PAGE = 100;

/** Looks at a payment as it stands at Stripe now, and sees to it that the ledger says the same. May be repeated at will. */
export async function lookAtPayment(context: BillingContext, id: string): Promise<void> {
  const stripe = await stripeFor(context.config);
  const asOf = context.clock.now();
  const [session] = (await stripe.checkout.sessions.list({ payment_intent: id, limit: 1 })).data;
  if (session === undefined) {
    // Not a purchase of credit: a subscription's invoice, or nothing of ours.
    const [paid] = (
      await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: id }, limit: 1 })
    ).data;
    const invoice = idOf(paid?.invoice);
    if (invoice !== null) return lookAtInvoice(context, invoice);
    return lookAtTopUp(context, stripe, await intentOf(stripe, id), asOf);
  }
  if (session.mode !== 'payment' || session.payment_status !== 'paid') return;
  const [intent, back] = await Promise.all([intentOf(stripe, id), moneyBackOf(stripe, [id])]);
  const customer = idOf(intent.customer) ?? idOf(session.customer);
  const tenantId = await tenantOfCheckout(context.env, session.id);
  const owner = customer === null ? null : await tenantOfCustomer(context.env, customer);
  // Both were written by us; metadata is not asked. A payment that fits neither is kept and shown, never guessed at.
  if (tenantId === null || owner !== tenantId) {
    await flag(context, { kind: 'unknown_payer', objectId: id, detail: `checkout ${session.id}` });
    return;
  }
  const cents = (session.amount_total ?? 0) - (session.total_details?.amount_tax ?? 0);
  await apply(
    context,
    asOf,
    {
      id,
      tenantId,
      kind: 'credit',
      currency: intent.currency,
      paidCents: intent.amount_received,
      creditNano: nanoOfCents(cents),
      expiresAt: null,
      ...back,
    },
    madeBy(intent),
  );
}

/** The same for credit that was bought automatically. The row that was written before the payment says for whom and how much. */
async function lookAtTopUp(
  context: BillingContext,
  stripe: Stripe,
  intent: Stripe.PaymentIntent,
  asOf: number,
): Promise<void> {
  const chargeId = intent.metadata.parallax_top_up;
  if (chargeId === undefined || intent.status !== 'succeeded') return;
  const charge = await topUpCharge(context.env, chargeId);
  const customer = idOf(intent.customer);
  const owner = customer === null ? null : await tenantOfCustomer(context.env, customer);
  if (charge === null || owner !== charge.tenantId || intent.amount_received !== charge.amountCents) {
    await flag(context, { kind: 'unknown_payer', objectId: intent.id, detail: `top-up ${chargeId}` });
    return;
  }
  await apply(
    context,
    asOf,
    {
      id: intent.id,
      tenantId: charge.tenantId,
      kind: 'credit',
      currency: intent.currency,
      paidCents: intent.amount_received,
      creditNano: nanoOfCents(charge.amountCents),
      expiresAt: null,
      ...(await moneyBackOf(stripe, [intent.id])),
    },
    madeBy(intent),
  );
  await markToppedUp(context, charge.tenantId, chargeId, intent.id);
}

/** The same for an invoice of a subscription. */
export async function lookAtInvoice(context: BillingContext, id: string): Promise<void> {
  const stripe = await stripeFor(context.config);
  const asOf = context.clock.now();
  const invoice = await stripe.invoices.retrieve(id);
  if (invoice.status !== 'paid') return;
  const customer = idOf(invoice.customer);
  const tenantId = customer === null ? null : await tenantOfCustomer(context.env, customer);
  if (tenantId === null) {
    await flag(context, { kind: 'unknown_payer', objectId: id, detail: `customer ${customer}` });
    return;
  }
  const [lines, payments] = await Promise.all([
    stripe.invoices.listLineItems(id, { limit: PAGE }),
    stripe.invoicePayments.list({ invoice: id, limit: PAGE }),
  ]);
  const plans = await planLines(stripe, lines.data);
  if (plans.length === 0) return;
  const intents = payments.data
    .map(({ payment }) => idOf(payment.payment_intent))
    .filter((intent): intent is string => intent !== null);
  await apply(
    context,
    asOf,
    {
      id,
      tenantId,
      kind: 'plan',
      currency: invoice.currency,
      paidCents: invoice.amount_paid,
      creditNano: allocationOf(plans),
      expiresAt: Math.max(...lines.data.map(({ period }) => period.end)) * 1000,
      ...(await moneyBackOf(stripe, intents)),
    },
    {
      paidAt: (invoice.status_transitions?.paid_at ?? invoice.created) * 1000,
      card: intents[0] === undefined ? null : madeBy(await intentOf(stripe, intents[0])).card,
    },
  );
}

/** The plan that a price is for, as `npm run stripe:sync` marked it; null for other prices. */
export function planOfPrice(price: Pick<Stripe.Price, 'metadata'>): PlanId | null {
  return PLAN_IDS.find((plan) => plan === price.metadata.parallax_plan) ?? null;
}

async function planLines(stripe: Stripe, lines: readonly Stripe.InvoiceLineItem[]): Promise<PlanLine[]> {
  const prices = new Map<string, Stripe.Price>();
  const found: PlanLine[] = [];
  for (const line of lines) {
    const id = idOf(line.pricing?.price_details?.price);
    if (id === null) continue;
    const price = prices.get(id) ?? (await stripe.prices.retrieve(id));
    prices.set(id, price);
    const plan = planOfPrice(price);
    if (plan === null) continue;
    found.push({
      cents: line.amount,
      unitCents: price.unit_amount ?? 0,
      creditNano: fromUsd(PLANS[plan].monthlyCreditUsd),
    });
  }
  return found;
}

async function moneyBackOf(
  stripe: Stripe,
  intents: readonly string[],
): Promise<{ refunds: MoneyBack[]; disputes: MoneyBack[] }> {
  const refunds: MoneyBack[] = [];
  const disputes: MoneyBack[] = [];
  for (const payment_intent of intents) {
    const [back, disputed] = await Promise.all([
      stripe.refunds.list({ payment_intent, limit: PAGE }),
      stripe.disputes.list({ payment_intent, limit: PAGE }),
    ]);
    for (const { id, amount, status, created } of back.data)
      refunds.push({ id, cents: amount, status: status ?? 'pending', created });
    for (const { id, amount, status, created } of disputed.data)
      disputes.push({ id, cents: amount, status, created });
  }
  return { refunds, disputes };
}

/** When a payment was made, in milliseconds, and the card's fingerprint; null where it was no card. */
interface Made {
  readonly paidAt: number;
  readonly card: string | null;
}

/** A payment with its charge. */
const intentOf = (stripe: Stripe, id: string): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });

function madeBy({ created, latest_charge: charge }: Stripe.PaymentIntent): Made {
  if (charge === null || typeof charge === 'string') return { paidAt: created * 1000, card: null };
  return {
    paidAt: charge.created * 1000,
    card: charge.payment_method_details?.card?.fingerprint ?? null,
  };
}

/** Does what was decided. The ledger comes first: what it has done already it does not do again, so this may stop anywhere. */
async function apply(context: BillingContext, asOf: number, purchase: Purchase, made: Made): Promise<void> {
  const { id, tenantId, kind, currency, paidCents, creditNano } = purchase;
  const { steps, flags, status, refundedCents, lapsedCents, disputedCents } = decidePurchase(purchase);
  const refused: Flag[] = [];
  // Before there is a payment to be seen: whoever signed up with a code gave it before they paid.
  await settleSignUp(context, tenantId);
  for (const step of steps) {
    const problem = await take(context, tenantId, step);
    if (problem !== null) refused.push(problem);
  }
  await keepFlags(context.env, [...flags, ...refused], context.clock);
  const db = tenantDb(context.env.DB, { tenantId });
  const before = await db.first(billingPurchases, eq(billingPurchases.id, id));
  const seen = { status, refundedCents, lapsedCents, disputedCents, paidCents, creditNano, asOf };
  if (before === undefined)
    await db.insert(billingPurchases, [{ id, kind, currency, createdAt: asOf, ...seen }]);
  await db.update(billingPurchases, seen, and(eq(billingPurchases.id, id), lte(billingPurchases.asOf, asOf)));
  const leftCents = paidCents - refundedCents - disputedCents;
  await lookAtReferral(
    context,
    tenantId,
    { id, currency, paidCents, leftCents, asOf, paidAt: made.paidAt },
    made.card,
  );
  if (before?.status === status && before.refundedCents === refundedCents) return;
  await recordAudit(
    { env: context.env, clock: context.clock, log: context.log, principal: { tenantId, actor: SYSTEM } },
    {
      action: `purchase.${status}`,
      object: { type: 'purchase', id },
      ...(before === undefined
        ? {}
        : { before: { status: before.status, refunded_cents: before.refundedCents } }),
      after: { status, refunded_cents: refundedCents },
    },
  );
}

/** One step. What the ledger refuses for good (more than is left of the purchase) is shown to a person; what may pass by is thrown. */
async function take(context: BillingContext, tenantId: string, step: LedgerStep): Promise<Flag | null> {
  const result = await callLedger<Awaited<ReturnType<LedgerRpc['credit' | 'refund']>>>(
    context.env,
    tenantId,
    (ledger) => (step.do === 'credit' ? ledger.credit(step.operation) : ledger.refund(step.operation)),
  );
  if (result.ok) return null;
  if (result.error.code === 'invalid_parameter' || result.error.code === 'idempotency_mismatch') {
    const { reference } = step.operation;
    return { kind: `ledger_${result.error.code}`, objectId: reference.id, detail: result.error.message };
  }
  unwrap(result);
  return null;
}
type LedgerRpc = import('../metering/index.ts').LedgerOperationsRpc;

async function flag(context: BillingContext, one: Flag): Promise<void> {
  context.log.warn('a payment could not be put to a tenant', { flag: one.kind, object: one.objectId });
  await keepFlags(context.env, [one], context.clock);
}
