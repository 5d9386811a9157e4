import { resetPasswordRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { resetPassword } from '../reset-password.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postResetPassword = operation({
  operationId: 'resetPassword',
  method: 'post',
  path: '/auth/reset-password',
  tag: TAG,
  summary: 'Choose a new password with what was mailed',
  description: 'Ends all sessions of the account and opens a lock. Signs nobody in.',
  access: DOOR,
  body: resetPasswordRequestSchema,
  responses: { 204: { description: 'The new password holds.' } },
  errors: [403, 429, 503],
  async handler({ c, body }) {
    await resetPassword(await doorContext(c), body);
    return answerWith(null);
  },
});
