import { z } from 'zod';
import {
  createVaultRequestSchema,
  deletedVaultObjectSchema,
  updateVaultRequestSchema,
  vaultListSchema,
  vaultPageQuerySchema,
  vaultSchema,
} from '../../../contracts/vault.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { createVault, deleteVault, getVault, listVaults, updateVault } from '../vault-service.ts';
import { contextOf, VAULTS_TAG as TAG } from './context-of.ts';

const params = z.object({ id: z.string().max(100) });
const one = { description: 'The vault.', schema: vaultSchema };

export const createVaultOperation = operation({
  operationId: 'createVault',
  method: 'post',
  path: '/v1/vaults',
  tag: TAG,
  summary: 'Make a vault',
  description:
    'A named place for secrets that Parallax uses for you: keys of scrapers, secrets of webhooks. A retry with the same `Idempotency-Key` and body within 24 hours gets the same vault.',
  access: { kind: 'principal', permission: 'vaults:write' },
  body: createVaultRequestSchema,
  responses: { 201: one },
  errors: [409],
  async handler({ c, principal, body }) {
    const { view, replayed } = await createVault(
      contextOf(c),
      principal,
      body,
      c.req.header('idempotency-key'),
    );
    if (!replayed) {
      await recordAudit(auditOf(c, principal), {
        action: 'vault.created',
        object: { type: 'vault', id: view.id },
        after: view,
      });
    }
    return c.json(view, 201);
  },
});

export const listVaultsOperation = operation({
  operationId: 'listVaults',
  method: 'get',
  path: '/v1/vaults',
  tag: TAG,
  summary: 'List vaults',
  access: { kind: 'principal', permission: 'vaults:read' },
  query: vaultPageQuerySchema,
  responses: { 200: { description: 'A page of vaults, oldest first.', schema: vaultListSchema } },
  async handler({ c, principal, query }) {
    const { data, nextCursor } = await listVaults(contextOf(c), principal, query);
    return c.json({
      object: 'list',
      data: [...data],
      has_more: nextCursor !== null,
      next_cursor: nextCursor,
    });
  },
});

export const getVaultOperation = operation({
  operationId: 'getVault',
  method: 'get',
  path: '/v1/vaults/{id}',
  tag: TAG,
  summary: 'Look up a vault',
  access: { kind: 'principal', permission: 'vaults:read' },
  params,
  responses: { 200: one },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    return c.json(await getVault(contextOf(c), principal, id));
  },
});

export const updateVaultOperation = operation({
  operationId: 'updateVault',
  method: 'patch',
  path: '/v1/vaults/{id}',
  tag: TAG,
  summary: 'Change a vault’s name or description',
  access: { kind: 'principal', permission: 'vaults:write' },
  params,
  body: updateVaultRequestSchema,
  responses: { 200: one },
  errors: [404, 409],
  async handler({ c, principal, params: { id }, body }) {
    const before = await getVault(contextOf(c), principal, id);
    const after = await updateVault(contextOf(c), principal, id, body);
    await recordAudit(auditOf(c, principal), {
      action: 'vault.changed',
      object: { type: 'vault', id },
      before,
      after,
    });
    return c.json(after);
  },
});

export const deleteVaultOperation = operation({
  operationId: 'deleteVault',
  method: 'delete',
  path: '/v1/vaults/{id}',
  tag: TAG,
  summary: 'Delete a vault and all that is in it',
  access: { kind: 'principal', permission: 'vaults:write' },
  params,
  responses: { 200: { description: 'It is gone.', schema: deletedVaultObjectSchema } },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    const before = await getVault(contextOf(c), principal, id);
    await deleteVault(contextOf(c), principal, id);
    await recordAudit(auditOf(c, principal), {
      action: 'vault.deleted',
      object: { type: 'vault', id },
      before,
    });
    return c.json({ id, object: 'deleted' as const });
  },
});
