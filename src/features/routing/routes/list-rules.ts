import { routingListQuerySchema, ruleListSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listRules } from '../rule-service.ts';
import { pageView, ruleView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const listRoutingRules = operation({
  operationId: 'listRoutingRules',
  method: 'get',
  path: '/v1/routing/rules',
  tag: TAG,
  summary: 'List routing rules',
  description: 'In the order in which they are looked at.',
  access: { kind: 'principal', permission: 'routing:read' },
  query: routingListQuerySchema,
  responses: { 200: { description: 'A page of rules.', schema: ruleListSchema } },
  async handler({ c, query, principal }) {
    return c.json(pageView(await listRules(contextOf(c), principal, query), ruleView));
  },
});
