import type { z } from 'zod';
import { createdTenantSchema, createTenantRequestSchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { operatorAuditOf, recordAudit } from '../../audit/index.ts';
import { issuedKeyView, keyView } from '../key-view.ts';
import { createTenant } from '../tenant-service.ts';
import { contextOf, NO_STORE } from './context-of.ts';

export const createOperatorTenant = operation({
  operationId: 'createTenant',
  method: 'post',
  path: '/v1/operator/tenants',
  tag: 'Operator',
  summary: 'Make a tenant with its owner and a first key',
  description:
    'The key is shown in this answer alone. A retry with the same `Idempotency-Key` and body within 24 hours gets the same tenant and key; an e-mail address that belongs to a user already is a 409 that names the user’s tenant in `tenant_id`.',
  access: { kind: 'operator' },
  body: createTenantRequestSchema,
  responses: { 201: { description: 'The tenant.', schema: createdTenantSchema } },
  errors: [409, 503],
  async handler({ c, body }) {
    const tenant = await createTenant(contextOf(c), body, c.req.header('idempotency-key'));
    const view = {
      id: tenant.id,
      object: 'tenant',
      name: tenant.name,
      owner: tenant.owner,
      key: issuedKeyView(tenant.key),
    } satisfies z.infer<typeof createdTenantSchema>;
    await recordAudit(operatorAuditOf(c, tenant.id), {
      action: 'tenant.created',
      object: { type: 'tenant', id: tenant.id },
      after: { name: tenant.name, owner: tenant.owner.id, key: keyView(tenant.key.record) },
    });
    return c.json(view, 201, NO_STORE);
  },
});
