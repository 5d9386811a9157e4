import { z } from 'zod';
import { createdApiKeySchema, rotateApiKeyRequestSchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { rotateKey } from '../key-service.ts';
import { issuedKeyView, keyView } from '../key-view.ts';
import { contextOf, NO_STORE } from './context-of.ts';

export const rotateApiKey = operation({
  operationId: 'rotateApiKey',
  method: 'post',
  path: '/v1/api-keys/{id}/rotate',
  tag: 'Identity',
  summary: 'Rotate an API key',
  description:
    'Makes a key with the same name, scopes and limits, which is shown in this answer alone. The old one goes on working for `overlap_seconds`; until then both draw on the same limits. A retry with the same `Idempotency-Key` and body within 24 hours gets the same key.',
  access: { kind: 'principal', permission: 'api_keys:write' },
  params: z.object({ id: z.string() }),
  body: rotateApiKeyRequestSchema,
  responses: { 201: { description: 'The new key.', schema: createdApiKeySchema } },
  errors: [403, 404, 409, 503],
  async handler({ c, params, body, principal }) {
    const key = c.req.header('idempotency-key');
    const issued = await rotateKey(contextOf(c), principal, params.id, body.overlap_seconds, key);
    await recordAudit(auditOf(c, principal), {
      action: 'api_key.rotated',
      object: { type: 'api_key', id: params.id },
      after: keyView(issued.record),
    });
    return c.json(issuedKeyView(issued), 201, NO_STORE);
  },
});
