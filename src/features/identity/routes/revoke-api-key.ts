import { z } from 'zod';
import { apiKeySchema, revokeApiKeyQuerySchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { revokeKey } from '../key-service.ts';
import { keyView } from '../key-view.ts';
import { contextOf } from './context-of.ts';

export const revokeApiKey = operation({
  operationId: 'revokeApiKey',
  method: 'delete',
  path: '/v1/api-keys/{id}',
  tag: 'Identity',
  summary: 'Revoke an API key',
  description:
    'The key stops working everywhere within five seconds; with `now=true` the answer comes when it has. Revoking it again changes nothing. A credential can revoke keys whose scopes it has itself.',
  access: { kind: 'principal', permission: 'api_keys:write' },
  params: z.object({ id: z.string() }),
  query: revokeApiKeyQuerySchema,
  responses: { 200: { description: 'The key, revoked.', schema: apiKeySchema } },
  errors: [403, 404, 503],
  async handler({ c, params, query, principal }) {
    const view = keyView(await revokeKey(contextOf(c), principal, params.id, query.now === 'true'));
    await recordAudit(auditOf(c, principal), {
      action: 'api_key.revoked',
      object: { type: 'api_key', id: params.id },
      after: view,
    });
    return c.json(view);
  },
});
