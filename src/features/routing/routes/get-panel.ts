import { z } from 'zod';
import { panelSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { getPanel } from '../panel-service.ts';
import { panelView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const getPanelOperation = operation({
  operationId: 'getPanel',
  method: 'get',
  path: '/v1/routing/panels/{id}',
  tag: TAG,
  summary: 'A panel',
  access: { kind: 'principal', permission: 'routing:read' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'The panel.', schema: panelSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    return c.json(panelView(await getPanel(contextOf(c), principal, params.id)));
  },
});
