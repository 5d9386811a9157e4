import { eq } from 'drizzle-orm';
import { changeSubscriptionRequestSchema, subscriptionSchema } from '../../../contracts/billing.ts';
import { iso } from '../../../platform/clock.ts';
import { tenantDb } from '../../../platform/db.ts';
import { unwrap } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { callLedger } from '../../metering/index.ts';
import { agreementOf } from '../agreement-store.ts';
import { changeSubscription } from '../change-subscription.ts';
import type { BillingContext } from '../context.ts';
import { customerOf, subscriptionRow } from '../customers.ts';
import { lookAtCustomer } from '../look-at-customer.ts';
import { billingPurchases } from '../schema.ts';
import { contextOf, onceKeyOf, TAG } from './context-of.ts';

export const getSubscription = operation({
  operationId: 'getSubscription',
  method: 'get',
  path: '/v1/billing/subscription',
  tag: TAG,
  summary: 'The plan and its subscription',
  access: { kind: 'principal', permission: 'billing:read' },
  responses: { 200: { description: 'As it stands.', schema: subscriptionSchema } },
  errors: [404, 503],
  handler: async ({ c, principal }) => c.json(await view(contextOf(c), principal.tenantId)),
});

export const patchSubscription = operation({
  operationId: 'changeSubscription',
  method: 'patch',
  path: '/v1/billing/subscription',
  tag: TAG,
  summary: 'Change plan, seats or end of the subscription',
  description:
    'More is charged at once for what is left of the month; when the bank refuses, nothing changes. Less is put to your account at Stripe.',
  access: { kind: 'principal', permission: 'billing:write' },
  body: changeSubscriptionRequestSchema,
  responses: { 200: { description: 'As it stands now.', schema: subscriptionSchema } },
  errors: [402, 404, 409, 503],
  async handler({ c, principal, body }) {
    const context = contextOf(c);
    await changeSubscription(context, principal.tenantId, body, onceKeyOf(c));
    await recordAudit(auditOf(c, principal), {
      action: 'subscription.changed',
      object: { type: 'tenant', id: principal.tenantId },
      after: body,
    });
    // What Stripe says now; its webhook would say the same a little later.
    const customer = await customerOf(context, principal.tenantId);
    if (customer !== null) await lookAtCustomer(context, customer);
    return c.json(await view(context, principal.tenantId));
  },
});

async function view(context: BillingContext, tenantId: string) {
  const [row, plan, disputed, agreed] = await Promise.all([
    subscriptionRow(context, tenantId),
    callLedger(context.env, tenantId, (ledger) => ledger.plan(tenantId)).then(unwrap),
    tenantDb(context.env.DB, { tenantId }).first(billingPurchases, eq(billingPurchases.status, 'disputed')),
    agreementOf(context, tenantId),
  ]);
  const time = (at: number | null | undefined) => (at === null || at === undefined ? null : iso(at));
  return {
    object: 'subscription' as const,
    plan: plan.plan,
    status: row?.status ?? 'none',
    seats: plan.seats,
    period_end: time(row?.periodEnd),
    cancel_at_period_end: row?.cancelAtPeriodEnd ?? false,
    grace_until: time(row?.graceUntil),
    agreed: agreed !== null,
    agreed_until: time(agreed?.endsAt),
    open_dispute: disputed !== undefined,
  };
}
