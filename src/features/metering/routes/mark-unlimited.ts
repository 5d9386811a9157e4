import { z } from 'zod';
import { creditsSchema, markUnlimitedRequestSchema } from '../../../contracts/credits.ts';
import { unwrap } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { creditsView } from '../credit-view.ts';
import { requireTenant } from '../require-tenant.ts';
import { callLedger } from '../tenant-ledger.ts';

export const markUnlimited = operation({
  operationId: 'markUnlimited',
  method: 'put',
  path: '/v1/operator/tenants/{id}/unlimited',
  tag: 'Operator',
  summary: 'Never refuse a tenant for want of credit',
  description:
    'For the operator’s own tenants. Their calls are recorded and charged like others’ as far as they have credit; the rest is recorded as uncollected.',
  access: { kind: 'operator' },
  params: z.object({ id: z.string() }),
  body: markUnlimitedRequestSchema,
  responses: { 200: { description: 'How the credit stands.', schema: creditsSchema } },
  errors: [404, 503],
  async handler({ c, params, body }) {
    await requireTenant(c.env.DB, params.id);
    unwrap(await callLedger(c.env, params.id, (ledger) => ledger.markUnlimited(params.id, body.unlimited)));
    const standing = await callLedger(c.env, params.id, (ledger) => ledger.standing(params.id));
    return c.json(creditsView(unwrap(standing)));
  },
});
