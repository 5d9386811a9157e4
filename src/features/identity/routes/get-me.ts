import type { z } from 'zod';
import { meSchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { describePrincipal } from '../tenant-service.ts';

export const getMe = operation({
  operationId: 'getMe',
  method: 'get',
  path: '/v1/me',
  tag: 'Identity',
  summary: 'Who the credential acts for',
  access: { kind: 'principal', permission: 'self:read' },
  responses: {
    200: { description: 'The tenant, the user and the scopes of the credential.', schema: meSchema },
  },
  errors: [404],
  async handler({ c, principal }) {
    const { tenantName, email } = await describePrincipal(c.env.DB, principal);
    return c.json({
      object: 'principal',
      tenant: { id: principal.tenantId, name: tenantName },
      user: { id: principal.userId, email },
      key_id: principal.keyId ?? null,
      scopes: [...principal.scopes],
    } satisfies z.infer<typeof meSchema>);
  },
});
