import { routingSettingsSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { getSettings } from '../settings-service.ts';
import { settingsView } from '../views.ts';
import { contextOf, TAG } from './context-of.ts';

export const getRoutingSettings = operation({
  operationId: 'getRoutingSettings',
  method: 'get',
  path: '/v1/routing/settings',
  tag: TAG,
  summary: 'What `auto` weighs, and how often it explores',
  access: { kind: 'principal', permission: 'routing:read' },
  responses: { 200: { description: 'The settings, or their defaults.', schema: routingSettingsSchema } },
  async handler({ c, principal }) {
    return c.json(settingsView(await getSettings(contextOf(c), principal)));
  },
});
