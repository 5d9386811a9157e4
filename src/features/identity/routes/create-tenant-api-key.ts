import { z } from 'zod';
import { createApiKeyRequestSchema, createdApiKeySchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { operatorAuditOf, recordAudit } from '../../audit/index.ts';
import { createTenantKey } from '../key-service.ts';
import { issuedKeyView, keyView } from '../key-view.ts';
import { contextOf, NO_STORE } from './context-of.ts';

export const createTenantApiKey = operation({
  operationId: 'createTenantApiKey',
  method: 'post',
  path: '/v1/operator/tenants/{id}/api-keys',
  tag: 'Operator',
  summary: 'Make an API key for a tenant’s owner',
  description:
    'The key is shown in this answer alone. A retry with the same `Idempotency-Key` and body within 24 hours gets the same key.',
  access: { kind: 'operator' },
  params: z.object({ id: z.string() }),
  body: createApiKeyRequestSchema,
  responses: { 201: { description: 'The key.', schema: createdApiKeySchema } },
  errors: [404, 409, 503],
  async handler({ c, params, body }) {
    const issued = await createTenantKey(contextOf(c), params.id, body, c.req.header('idempotency-key'));
    await recordAudit(operatorAuditOf(c, params.id), {
      action: 'api_key.created',
      object: { type: 'api_key', id: issued.record.id },
      after: keyView(issued.record),
    });
    return c.json(issuedKeyView(issued), 201, NO_STORE);
  },
});
