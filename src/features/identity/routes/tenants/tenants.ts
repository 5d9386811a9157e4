import { z } from 'zod';
import {
  deleteTenantRequestSchema,
  memberSchema,
  newTenantRequestSchema,
  renameTenantRequestSchema,
  tenantDeletionSchema,
  tenantListSchema,
  tenantSchema,
  transferRequestSchema,
} from '../../../../contracts/tenants.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../../audit/index.ts';
import { transferTenant } from '../../member-service.ts';
import {
  createSharedTenant,
  ownTenant,
  ownTenants,
  renameTenant,
  requireOwnTenant,
} from '../../shared-tenants.ts';
import { startDeletion } from '../../tenant-deletion.ts';
import { contextOf } from '../context-of.ts';
import { deletionView, memberView, personIn, TAG, tenantView } from './views.ts';

const params = z.object({ id: z.string() });

export const listTenants = operation({
  operationId: 'listTenants',
  method: 'get',
  path: '/v1/tenants',
  tag: TAG,
  summary: 'List the tenants that one belongs to',
  access: { kind: 'person' },
  responses: { 200: { description: 'All of them, the first joined first.', schema: tenantListSchema } },
  async handler({ c, person }) {
    const tenants = await ownTenants(contextOf(c), person.userId);
    return c.json({ object: 'list', data: tenants.map(tenantView) } satisfies z.infer<
      typeof tenantListSchema
    >);
  },
});

export const createSharedTenantOperation = operation({
  operationId: 'createSharedTenant',
  method: 'post',
  path: '/v1/tenants',
  tag: TAG,
  summary: 'Make a tenant that others can join',
  description:
    'The person who makes it owns it. A retry with the same `Idempotency-Key` and body within 24 hours gets the same tenant.',
  access: { kind: 'person' },
  body: newTenantRequestSchema,
  responses: { 201: { description: 'The tenant.', schema: tenantSchema } },
  errors: [403, 409],
  async handler({ c, person, body }) {
    const key = c.req.header('idempotency-key');
    const view = tenantView(await createSharedTenant(contextOf(c), person.userId, body.name, key));
    await recordAudit(auditOf(c, personIn(view.id, person)), {
      action: 'tenant.created',
      object: { type: 'tenant', id: view.id },
      after: view,
    });
    return c.json(view, 201);
  },
});

export const getTenant = operation({
  operationId: 'getTenant',
  method: 'get',
  path: '/v1/tenants/{id}',
  tag: TAG,
  summary: 'Read the credential’s tenant',
  access: { kind: 'principal', permission: 'members:read' },
  params,
  responses: { 200: { description: 'The tenant.', schema: tenantSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    requireOwnTenant(principal, params.id);
    return c.json(tenantView(await ownTenant(contextOf(c), principal.userId, params.id)));
  },
});

export const updateTenant = operation({
  operationId: 'updateTenant',
  method: 'patch',
  path: '/v1/tenants/{id}',
  tag: TAG,
  summary: 'Rename the tenant',
  access: { kind: 'principal', permission: 'tenant:write' },
  params,
  body: renameTenantRequestSchema,
  responses: { 200: { description: 'The tenant.', schema: tenantSchema } },
  errors: [404],
  async handler({ c, params, body, principal }) {
    requireOwnTenant(principal, params.id);
    const view = tenantView(await renameTenant(contextOf(c), principal, body.name));
    await recordAudit(auditOf(c, principal), {
      action: 'tenant.renamed',
      object: { type: 'tenant', id: view.id },
      after: view,
    });
    return c.json(view);
  },
});

export const deleteTenantOperation = operation({
  operationId: 'deleteTenant',
  method: 'delete',
  path: '/v1/tenants/{id}',
  tag: TAG,
  summary: 'Delete the tenant with all that it has',
  description:
    'At once nobody is a member any more, and every key and session of it stops within five seconds. Rows, files and objects go in the minutes after; what was under way is swept up within an hour. It cannot be undone.',
  access: { kind: 'principal', permission: 'tenant:own' },
  params,
  body: deleteTenantRequestSchema,
  responses: { 202: { description: 'The deletion has begun.', schema: tenantDeletionSchema } },
  errors: [404, 409],
  async handler({ c, params, body, principal }) {
    requireOwnTenant(principal, params.id);
    const view = deletionView(await startDeletion(contextOf(c), principal, body.name));
    // No entry in the chain, which goes with the tenant: what stays is the row that is shown, and the log.
    c.var.log.info('a tenant is being deleted', { tenant: view.id, by: principal.userId });
    return c.json(view, 202);
  },
});

export const transferTenantOperation = operation({
  operationId: 'transferTenant',
  method: 'post',
  path: '/v1/tenants/{id}/transfer',
  tag: TAG,
  summary: 'Hand the tenant over to another member',
  description: 'The member becomes the owner, and who owned it an admin, in one step.',
  access: { kind: 'principal', permission: 'tenant:own' },
  params,
  body: transferRequestSchema,
  responses: { 200: { description: 'The new owner.', schema: memberSchema } },
  errors: [404, 409],
  async handler({ c, params, body, principal }) {
    requireOwnTenant(principal, params.id);
    const view = memberView(await transferTenant(contextOf(c), principal, body.user_id));
    await recordAudit(auditOf(c, principal), {
      action: 'tenant.transferred',
      object: { type: 'tenant', id: params.id },
      before: { owner: principal.userId },
      after: { owner: view.user_id },
    });
    return c.json(view);
  },
});
