import { panelListSchema, routingListQuerySchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listPanels } from '../panel-service.ts';
import { pageView, panelView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const listPanelsOperation = operation({
  operationId: 'listPanels',
  method: 'get',
  path: '/v1/routing/panels',
  tag: TAG,
  summary: 'List panels',
  description:
    'Oldest first. The four that every tenant has (consensus, best, synthesis, debate) are not in the list.',
  access: { kind: 'principal', permission: 'routing:read' },
  query: routingListQuerySchema,
  responses: { 200: { description: 'A page of panels.', schema: panelListSchema } },
  async handler({ c, query, principal }) {
    return c.json(pageView(await listPanels(contextOf(c), principal, query), panelView));
  },
});
