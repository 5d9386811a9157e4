import { providerKeyListSchema } from '../../../contracts/vault.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listProviderKeys } from '../provider-key-service.ts';
import { contextOf, TAG } from './context-of.ts';

export const listProviderKeysOperation = operation({
  operationId: 'listProviderKeys',
  method: 'get',
  path: '/v1/provider-keys',
  tag: TAG,
  summary: 'List your provider keys',
  description: 'By provider, in the order in which they are used. At most 100.',
  access: { kind: 'principal', permission: 'provider_keys:read' },
  responses: { 200: { description: 'All of them.', schema: providerKeyListSchema } },
  async handler({ c, principal }) {
    return c.json({ object: 'list', data: await listProviderKeys(contextOf(c), principal) });
  },
});
