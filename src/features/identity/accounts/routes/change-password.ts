import { changePasswordRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { changePassword } from '../own-account.ts';
import { answerWith, TAG } from './answer.ts';

export const postPassword = operation({
  operationId: 'changePassword',
  method: 'post',
  path: '/v1/me/password',
  tag: TAG,
  summary: 'Choose a new password',
  access: { kind: 'person' },
  body: changePasswordRequestSchema,
  responses: { 204: { description: 'The new password holds; all other sessions have ended.' } },
  errors: [403, 429, 503],
  async handler({ c, person, body }) {
    const { current_password: current, new_password: next } = body;
    await changePassword(await accountContext(c), person, { current, next });
    return answerWith(null);
  },
});
