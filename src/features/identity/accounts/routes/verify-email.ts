import { verifiedSchema, verifyEmailRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { confirmEmail } from '../confirm-email.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postVerifyEmail = operation({
  operationId: 'verifyEmail',
  method: 'post',
  path: '/auth/verify-email',
  tag: TAG,
  summary: 'Confirm an address with what was mailed to it',
  description: 'For a new account, and for a new address of an old one. Signs nobody in.',
  access: DOOR,
  body: verifyEmailRequestSchema,
  responses: { 200: { description: 'The address is confirmed.', schema: verifiedSchema } },
  errors: [403, 409, 429],
  async handler({ c, body }) {
    const { email } = await confirmEmail(await doorContext(c), body.token);
    return answerWith({ object: 'verified_email', email });
  },
});
