import type { z } from 'zod';
import { meSchema } from '../../../contracts/identity.ts';
import { operation } from '../../../platform/http/operation.ts';
import { describePrincipal } from '../describe-principal.ts';
import { contextOf } from './context-of.ts';

export const getMe = operation({
  operationId: 'getMe',
  method: 'get',
  path: '/v1/me',
  tag: 'Identity',
  summary: 'Who the credential acts for',
  access: { kind: 'principal', permission: 'self:read' },
  responses: {
    200: {
      description: 'The tenant, the user and their role; the credential, its scopes and its limits.',
      schema: meSchema,
    },
  },
  errors: [404],
  async handler({ c, principal }) {
    return c.json((await describePrincipal(contextOf(c), principal)) satisfies z.infer<typeof meSchema>);
  },
});
