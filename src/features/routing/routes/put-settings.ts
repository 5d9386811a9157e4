import { routingSettingsRequestSchema, routingSettingsSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { getSettings, putSettings } from '../settings-service.ts';
import { settingsView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const putRoutingSettings = operation({
  operationId: 'putRoutingSettings',
  method: 'put',
  path: '/v1/routing/settings',
  tag: TAG,
  summary: 'Set what `auto` weighs, and how often it explores',
  description: 'What is absent takes its default.',
  access: { kind: 'principal', permission: 'routing:write' },
  body: routingSettingsRequestSchema,
  responses: { 200: { description: 'The settings as they are now.', schema: routingSettingsSchema } },
  async handler({ c, body, principal }) {
    const before = settingsView(await getSettings(contextOf(c), principal));
    const after = settingsView(await putSettings(contextOf(c), principal, body));
    await recordAudit(auditOf(c, principal), {
      action: 'routing_settings.changed',
      object: { type: 'routing_settings', id: principal.tenantId },
      before,
      after,
    });
    return c.json(after);
  },
});
