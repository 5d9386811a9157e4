import { z } from 'zod';
import { panelRequestSchema, panelSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { getPanel, replacePanel } from '../panel-service.ts';
import { panelView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const replacePanelOperation = operation({
  operationId: 'replacePanel',
  method: 'put',
  path: '/v1/routing/panels/{id}',
  tag: TAG,
  summary: 'Replace a panel',
  description: 'What is absent takes its default, as when a panel is made.',
  access: { kind: 'principal', permission: 'routing:write' },
  params: z.object({ id: z.string() }),
  body: panelRequestSchema,
  responses: { 200: { description: 'The panel as it is now.', schema: panelSchema } },
  errors: [400, 404, 409],
  async handler({ c, params, body, principal }) {
    const before = panelView(await getPanel(contextOf(c), principal, params.id));
    const after = panelView(await replacePanel(contextOf(c), principal, params.id, body));
    await recordAudit(auditOf(c, principal), {
      action: 'routing_panel.replaced',
      object: { type: 'routing_panel', id: params.id },
      before,
      after,
    });
    return c.json(after);
  },
});
