import { z } from 'zod';
import { ruleRequestSchema, ruleSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { getRule, replaceRule } from '../rule-service.ts';
import { ruleView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const replaceRoutingRule = operation({
  operationId: 'replaceRoutingRule',
  method: 'put',
  path: '/v1/routing/rules/{id}',
  tag: TAG,
  summary: 'Replace a routing rule',
  description: 'What is absent takes its default, as when a rule is made.',
  access: { kind: 'principal', permission: 'routing:write' },
  params: z.object({ id: z.string() }),
  body: ruleRequestSchema,
  responses: { 200: { description: 'The rule as it is now.', schema: ruleSchema } },
  errors: [400, 404],
  async handler({ c, params, body, principal }) {
    const before = ruleView(await getRule(contextOf(c), principal, params.id));
    const after = ruleView(await replaceRule(contextOf(c), principal, params.id, body));
    await recordAudit(auditOf(c, principal), {
      action: 'routing_rule.replaced',
      object: { type: 'routing_rule', id: params.id },
      before,
      after,
    });
    return c.json(after);
  },
});
