import { rebuildUsageRequestSchema, rebuiltUsageSchema } from '../../../contracts/usage.ts';
import { operation } from '../../../platform/http/operation.ts';
import { operatorAuditOf, recordAudit } from '../../audit/index.ts';
import { rebuildDay } from '../usage/rebuild.ts';

export const rebuildUsage = operation({
  operationId: 'rebuildUsage',
  method: 'post',
  path: '/v1/operator/usage/rebuild',
  tag: 'Operator',
  summary: 'Make a day’s sums of usage anew from its calls',
  description:
    'Up to 20 tenants at a time, each in one transaction, while usage goes on coming in. Says whose sums had not been those of their calls, which is a defect. A day whose calls are not all kept any more is refused.',
  access: { kind: 'operator' },
  body: rebuildUsageRequestSchema,
  responses: { 200: { description: 'What was done.', schema: rebuiltUsageSchema } },
  async handler({ c, body: { day, tenant_id, after } }) {
    const { clock, config, log } = c.var;
    const question = { day: Date.parse(day), tenantId: tenant_id, after };
    const { tenants, differed, nextAfter } = await rebuildDay(
      c.env.DB,
      clock,
      config.usageRetentionDays,
      question,
    );
    if (differed.length > 0) log.error('sums of usage had differed from the calls', { day, differed });
    for (const tenantId of differed)
      await recordAudit(operatorAuditOf(c, tenantId), {
        action: 'usage.rebuilt',
        object: { type: 'usage', id: tenantId },
        after: { day },
      });
    return c.json({
      object: 'usage_rebuild',
      day,
      tenants,
      differed: [...differed],
      remaining: nextAfter !== null,
      next_after: nextAfter,
    });
  },
});
