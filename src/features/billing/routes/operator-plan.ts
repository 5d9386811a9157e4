import { z } from 'zod';
import { agreePlanRequestSchema, operatorPlanSchema } from '../../../contracts/billing.ts';
import { iso } from '../../../platform/clock.ts';
import { unwrap } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { operatorAuditOf, recordAudit } from '../../audit/index.ts';
import { callLedger, requireTenant } from '../../metering/index.ts';
import { agreementOf, storeAgreement } from '../agreement-store.ts';
import type { BillingContext } from '../context.ts';
import { subscriptionRow } from '../customers.ts';
import { lookAtPlan } from '../look-at-plan.ts';
import { contextOf, onceKeyOf } from './context-of.ts';

export const agreePlan = operation({
  operationId: 'agreePlan',
  method: 'post',
  path: '/v1/operator/tenants/{id}/plan',
  tag: 'Operator',
  summary: 'Put a tenant on a plan by agreement, or end that',
  description:
    'It holds at once and until it ends, whatever the tenant’s subscription says; a subscription is neither ended nor changed by it. A retry with the same `Idempotency-Key` changes nothing, however late it comes.',
  access: { kind: 'operator' },
  params: z.object({ id: z.string() }),
  body: agreePlanRequestSchema,
  responses: { 200: { description: 'Which plan holds now, and why.', schema: operatorPlanSchema } },
  errors: [404, 503],
  async handler({ c, params, body }) {
    const tenantId = params.id;
    await requireTenant(c.env.DB, tenantId);
    const context = contextOf(c);
    const before = await viewOf(context, tenantId);
    await storeAgreement(context, tenantId, body, onceKeyOf(c));
    await lookAtPlan(context, tenantId);
    const after = await viewOf(context, tenantId);
    await recordAudit(operatorAuditOf(c, tenantId), {
      action: body.plan === null ? 'plan.agreement_ended' : 'plan.agreed',
      object: { type: 'tenant', id: tenantId },
      before: before.agreement,
      after: after.agreement,
    });
    return c.json(after);
  },
});

export const getOperatorPlan = operation({
  operationId: 'getTenantPlan',
  method: 'get',
  path: '/v1/operator/tenants/{id}/plan',
  tag: 'Operator',
  summary: 'Which plan a tenant is on, and why',
  access: { kind: 'operator' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'As it stands.', schema: operatorPlanSchema } },
  errors: [404, 503],
  async handler({ c, params }) {
    const tenantId = params.id;
    await requireTenant(c.env.DB, tenantId);
    return c.json(await viewOf(contextOf(c), tenantId));
  },
});

async function viewOf(context: BillingContext, tenantId: string) {
  const [held, agreed, paid] = await Promise.all([
    callLedger(context.env, tenantId, (ledger) => ledger.plan(tenantId)).then(unwrap),
    agreementOf(context, tenantId),
    subscriptionRow(context, tenantId),
  ]);
  return {
    object: 'tenant_plan' as const,
    tenant_id: tenantId,
    plan: held.plan,
    seats: held.seats,
    agreement:
      agreed === null
        ? null
        : {
            plan: agreed.plan,
            seats: agreed.seats,
            ends_at: agreed.endsAt === null ? null : iso(agreed.endsAt),
            reason: agreed.reason,
            agreed_at: iso(agreed.createdAt),
          },
    subscription:
      paid === undefined || paid.status === 'none'
        ? null
        : { plan: paid.plan, status: paid.status, seats: paid.seats },
  };
}
