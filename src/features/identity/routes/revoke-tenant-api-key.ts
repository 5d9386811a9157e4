import { z } from 'zod';
import { apiKeySchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { operatorAuditOf, recordAudit } from '../../audit/index.ts';
import { revokeTenantKey } from '../key-service.ts';
import { keyView } from '../key-view.ts';
import { contextOf } from './context-of.ts';

export const revokeTenantApiKey = operation({
  operationId: 'revokeTenantApiKey',
  method: 'delete',
  path: '/v1/operator/tenants/{id}/api-keys/{key_id}',
  tag: 'Operator',
  summary: 'Revoke a tenant’s API key',
  description: 'The key stops working everywhere within five seconds. Revoking it again changes nothing.',
  access: { kind: 'operator' },
  params: z.object({ id: z.string(), key_id: z.string() }),
  responses: { 200: { description: 'The key, revoked.', schema: apiKeySchema } },
  errors: [404, 503],
  async handler({ c, params }) {
    const view = keyView(await revokeTenantKey(contextOf(c), params.id, params.key_id));
    await recordAudit(operatorAuditOf(c, params.id), {
      action: 'api_key.revoked',
      object: { type: 'api_key', id: params.key_id },
      after: view,
    });
    return c.json(view);
  },
});
