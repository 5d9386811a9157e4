import { z } from 'zod';
import {
  createVaultSecretRequestSchema,
  deletedVaultObjectSchema,
  rotateVaultSecretRequestSchema,
  vaultPageQuerySchema,
  vaultSecretListSchema,
  vaultSecretSchema,
} from '../../../contracts/vault.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { createSecret, deleteSecret, getSecret, listSecrets, rotateSecret } from '../secret-service.ts';
import { contextOf, VAULTS_TAG as TAG } from './context-of.ts';

const inVault = z.object({ id: z.string().max(100) });
const params = z.object({ id: z.string().max(100), secret_id: z.string().max(100) });
const one = { description: 'The secret, without its value.', schema: vaultSecretSchema };

export const createSecretOperation = operation({
  operationId: 'createVaultSecret',
  method: 'post',
  path: '/v1/vaults/{id}/secrets',
  tag: TAG,
  summary: 'Seal a secret in a vault',
  description:
    'Its value can be read by nobody again; only Parallax opens it, where you have it used. A retry with the same `Idempotency-Key` and body within 24 hours gets the same secret.',
  access: { kind: 'principal', permission: 'vaults:write' },
  params: inVault,
  body: createVaultSecretRequestSchema,
  responses: { 201: one },
  errors: [404, 409, 503],
  async handler({ c, principal, params: { id }, body }) {
    const key = c.req.header('idempotency-key');
    const { view, replayed } = await createSecret(contextOf(c), principal, id, body, key);
    if (!replayed) {
      await recordAudit(auditOf(c, principal), {
        action: 'vault_secret.created',
        object: { type: 'vault_secret', id: view.id },
        after: view,
      });
    }
    return c.json(view, 201);
  },
});

export const listSecretsOperation = operation({
  operationId: 'listVaultSecrets',
  method: 'get',
  path: '/v1/vaults/{id}/secrets',
  tag: TAG,
  summary: 'List a vault’s secrets',
  access: { kind: 'principal', permission: 'vaults:read' },
  params: inVault,
  query: vaultPageQuerySchema,
  responses: {
    200: {
      description: 'A page of secrets without their values, oldest first.',
      schema: vaultSecretListSchema,
    },
  },
  errors: [404],
  async handler({ c, principal, params: { id }, query }) {
    const { data, nextCursor } = await listSecrets(contextOf(c), principal, id, query);
    return c.json({
      object: 'list',
      data: [...data],
      has_more: nextCursor !== null,
      next_cursor: nextCursor,
    });
  },
});

export const getSecretOperation = operation({
  operationId: 'getVaultSecret',
  method: 'get',
  path: '/v1/vaults/{id}/secrets/{secret_id}',
  tag: TAG,
  summary: 'Look up a secret',
  access: { kind: 'principal', permission: 'vaults:read' },
  params,
  responses: { 200: one },
  errors: [404],
  async handler({ c, principal, params: { id, secret_id } }) {
    return c.json(await getSecret(contextOf(c), principal, id, secret_id));
  },
});

export const rotateSecretOperation = operation({
  operationId: 'rotateVaultSecret',
  method: 'post',
  path: '/v1/vaults/{id}/secrets/{secret_id}/rotate',
  tag: TAG,
  summary: 'Put another value in a secret’s place',
  description: 'It holds at once: whatever uses the secret reads it anew each time.',
  access: { kind: 'principal', permission: 'vaults:write' },
  params,
  body: rotateVaultSecretRequestSchema,
  responses: { 200: one },
  errors: [404, 409, 503],
  async handler({ c, principal, params: { id, secret_id }, body }) {
    const after = await rotateSecret(contextOf(c), principal, id, secret_id, body);
    await recordAudit(auditOf(c, principal), {
      action: 'vault_secret.rotated',
      object: { type: 'vault_secret', id: secret_id },
      after,
    });
    return c.json(after);
  },
});

export const deleteSecretOperation = operation({
  operationId: 'deleteVaultSecret',
  method: 'delete',
  path: '/v1/vaults/{id}/secrets/{secret_id}',
  tag: TAG,
  summary: 'Delete a secret',
  access: { kind: 'principal', permission: 'vaults:write' },
  params,
  responses: { 200: { description: 'It is gone.', schema: deletedVaultObjectSchema } },
  errors: [404],
  async handler({ c, principal, params: { id, secret_id } }) {
    const before = await getSecret(contextOf(c), principal, id, secret_id);
    await deleteSecret(contextOf(c), principal, id, secret_id);
    await recordAudit(auditOf(c, principal), {
      action: 'vault_secret.deleted',
      object: { type: 'vault_secret', id: secret_id },
      before,
    });
    return c.json({ id: secret_id, object: 'deleted' as const });
  },
});
