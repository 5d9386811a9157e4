import { ruleRequestSchema, ruleSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { createRule } from '../rule-service.ts';
import { ruleView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const createRoutingRule = operation({
  operationId: 'createRoutingRule',
  method: 'post',
  path: '/v1/routing/rules',
  tag: TAG,
  summary: 'Make a routing rule',
  description:
    'Rules decide where a request for `auto`, an alias or a name of your own goes. They are looked at from the lowest `priority` up; the first that holds decides. A retry with the same `Idempotency-Key` and body within 24 hours gets the same rule.',
  access: { kind: 'principal', permission: 'routing:write' },
  body: ruleRequestSchema,
  responses: { 201: { description: 'The rule.', schema: ruleSchema } },
  errors: [400, 404, 409],
  async handler({ c, body, principal }) {
    const made = ruleView(await createRule(contextOf(c), principal, body, c.req.header('idempotency-key')));
    await recordAudit(auditOf(c, principal), {
      action: 'routing_rule.created',
      object: { type: 'routing_rule', id: made.id },
      after: made,
    });
    return c.json(made, 201);
  },
});
