import { z } from 'zod';
import { apiKeySchema, updateApiKeyRequestSchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { renameKey } from '../key-service.ts';
import { keyView } from '../key-view.ts';
import { contextOf } from './context-of.ts';

export const updateApiKey = operation({
  operationId: 'updateApiKey',
  method: 'patch',
  path: '/v1/api-keys/{id}',
  tag: 'Identity',
  summary: 'Rename an API key',
  description: 'What a key may do does not change: make another one for that.',
  access: { kind: 'principal', permission: 'api_keys:write' },
  params: z.object({ id: z.string() }),
  body: updateApiKeyRequestSchema,
  responses: { 200: { description: 'The key.', schema: apiKeySchema } },
  errors: [403, 404, 503],
  async handler({ c, params, body, principal }) {
    const view = keyView(await renameKey(contextOf(c), principal, params.id, body.name));
    await recordAudit(auditOf(c, principal), {
      action: 'api_key.renamed',
      object: { type: 'api_key', id: params.id },
      after: view,
    });
    return c.json(view);
  },
});
