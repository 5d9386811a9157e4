import { proofRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { contextOf } from '../../routes/context-of.ts';
import { accountContext } from '../account-context.ts';
import { expiredCookie } from '../auth-call.ts';
import { deleteAccount } from '../delete-account.ts';
import { SESSION_COOKIE } from '../session-cookie.ts';
import { answerWith, TAG } from './answer.ts';

export const postDeleteAccount = operation({
  operationId: 'deleteAccount',
  method: 'post',
  path: '/v1/me/delete',
  tag: TAG,
  summary: 'Delete one’s account',
  description:
    'With the password. Tenants that nobody else belongs to are deleted with it, others are left; while one owns a tenant with other members it is a 409 that names them in `tenant_ids`.',
  access: { kind: 'person' },
  body: proofRequestSchema,
  responses: { 204: { description: 'The account is gone.' } },
  errors: [403, 409, 429, 503],
  async handler({ c, person, body }) {
    await deleteAccount(await accountContext(c), contextOf(c), person, body.password);
    return answerWith(null, [expiredCookie(SESSION_COOKIE)]);
  },
});
