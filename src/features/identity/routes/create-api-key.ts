import { createApiKeyRequestSchema, createdApiKeySchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { createKey } from '../key-service.ts';
import { issuedKeyView, keyView } from '../key-view.ts';
import { contextOf, NO_STORE } from './context-of.ts';

export const createApiKey = operation({
  operationId: 'createApiKey',
  method: 'post',
  path: '/v1/api-keys',
  tag: 'Identity',
  summary: 'Make an API key',
  description:
    'The key is shown in this answer alone. It carries the scopes asked for, which its maker must have, or all that its maker has; it lasts no longer than its maker. A retry with the same `Idempotency-Key` and body within 24 hours gets the same key.',
  access: { kind: 'principal', permission: 'api_keys:write' },
  body: createApiKeyRequestSchema,
  responses: { 201: { description: 'The key.', schema: createdApiKeySchema } },
  errors: [403, 409, 503],
  async handler({ c, body, principal }) {
    const issued = await createKey(contextOf(c), principal, body, c.req.header('idempotency-key'));
    const { record } = issued;
    await recordAudit(auditOf(c, principal), {
      action: 'api_key.created',
      object: { type: 'api_key', id: record.id },
      after: keyView(record),
    });
    return c.json(issuedKeyView(issued), 201, NO_STORE);
  },
});
