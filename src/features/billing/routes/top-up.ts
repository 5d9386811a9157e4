import { lte } from 'drizzle-orm';
import { topUpRequestSchema, topUpSchema } from '../../../contracts/billing.ts';
import { iso } from '../../../platform/clock.ts';
import { tenantDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import type { BillingContext } from '../context.ts';
import { customerOf } from '../customers.ts';
import { billingTopUps } from '../schema.ts';
import { askStripe, stripeFor } from '../stripe.ts';
import { savedCard } from '../top-up-service.ts';
import { chargedThisMonth, openCharge, topUpSettings, watchCredit } from '../top-up-store.ts';
import { contextOf, TAG } from './context-of.ts';

export const getTopUp = operation({
  operationId: 'getTopUp',
  method: 'get',
  path: '/v1/billing/top-up',
  tag: TAG,
  summary: 'Automatic top-ups',
  access: { kind: 'principal', permission: 'billing:read' },
  responses: { 200: { description: 'As they are set.', schema: topUpSchema } },
  handler: async ({ c, principal }) => c.json(await view(contextOf(c), principal.tenantId)),
});

export const putTopUp = operation({
  operationId: 'setTopUp',
  method: 'put',
  path: '/v1/billing/top-up',
  tag: TAG,
  summary: 'Set automatic top-ups',
  description:
    'When available credit falls below the threshold, the amount is charged to the saved card; the credit is there when Stripe reports the payment. Never two at a time, never more than the cap in a calendar month (UTC). A refused payment is tried again after one hour and after six; a third refusal turns top-ups off and is mailed to the owner.',
  access: { kind: 'principal', permission: 'billing:write' },
  body: topUpRequestSchema,
  responses: { 200: { description: 'As they are set now.', schema: topUpSchema } },
  errors: [404, 409, 503],
  async handler({ c, principal, body }) {
    const context = contextOf(c);
    const { tenantId } = principal;
    if (body.enabled) await requireCard(context, tenantId);
    const now = context.clock.now();
    const settings = {
      enabled: body.enabled,
      thresholdCents: body.threshold_cents,
      amountCents: body.amount_cents,
      monthlyCapCents: body.monthly_cap_cents,
      failures: 0,
      retryAt: null,
      stopped: null,
      changedAt: now,
    };
    const db = tenantDb(context.env.DB, { tenantId });
    await db.insert(billingTopUps, [settings]);
    await db.update(billingTopUps, settings, lte(billingTopUps.changedAt, now));
    await watchCredit(context, tenantId, body.enabled ? body.threshold_cents : null, now);
    await recordAudit(auditOf(c, principal), {
      action: 'top_up.set',
      object: { type: 'top_up', id: tenantId },
      after: body,
    });
    return c.json(await view(context, tenantId));
  },
});

async function requireCard(context: BillingContext, tenantId: string): Promise<void> {
  const stripe = await stripeFor(context.config);
  const customer = await customerOf(context, tenantId);
  const card = customer === null ? null : await askStripe(() => savedCard(stripe, customer));
  if (card !== null) return;
  throw new ParallaxError(
    'conflict',
    'There is no card to charge. Buy credit with `save_card`, or add a card in the portal, and try again.',
    { details: { reason: 'no_card' } },
  );
}

async function view(context: BillingContext, tenantId: string) {
  const [row, charged, open] = await Promise.all([
    topUpSettings(context, tenantId),
    chargedThisMonth(context, tenantId),
    openCharge(context, tenantId),
  ]);
  const retryAt = row?.retryAt ?? null;
  return {
    object: 'top_up' as const,
    enabled: row?.enabled ?? false,
    threshold_cents: row?.thresholdCents ?? 500,
    amount_cents: row?.amountCents ?? 2_000,
    monthly_cap_cents: row?.monthlyCapCents ?? 10_000,
    charged_this_month_cents: charged,
    under_way: open !== undefined,
    failures: row?.failures ?? 0,
    retry_at: retryAt === null ? null : iso(retryAt),
    stopped: row?.stopped ?? null,
  };
}
