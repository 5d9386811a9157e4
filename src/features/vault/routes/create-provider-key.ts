import { createProviderKeyRequestSchema, providerKeySchema } from '../../../contracts/vault.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { createProviderKey } from '../provider-key-service.ts';
import { contextOf, TAG } from './context-of.ts';

export const createProviderKeyOperation = operation({
  operationId: 'createProviderKey',
  method: 'post',
  path: '/v1/provider-keys',
  tag: TAG,
  summary: 'Bring your own key for a provider',
  description:
    'It is sealed at once and used before the platform’s key; calls with it cost nothing here. The provider is asked whether it accepts the key, and the answer kept as `status`. A retry with the same `Idempotency-Key` and body within 24 hours gets the same key.',
  access: { kind: 'principal', permission: 'provider_keys:write' },
  body: createProviderKeyRequestSchema,
  responses: { 201: { description: 'The key, without its secret.', schema: providerKeySchema } },
  errors: [409, 503],
  async handler({ c, principal, body }) {
    const { view, replayed } = await createProviderKey(
      contextOf(c),
      principal,
      body,
      c.req.header('idempotency-key'),
    );
    if (!replayed) {
      await recordAudit(auditOf(c, principal), {
        action: 'provider_key.created',
        object: { type: 'provider_key', id: view.id },
        after: view,
      });
    }
    return c.json(view, 201);
  },
});
