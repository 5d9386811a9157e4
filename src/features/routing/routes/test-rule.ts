import { ruleTestRequestSchema, ruleTestSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { testRule } from '../rule-test-service.ts';
import { contextOf, TAG } from './context-of.ts';

export const testRoutingRule = operation({
  operationId: 'testRoutingRule',
  method: 'post',
  path: '/v1/routing/rules/test',
  tag: TAG,
  summary: 'Try a rule against past calls',
  description:
    'Says how many of your calls of the last days a rule would have taken, saved or not, where they went, what they cost, and what they would have cost and taken at the rule’s target by today’s prices and figures. Changes nothing.',
  access: { kind: 'principal', permission: 'routing:read' },
  body: ruleTestRequestSchema,
  responses: { 200: { description: 'What the rule would have done.', schema: ruleTestSchema } },
  errors: [400, 404],
  async handler({ c, body, principal }) {
    return c.json(await testRule(contextOf(c), principal, body));
  },
});
