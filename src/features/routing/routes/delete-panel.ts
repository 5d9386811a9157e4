import { z } from 'zod';
import { deletedSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { deletePanel, getPanel } from '../panel-service.ts';
import { panelView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const deletePanelOperation = operation({
  operationId: 'deletePanel',
  method: 'delete',
  path: '/v1/routing/panels/{id}',
  tag: TAG,
  summary: 'Delete a panel',
  description: 'Rules that lead to it are skipped from then on.',
  access: { kind: 'principal', permission: 'routing:write' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'It is gone.', schema: deletedSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    const before = panelView(await getPanel(contextOf(c), principal, params.id));
    await deletePanel(contextOf(c), principal, params.id);
    await recordAudit(auditOf(c, principal), {
      action: 'routing_panel.deleted',
      object: { type: 'routing_panel', id: params.id },
      before,
    });
    return c.json({ id: params.id, object: 'deleted' as const });
  },
});
