import { z } from 'zod';
import { changeCreditsRequestSchema, transactionSchema } from '../../../contracts/credits.ts';
import { unwrap } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { transactionView } from '../credit-view.ts';
import { requireTenant } from '../require-tenant.ts';
import { callLedger } from '../tenant-ledger.ts';

export const changeCredits = operation({
  operationId: 'changeCredits',
  method: 'post',
  path: '/v1/operator/tenants/{id}/credits',
  tag: 'Operator',
  summary: 'Give a tenant credit, or take some back',
  description:
    'A correction or a gift. What is reserved is never taken. A retry with the same `Idempotency-Key` changes nothing, however late it comes.',
  access: { kind: 'operator' },
  params: z.object({ id: z.string() }),
  body: changeCreditsRequestSchema,
  responses: { 201: { description: 'The transaction.', schema: transactionSchema } },
  errors: [402, 404, 503],
  async handler({ c, params, body }) {
    await requireTenant(c.env.DB, params.id);
    const id = `operator:${c.req.header('idempotency-key')?.slice(0, 255) ?? c.var.requestId}`;
    const common = {
      tenantId: params.id,
      id,
      amount: Math.abs(body.amount_nano_usd),
      reference: { type: 'operator', id },
      reason: body.reason,
    };
    const transaction = await callLedger(c.env, params.id, (ledger) =>
      body.amount_nano_usd < 0
        ? ledger.debit(common)
        : ledger.credit({
            ...common,
            type: body.kind === 'bonus' || body.kind === 'promotional' ? 'bonus' : 'adjustment',
            bucket: body.kind,
            expiresAt: body.expires_at === undefined ? null : Date.parse(body.expires_at),
          }),
    );
    return c.json(transactionView(unwrap(transaction)), 201);
  },
});
