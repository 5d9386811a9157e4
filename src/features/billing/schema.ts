import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import {
  AGREED_PLANS,
  PURCHASE_KINDS,
  PURCHASE_STATUSES,
  SUBSCRIPTION_STATUSES,
  TOP_UP_STOPS,
} from '../../contracts/billing.ts';
import { PLAN_IDS } from '../../contracts/plans.ts';

/** Who is whom at Stripe. A customer that was deleted there still says whose its payments were. */
export const billingCustomers = sqliteTable(
  'billing_customers',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (table) => [
    index('billing_customers_of').on(table.tenantId),
    uniqueIndex('billing_customers_one').on(table.tenantId).where(sql`deleted_at IS NULL`),
  ],
);

/** Checkouts that were begun here: a payment that belongs to none of them buys nothing. */
export const billingCheckouts = sqliteTable(
  'billing_checkouts',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    kind: text('kind', { enum: PURCHASE_KINDS }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('billing_checkouts_of').on(table.tenantId, table.createdAt)],
);

/** What was paid, and what became of it, as it was last seen at Stripe. The credit itself is the ledger's. */
export const billingPurchases = sqliteTable(
  'billing_purchases',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    kind: text('kind', { enum: PURCHASE_KINDS }).notNull(),
    status: text('status', { enum: PURCHASE_STATUSES }).notNull(),
    currency: text('currency').notNull(),
    paidCents: integer('paid_cents').notNull(),
    creditNano: integer('credit_nano').notNull(),
    refundedCents: integer('refunded_cents').notNull(),
    /** Of these, what was refunded after the credit had ended, and took none back. */
    lapsedCents: integer('lapsed_cents').notNull().default(0),
    disputedCents: integer('disputed_cents').notNull(),
    createdAt: integer('created_at').notNull(),
    asOf: integer('as_of').notNull(),
  },
  (table) => [index('billing_purchases_of').on(table.tenantId, table.createdAt)],
);

/** A tenant's subscription, as it was last seen at Stripe. */
export const billingSubscriptions = sqliteTable(
  'billing_subscriptions',
  {
    tenantId: text('tenant_id').primaryKey(),
    subscriptionId: text('subscription_id'),
    status: text('status', { enum: SUBSCRIPTION_STATUSES }).notNull(),
    plan: text('plan', { enum: PLAN_IDS }).notNull(),
    seats: integer('seats').notNull(),
    periodEnd: integer('period_end'),
    cancelAtPeriodEnd: integer('cancel_at_period_end', { mode: 'boolean' }).notNull(),
    graceUntil: integer('grace_until'),
    asOf: integer('as_of').notNull(),
  },
  (table) => [index('billing_subscriptions_grace').on(table.graceUntil)],
);

/** When credit is bought without anybody asking. */
export const billingTopUps = sqliteTable('billing_top_ups', {
  tenantId: text('tenant_id').primaryKey(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  thresholdCents: integer('threshold_cents').notNull(),
  amountCents: integer('amount_cents').notNull(),
  monthlyCapCents: integer('monthly_cap_cents').notNull(),
  failures: integer('failures').notNull(),
  retryAt: integer('retry_at'),
  stopped: text('stopped', { enum: TOP_UP_STOPS }),
  changedAt: integer('changed_at').notNull(),
});

/** Payments that were begun so. One that is under way has the tenant's only place: there is never a second beside it. */
export const billingTopUpCharges = sqliteTable(
  'billing_top_up_charges',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    amountCents: integer('amount_cents').notNull(),
    status: text('status', { enum: ['under_way', 'paid', 'failed'] }).notNull(),
    /** Stripe's payment; null until it is known that there is one. */
    paymentId: text('payment_id'),
    /** Whom and which card it charges, written before Stripe is asked; null while it was not. */
    customerId: text('customer_id'),
    cardId: text('card_id'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('billing_top_up_charges_of').on(table.tenantId, table.createdAt),
    uniqueIndex('billing_top_up_charges_one').on(table.tenantId).where(sql`status = 'under_way'`),
  ],
);

/** Every event that Stripe told us, once. */
export const stripeEvents = sqliteTable(
  'stripe_events',
  {
    id: text('id').primaryKey(),
    type: text('type').notNull(),
    payload: text('payload').notNull(),
    createdAt: integer('created_at').notNull(),
    receivedAt: integer('received_at').notNull(),
    handledAt: integer('handled_at'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
  },
  (table) => [index('stripe_events_open').on(table.handledAt, table.receivedAt)],
);

/** What a person should look at: money that could not be put where it belongs. */
export const billingFlags = sqliteTable('billing_flags', {
  /** What it is about and why, so that it is flagged once. */
  id: text('id').primaryKey(),
  kind: text('kind').notNull(),
  objectId: text('object_id').notNull(),
  detail: text('detail').notNull(),
  createdAt: integer('created_at').notNull(),
});

/** How far the list of events at Stripe was read. One row. */
export const stripeCursor = sqliteTable('stripe_cursor', {
  id: integer('id').primaryKey(),
  readUntil: integer('read_until').notNull(),
});

/** Plans that an operator put tenants on. Rows are only added: the newest of a tenant holds, until it ends. */
export const billingAgreements = sqliteTable(
  'billing_agreements',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    /** Null ends what was agreed before. */
    plan: text('plan', { enum: AGREED_PLANS }),
    seats: integer('seats').notNull(),
    endsAt: integer('ends_at'),
    reason: text('reason').notNull(),
    createdAt: integer('created_at').notNull(),
    /** When the ledger has to be told of it next: of its beginning, then of its end; null when of neither. */
    dueAt: integer('due_at'),
  },
  (table) => [
    index('billing_agreements_of').on(table.tenantId, table.createdAt),
    index('billing_agreements_due').on(table.dueAt),
  ],
);
