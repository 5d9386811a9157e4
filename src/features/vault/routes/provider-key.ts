import { z } from 'zod';
import {
  deletedProviderKeySchema,
  providerKeySchema,
  rotateProviderKeyRequestSchema,
  updateProviderKeyRequestSchema,
} from '../../../contracts/vault.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import {
  deleteProviderKey,
  getProviderKey,
  rotateProviderKey,
  updateProviderKey,
  validateProviderKey,
} from '../provider-key-service.ts';
import { contextOf, TAG } from './context-of.ts';

const params = z.object({ id: z.string().max(100) });
const one = { description: 'The key, without its secret.', schema: providerKeySchema };

export const getProviderKeyOperation = operation({
  operationId: 'getProviderKey',
  method: 'get',
  path: '/v1/provider-keys/{id}',
  tag: TAG,
  summary: 'Look up a provider key',
  access: { kind: 'principal', permission: 'provider_keys:read' },
  params,
  responses: { 200: one },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    return c.json(await getProviderKey(contextOf(c), principal, id));
  },
});

export const updateProviderKeyOperation = operation({
  operationId: 'updateProviderKey',
  method: 'patch',
  path: '/v1/provider-keys/{id}',
  tag: TAG,
  summary: 'Change a provider key’s name, order, budget or end',
  access: { kind: 'principal', permission: 'provider_keys:write' },
  params,
  body: updateProviderKeyRequestSchema,
  responses: { 200: one },
  errors: [404],
  async handler({ c, principal, params: { id }, body }) {
    const before = await getProviderKey(contextOf(c), principal, id);
    const after = await updateProviderKey(contextOf(c), principal, id, body);
    await recordAudit(auditOf(c, principal), {
      action: 'provider_key.changed',
      object: { type: 'provider_key', id },
      before,
      after,
    });
    return c.json(after);
  },
});

export const rotateProviderKeyOperation = operation({
  operationId: 'rotateProviderKey',
  method: 'post',
  path: '/v1/provider-keys/{id}/rotate',
  tag: TAG,
  summary: 'Put another secret in a key’s place',
  description:
    'Name, order, budget and address stay. Calls use the new secret within five seconds everywhere; calls under way end with the old one.',
  access: { kind: 'principal', permission: 'provider_keys:write' },
  params,
  body: rotateProviderKeyRequestSchema,
  responses: { 200: one },
  errors: [404, 409, 503],
  async handler({ c, principal, params: { id }, body }) {
    const after = await rotateProviderKey(contextOf(c), principal, id, body);
    await recordAudit(auditOf(c, principal), {
      action: 'provider_key.rotated',
      object: { type: 'provider_key', id },
      after,
    });
    return c.json(after);
  },
});

export const validateProviderKeyOperation = operation({
  operationId: 'validateProviderKey',
  method: 'post',
  path: '/v1/provider-keys/{id}/validate',
  tag: TAG,
  summary: 'Ask the provider whether it accepts the key',
  description: 'Costs no tokens. `status` and `status_message` say what it answered.',
  access: { kind: 'principal', permission: 'provider_keys:write' },
  params,
  responses: { 200: one },
  errors: [404, 409, 503],
  async handler({ c, principal, params: { id } }) {
    return c.json(await validateProviderKey(contextOf(c), principal, id));
  },
});

export const deleteProviderKeyOperation = operation({
  operationId: 'deleteProviderKey',
  method: 'delete',
  path: '/v1/provider-keys/{id}',
  tag: TAG,
  summary: 'Delete a provider key',
  description: 'Its secret is gone at once, and used nowhere after five seconds.',
  access: { kind: 'principal', permission: 'provider_keys:write' },
  params,
  responses: { 200: { description: 'It is gone.', schema: deletedProviderKeySchema } },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    const before = await getProviderKey(contextOf(c), principal, id);
    await deleteProviderKey(contextOf(c), principal, id);
    await recordAudit(auditOf(c, principal), {
      action: 'provider_key.deleted',
      object: { type: 'provider_key', id },
      before,
    });
    return c.json({ id, object: 'deleted' as const });
  },
});
