import { z } from 'zod';
import { deletedSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { deleteRule, getRule } from '../rule-service.ts';
import { ruleView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const deleteRoutingRule = operation({
  operationId: 'deleteRoutingRule',
  method: 'delete',
  path: '/v1/routing/rules/{id}',
  tag: TAG,
  summary: 'Delete a routing rule',
  access: { kind: 'principal', permission: 'routing:write' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'It is gone.', schema: deletedSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    const before = ruleView(await getRule(contextOf(c), principal, params.id));
    await deleteRule(contextOf(c), principal, params.id);
    await recordAudit(auditOf(c, principal), {
      action: 'routing_rule.deleted',
      object: { type: 'routing_rule', id: params.id },
      before,
    });
    return c.json({ id: params.id, object: 'deleted' as const });
  },
});
