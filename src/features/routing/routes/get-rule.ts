import { z } from 'zod';
import { ruleSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { getRule } from '../rule-service.ts';
import { ruleView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const getRoutingRule = operation({
  operationId: 'getRoutingRule',
  method: 'get',
  path: '/v1/routing/rules/{id}',
  tag: TAG,
  summary: 'A routing rule',
  access: { kind: 'principal', permission: 'routing:read' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'The rule.', schema: ruleSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    return c.json(ruleView(await getRule(contextOf(c), principal, params.id)));
  },
});
