import type { z } from 'zod';
import type {
  CheckoutRequest,
  checkoutSchema,
  planTableSchema,
  portalSchema,
  purchaseSchema,
  subscriptionSchema,
  TopUpRequest,
  topUpSchema,
} from '../../../src/contracts/billing.ts';
import type { transactionSchema } from '../../../src/contracts/credits.ts';
import type { referralsSchema } from '../../../src/contracts/referrals.ts';
import { ask } from './client.ts';
import type { Page } from './pages-of.ts';

export type PlanTable = z.infer<typeof planTableSchema>;
export type Subscription = z.infer<typeof subscriptionSchema>;
export type Purchase = z.infer<typeof purchaseSchema>;
export type TopUp = z.infer<typeof topUpSchema>;
export type Referrals = z.infer<typeof referralsSchema>;
export type Referral = Referrals['data'][number];
export type Transaction = z.infer<typeof transactionSchema>;

export const readPlans = (signal?: AbortSignal) => ask<PlanTable>('GET', '/v1/billing/plans', { signal });

export const readSubscription = (signal?: AbortSignal) =>
  ask<Subscription>('GET', '/v1/billing/subscription', { signal });

export const listPurchases = (signal?: AbortSignal) =>
  ask<Page<Purchase>>('GET', '/v1/billing/purchases', { query: { limit: 20 }, signal });

export const listTransactions = (cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<Transaction>>('GET', '/v1/credits/transactions', { query: { limit: 100, cursor }, signal });

/** The newest few, for a page that is about more than them. */
export const listNewestTransactions = (signal?: AbortSignal) =>
  ask<Page<Transaction>>('GET', '/v1/credits/transactions', { query: { limit: 10 }, signal });

export const readTopUp = (signal?: AbortSignal) => ask<TopUp>('GET', '/v1/billing/top-up', { signal });

export const changeTopUp = (body: TopUpRequest) => ask<TopUp>('PUT', '/v1/billing/top-up', { body });

export const readReferrals = (signal?: AbortSignal) => ask<Referrals>('GET', '/v1/referrals', { signal });

export const claimReferral = (code: string) =>
  ask<Referrals>('POST', '/v1/referrals/claim', { body: { code } });

/** Opens a checkout, whose page is Stripe's. */
export const checkout = (body: CheckoutRequest) =>
  ask<z.infer<typeof checkoutSchema>>('POST', '/v1/billing/checkout', { body });

/** Opens Stripe's page for cards, invoices and the end of a plan. */
export const openPortal = () => ask<z.infer<typeof portalSchema>>('POST', '/v1/billing/portal', { body: {} });
