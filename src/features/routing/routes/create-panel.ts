import { panelRequestSchema, panelSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { createPanel } from '../panel-service.ts';
import { panelView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const createPanelOperation = operation({
  operationId: 'createPanel',
  method: 'post',
  path: '/v1/routing/panels',
  tag: TAG,
  summary: 'Make a panel',
  description:
    'A panel is several models that answer together, used as the model `parallax/<name>` on every chat route. A retry with the same `Idempotency-Key` and body within 24 hours gets the same panel.',
  access: { kind: 'principal', permission: 'routing:write' },
  body: panelRequestSchema,
  responses: { 201: { description: 'The panel.', schema: panelSchema } },
  errors: [400, 404, 409],
  async handler({ c, body, principal }) {
    const made = panelView(await createPanel(contextOf(c), principal, body, c.req.header('idempotency-key')));
    await recordAudit(auditOf(c, principal), {
      action: 'routing_panel.created',
      object: { type: 'routing_panel', id: made.id },
      after: made,
    });
    return c.json(made, 201);
  },
});
