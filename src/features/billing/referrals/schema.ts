import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { REFERRAL_VERDICTS } from '../../../contracts/referrals.ts';

/** Each tenant's code. */
export const referralCodes = sqliteTable(
  'referral_codes',
  {
    tenantId: text('tenant_id').primaryKey(),
    code: text('code').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [uniqueIndex('referral_codes_code').on(table.code)],
);

/** By whose code a tenant came, and what became of it. The row is the tenant's that came. */
export const referralClaims = sqliteTable(
  'referral_claims',
  {
    tenantId: text('tenant_id').primaryKey(),
    /** What its bonuses are named after: whoever reads them does not learn who came. */
    id: text('id').notNull(),
    /** The tenant whose code it was; it may be gone. */
    referrerId: text('referrer_id').notNull(),
    claimedAt: integer('claimed_at').notNull(),
    /** The first payment that is large enough, as far as is known; null before one is. */
    paymentId: text('payment_id'),
    paidAt: integer('paid_at'),
    verdict: text('verdict', { enum: REFERRAL_VERDICTS }),
    /** What of it is not given back or disputed, as of a time. */
    leftCents: integer('left_cents'),
    asOf: integer('as_of'),
    /** How often both bonuses were given and taken back in turn: odd while they are there. */
    step: integer('step').notNull().default(0),
    /** Up to which step both ledgers were told. */
    told: integer('told').notNull().default(0),
    /** Decided with the first step. */
    referredNano: integer('referred_nano').notNull().default(0),
    referrerNano: integer('referrer_nano').notNull().default(0),
    earnedAt: integer('earned_at'),
    /** Grows with every change: who decided by an older state decides again. */
    version: integer('version').notNull().default(0),
  },
  (table) => [index('referral_claims_by').on(table.referrerId, table.claimedAt)],
);

/** Who came once: a person brings a bonus once in a life, with whatever tenant. Of the person it holds a keyed tag alone. */
export const referredPeople = sqliteTable('referred_people', {
  person: text('person').primaryKey(),
  /** The tenant they came with, which may be gone. */
  cameWith: text('came_with').notNull(),
});

/** Cards that a tenant's payments were made with, by Stripe's fingerprint, which is the same for a card wherever it is used. */
export const billingCards = sqliteTable(
  'billing_cards',
  {
    tenantId: text('tenant_id').notNull(),
    fingerprint: text('fingerprint').notNull(),
    seenAt: integer('seen_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.fingerprint] }),
    index('billing_cards_fingerprint').on(table.fingerprint),
  ],
);
