import { sessionSchema, switchTenantRequestSchema } from '../../../../contracts/accounts.ts';
import { ParallaxError } from '../../../../platform/errors.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { tenantsOf } from '../../membership.ts';
import { accountContext } from '../account-context.ts';
import { actFor } from '../own-sessions.ts';
import { sessionView } from '../session-view.ts';
import { answerWith, TAG } from './answer.ts';

export const switchTenant = operation({
  operationId: 'switchTenant',
  method: 'post',
  path: '/v1/session/tenant',
  tag: TAG,
  summary: 'Let this session act for another tenant',
  access: { kind: 'person' },
  body: switchTenantRequestSchema,
  responses: { 200: { description: 'The session as it is now.', schema: sessionSchema } },
  errors: [403, 404],
  async handler({ c, person, body }) {
    const tenant = (await tenantsOf(c.env.DB, person.userId)).find(({ id }) => id === body.tenant_id);
    // The same for one that does not exist and one that is another's.
    if (tenant === undefined) throw new ParallaxError('not_found', 'You belong to no such tenant.');
    await actFor(await accountContext(c), person.userId, person.session.id, tenant.id);
    const session = { ...person.session, tenantId: tenant.id, role: tenant.role };
    return answerWith(await sessionView(c.env.DB, { ...person, session }));
  },
});
