import { z } from 'zod';
import { operation } from '../../../platform/http/operation.ts';
import { listTenantKeys } from '../key-service.ts';
import { keyListQuerySchema, keyListSchema, keyPageView } from '../key-view.ts';
import { contextOf } from './context-of.ts';

export const listTenantApiKeys = operation({
  operationId: 'listTenantApiKeys',
  method: 'get',
  path: '/v1/operator/tenants/{id}/api-keys',
  tag: 'Operator',
  summary: 'List a tenant’s API keys',
  access: { kind: 'operator' },
  params: z.object({ id: z.string() }),
  query: keyListQuerySchema,
  responses: {
    200: { description: 'A page of keys, newest first, revoked ones too.', schema: keyListSchema },
  },
  errors: [404],
  async handler({ c, params, query }) {
    return c.json(keyPageView(await listTenantKeys(contextOf(c), params.id, query)));
  },
});
