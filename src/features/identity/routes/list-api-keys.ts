import { operation } from '../../../platform/http/operation.ts';
import { listKeys } from '../key-service.ts';
import { keyListQuerySchema, keyListSchema, keyPageView } from '../key-view.ts';
import { contextOf } from './context-of.ts';

export const listApiKeys = operation({
  operationId: 'listApiKeys',
  method: 'get',
  path: '/v1/api-keys',
  tag: 'Identity',
  summary: 'List API keys',
  description: 'Newest first, revoked ones too. Owners and admins see the tenant’s keys, others their own.',
  access: { kind: 'principal', permission: 'api_keys:read' },
  query: keyListQuerySchema,
  responses: { 200: { description: 'A page of keys.', schema: keyListSchema } },
  async handler({ c, query, principal }) {
    return c.json(keyPageView(await listKeys(contextOf(c), principal, query)));
  },
});
