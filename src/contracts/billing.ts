import { z } from 'zod';
import { listOf } from './list.ts';
import { CREDIT_PACKS, CREDIT_PURCHASE_USD, OPENING_CREDIT_DAYS, PLAN_IDS, QUOTA_IDS } from './plans.ts';

/** Plans that are bought: the free one needs no payment, the enterprise one is agreed on. */
export const SOLD_PLANS = ['pro', 'team'] as const;
export type SoldPlan = (typeof SOLD_PLANS)[number];
/** Most seats of a plan that is bought without talking to anybody. */
export const MOST_SEATS = 500;

const seats = z.int().min(1).max(MOST_SEATS);

/** Cents of the least and the most credit bought at a time. */
export const PURCHASE_CENTS = {
  least: CREDIT_PURCHASE_USD.least * 100,
  most: CREDIT_PURCHASE_USD.most * 100,
} as const;
const purchaseCents = z
  .int({ error: 'must be a whole number of cents' })
  .min(PURCHASE_CENTS.least, { error: `must be at least ${PURCHASE_CENTS.least} (5 dollars)` })
  .max(PURCHASE_CENTS.most, { error: `must be at most ${PURCHASE_CENTS.most} (10,000 dollars)` });

const saveCard = z
  .boolean()
  .optional()
  .meta({ description: 'Keeps the card at Stripe for automatic top-ups. Plans keep theirs anyway.' });

/** Body of `POST /v1/billing/checkout`: one of the three things that are sold. */
export const checkoutRequestSchema = z
  .discriminatedUnion('buy', [
    z.strictObject({
      buy: z.literal('pack'),
      pack: z.enum(CREDIT_PACKS.map(({ id }) => id)),
      save_card: saveCard,
    }),
    z.strictObject({
      buy: z.literal('credit'),
      amount_cents: purchaseCents,
      save_card: saveCard,
    }),
    z.strictObject({
      buy: z.literal('plan'),
      plan: z.enum(SOLD_PLANS),
      seats: seats.default(1).meta({ description: 'Of a plan that is paid per seat.' }),
    }),
  ])
  .meta({ id: 'CheckoutRequest' });
export type CheckoutRequest = z.infer<typeof checkoutRequestSchema>;

export const checkoutSchema = z
  .object({
    id: z.string(),
    object: z.literal('checkout'),
    url: z
      .url()
      .meta({ description: 'Stripe’s page. Coming back from it grants nothing; the payment does.' }),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'Checkout' });

export const portalRequestSchema = z.strictObject({}).meta({ id: 'PortalRequest' });
export const portalSchema = z
  .object({ object: z.literal('portal'), url: z.url() })
  .meta({ id: 'BillingPortal' });

/** How a subscription stands, in our words. */
export const SUBSCRIPTION_STATUSES = ['none', 'active', 'past_due', 'incomplete', 'ended'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

export const subscriptionSchema = z
  .object({
    object: z.literal('subscription'),
    plan: z.enum(PLAN_IDS).meta({ description: 'The plan that holds now.' }),
    status: z.enum(SUBSCRIPTION_STATUSES),
    seats: z.int(),
    period_end: z.iso.datetime().nullable(),
    cancel_at_period_end: z.boolean(),
    grace_until: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'A payment failed. The plan holds until then, unless it is paid.' }),
    agreed: z.boolean().meta({
      description: 'The plan is had by agreement with whoever runs this, whatever the subscription says.',
    }),
    agreed_until: z.iso.datetime().nullable().meta({ description: 'Null: until it is ended.' }),
    open_dispute: z
      .boolean()
      .meta({ description: 'A payment is disputed at the bank; its credit is frozen.' }),
  })
  .meta({ id: 'Subscription' });

/** Plans that can be agreed on. */
export const AGREED_PLANS = ['pro', 'team', 'enterprise'] as const;

/** Body of `POST /v1/operator/tenants/{id}/plan`. */
export const agreePlanRequestSchema = z
  .strictObject({
    plan: z.enum(AGREED_PLANS).nullable().meta({ description: 'Null ends what was agreed.' }),
    seats: z.int().min(1).max(100_000).default(1).meta({ description: 'Of a plan that is per seat.' }),
    ends_at: z.iso.datetime().optional().meta({
      description: 'When it ends by itself; left out: not before it is ended.',
    }),
    reason: z.string().trim().min(1).max(200).meta({ description: 'For who looks later: the contract.' }),
  })
  .refine(({ plan, ends_at }) => plan !== null || ends_at === undefined, {
    error: 'cannot be given with `plan: null`, which ends it now',
    path: ['ends_at'],
  })
  .meta({ id: 'AgreePlanRequest' });
export type AgreePlanRequest = z.output<typeof agreePlanRequestSchema>;

/** Which plan a tenant is on, and why. */
export const operatorPlanSchema = z
  .object({
    object: z.literal('tenant_plan'),
    tenant_id: z.string(),
    plan: z.enum(PLAN_IDS).meta({ description: 'The plan that holds now.' }),
    seats: z.int(),
    agreement: z
      .object({
        plan: z.enum(AGREED_PLANS),
        seats: z.int(),
        ends_at: z.iso.datetime().nullable(),
        reason: z.string(),
        agreed_at: z.iso.datetime(),
      })
      .nullable()
      .meta({ description: 'What was agreed and holds; null where the subscription decides.' }),
    subscription: z
      .object({ plan: z.enum(PLAN_IDS), status: z.enum(SUBSCRIPTION_STATUSES), seats: z.int() })
      .nullable()
      .meta({ description: 'What the tenant pays at Stripe besides; an agreement does not end it.' }),
  })
  .meta({ id: 'TenantPlan' });

