import { and, desc, eq, lt, or, type SQL } from 'drizzle-orm';
import {
  invoiceListQuerySchema,
  invoiceListSchema,
  PURCHASE_CENTS,
  planTableSchema,
  purchaseListSchema,
  SOLD_PLANS,
} from '../../../contracts/billing.ts';
import { CREDIT_PACKS, PLAN_IDS, PLANS } from '../../../contracts/plans.ts';
import { iso } from '../../../platform/clock.ts';
import { tenantDb } from '../../../platform/db.ts';
import { operation } from '../../../platform/http/operation.ts';
import { customerOf } from '../customers.ts';
import { billingPurchases } from '../schema.ts';
import { askStripe, stripeFor } from '../stripe.ts';
import { contextOf, TAG } from './context-of.ts';

export const listInvoices = operation({
  operationId: 'listInvoices',
  method: 'get',
  path: '/v1/billing/invoices',
  tag: TAG,
  summary: 'List invoices',
  access: { kind: 'principal', permission: 'billing:read' },
  query: invoiceListQuerySchema,
  responses: { 200: { description: 'A page, the newest first.', schema: invoiceListSchema } },
  errors: [404, 503],
  async handler({ c, principal, query }) {
    const stripe = await stripeFor(c.var.config);
    const customer = await customerOf(contextOf(c), principal.tenantId);
    if (customer === null) return c.json({ object: 'list', data: [], has_more: false, next_cursor: null });
    const page = await askStripe(() =>
      stripe.invoices.list({
        customer,
        limit: query.limit,
        ...(query.cursor === undefined ? {} : { starting_after: query.cursor }),
      }),
    );
    const data = page.data.map((one) => ({
      id: one.id,
      object: 'invoice' as const,
      number: one.number,
      status: one.status,
      total_cents: one.total,
      paid_cents: one.amount_paid,
      currency: one.currency,
      created_at: iso(one.created * 1000),
      page_url: one.hosted_invoice_url ?? null,
      pdf_url: one.invoice_pdf ?? null,
    }));
    const next_cursor = page.has_more ? (data.at(-1)?.id ?? null) : null;
    return c.json({ object: 'list', data, has_more: page.has_more, next_cursor });
  },
});

export const listPurchases = operation({
  operationId: 'listPurchases',
  method: 'get',
  path: '/v1/billing/purchases',
  tag: TAG,
  summary: 'List what was paid, and what became of it',
  access: { kind: 'principal', permission: 'billing:read' },
  query: invoiceListQuerySchema,
  responses: { 200: { description: 'A page, the newest first.', schema: purchaseListSchema } },
  async handler({ c, principal, query }) {
    const rows = await tenantDb(c.env.DB, principal).select(billingPurchases, {
      where: before(query.cursor),
      orderBy: [desc(billingPurchases.createdAt), desc(billingPurchases.id)],
      limit: query.limit + 1,
    });
    const page = rows.slice(0, query.limit);
    const more = rows.length > query.limit;
    const last = page.at(-1);
    return c.json({
      object: 'list',
      data: page.map((row) => ({
        id: row.id,
        object: 'purchase' as const,
        kind: row.kind,
        status: row.status,
        paid_cents: row.paidCents,
        credit_nano_usd: row.creditNano,
        refunded_cents: row.refundedCents,
        disputed_cents: row.disputedCents,
        created_at: iso(row.createdAt),
      })),
      has_more: more,
      next_cursor: more && last !== undefined ? `${last.createdAt}.${last.id}` : null,
    });
  },
});

/** What comes after the last purchase of a page: those of the same millisecond by their ids. What is no cursor begins at the newest. */
function before(cursor: string | undefined): SQL | undefined {
  const [, time, id = ''] = /^(\d{1,15})\.(\w+)$/.exec(cursor ?? '') ?? [];
  if (time === undefined) return undefined;
  const { createdAt, id: ids } = billingPurchases;
  return or(lt(createdAt, Number(time)), and(eq(createdAt, Number(time)), lt(ids, id)));
}

export const listPlans = operation({
  operationId: 'listPlans',
  method: 'get',
  path: '/v1/billing/plans',
  tag: TAG,
  summary: 'Plans, packs and what they cost',
  access: { kind: 'public', why: 'prices are shown before anybody signs up' },
  responses: { 200: { description: 'The table.', schema: planTableSchema } },
  handler: ({ c }) =>
    c.json({
      object: 'plans',
      available: c.var.config.stripe !== undefined,
      currency: 'usd',
      plans: PLAN_IDS.map((id) => {
        const plan = PLANS[id];
        return {
          id,
          object: 'plan',
          name: plan.name,
          summary: plan.summary,
          price_usd: plan.priceUsd,
          per_seat: plan.perSeat,
          monthly_credit_usd: plan.monthlyCreditUsd,
          opening_credit_usd: plan.openingCreditUsd,
          markup_percent: plan.markupBasisPoints / 100,
          quotas: plan.quotas,
          sold: SOLD_PLANS.some((sold) => sold === id),
        };
      }),
      packs: CREDIT_PACKS.map(({ id, priceUsd }) => ({ id, price_cents: priceUsd * 100 })),
      least_cents: PURCHASE_CENTS.least,
      most_cents: PURCHASE_CENTS.most,
    }),
});
