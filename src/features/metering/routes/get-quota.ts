import { quotaListSchema } from '../../../contracts/quota.ts';
import { operation } from '../../../platform/http/operation.ts';
import { quotaView } from '../quotas/quota-view.ts';
import { readQuotas } from '../quotas/take-uses.ts';

export const getQuota = operation({
  operationId: 'getQuota',
  method: 'get',
  path: '/v1/quota',
  tag: 'Money',
  summary: 'The tenant’s quotas of this month',
  description:
    'How many messages and perspectives the plan gives in the tenant’s own month, and how many are left. What runs on your own keys and local models counts as none.',
  access: { kind: 'principal', permission: 'credits:read' },
  responses: { 200: { description: 'Each quota as it stands.', schema: quotaListSchema } },
  errors: [503],
  async handler({ c, principal }) {
    return c.json(quotaView(await readQuotas(c.env, principal.tenantId)));
  },
});