/** Body of `PATCH /v1/billing/subscription`. */
export const changeSubscriptionRequestSchema = z
  .strictObject({
    plan: z.enum(SOLD_PLANS).optional(),
    seats: seats.optional(),
    cancel_at_period_end: z.boolean().optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    error: 'must name what changes: plan, seats or cancel_at_period_end',
  })
  .meta({ id: 'ChangeSubscriptionRequest' });
export type ChangeSubscriptionRequest = z.infer<typeof changeSubscriptionRequestSchema>;

export const invoiceSchema = z
  .object({
    id: z.string(),
    object: z.literal('invoice'),
    number: z.string().nullable(),
    status: z.string().nullable(),
    total_cents: z.int(),
    paid_cents: z.int(),
    currency: z.string(),
    created_at: z.iso.datetime(),
    page_url: z.url().nullable(),
    pdf_url: z.url().nullable(),
  })
  .meta({ id: 'Invoice' });

export const invoiceListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(100).optional(),
});
export const invoiceListSchema = listOf(invoiceSchema).meta({ id: 'InvoiceList' });

export const PURCHASE_KINDS = ['credit', 'plan'] as const;
export type PurchaseKind = (typeof PURCHASE_KINDS)[number];
/** What became of a payment. */
export const PURCHASE_STATUSES = [
  'paid',
  'partly_refunded',
  'refunded',
  'disputed',
  'lost',
  'refused',
] as const;
export type PurchaseStatus = (typeof PURCHASE_STATUSES)[number];

export const purchaseSchema = z
  .object({
    id: z.string().meta({ description: 'Stripe’s payment or invoice.' }),
    object: z.literal('purchase'),
    kind: z.enum(PURCHASE_KINDS),
    status: z.enum(PURCHASE_STATUSES),
    paid_cents: z.int(),
    credit_nano_usd: z.int(),
    refunded_cents: z.int(),
    disputed_cents: z.int(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Purchase' });
export const purchaseListSchema = listOf(purchaseSchema).meta({ id: 'PurchaseList' });

/** Body of `PUT /v1/billing/top-up`. Replaces the settings as a whole. */
export const topUpRequestSchema = z
  .strictObject({
    enabled: z.boolean(),
    threshold_cents: z
      .int()
      .min(100)
      .max(PURCHASE_CENTS.most)
      .meta({ description: 'Credit is bought when what is available falls below this.' }),
    amount_cents: purchaseCents.meta({ description: 'How much is bought each time.' }),
    monthly_cap_cents: z
      .int()
      .min(PURCHASE_CENTS.least)
      .max(10 * PURCHASE_CENTS.most)
      .meta({ description: 'The most that is charged in a calendar month (UTC).' }),
  })
  .refine(({ amount_cents, monthly_cap_cents }) => amount_cents <= monthly_cap_cents, {
    error: 'must be at least amount_cents, or nothing could ever be bought',
    path: ['monthly_cap_cents'],
  })
  .meta({ id: 'TopUpRequest' });
export type TopUpRequest = z.infer<typeof topUpRequestSchema>;

/** Why top-ups ended by themselves. */
export const TOP_UP_STOPS = ['payment_refused', 'no_card'] as const;

export const topUpSchema = z
  .object({
    object: z.literal('top_up'),
    enabled: z.boolean(),
    threshold_cents: z.int(),
    amount_cents: z.int(),
    monthly_cap_cents: z.int(),
    charged_this_month_cents: z.int().meta({ description: 'What is under way included.' }),
    under_way: z.boolean().meta({ description: 'A payment was begun, and its credit is not there yet.' }),
    failures: z.int().meta({ description: 'Payments that the bank refused since the last that it took.' }),
    retry_at: z.iso.datetime().nullable(),
    stopped: z
      .enum(TOP_UP_STOPS)
      .nullable()
      .meta({ description: 'Why top-ups were turned off by themselves; null while they were not.' }),
  })
  .meta({ id: 'TopUp' });

const planSchema = z
  .object({
    id: z.enum(PLAN_IDS),
    object: z.literal('plan'),
    name: z.string(),
    summary: z.string(),
    price_usd: z.number().nullable().meta({ description: 'A month; null by agreement.' }),
    per_seat: z.boolean(),
    monthly_credit_usd: z.number(),
    opening_credit_usd: z.number().meta({
      description: `Once, for a person’s first tenant; ends after ${OPENING_CREDIT_DAYS} days.`,
    }),
    markup_percent: z.number(),
    quotas: z
      .record(z.enum(QUOTA_IDS), z.int().nullable())
      .meta({ description: 'Of the tenant in a month, on the platform’s keys; null: not limited.' }),
    sold: z.boolean().meta({ description: 'Whether it can be bought at `POST /v1/billing/checkout`.' }),
  })
  .meta({ id: 'Plan' });

/** Answer of `GET /v1/billing/plans`. */
export const planTableSchema = z
  .object({
    object: z.literal('plans'),
    available: z.boolean().meta({ description: 'Whether this deployment takes payments.' }),
    currency: z.literal('usd'),
    plans: z.array(planSchema),
    packs: z.array(z.object({ id: z.string(), price_cents: z.int() })),
    least_cents: z.int(),
    most_cents: z.int(),
  })
  .meta({ id: 'PlanTable' });
