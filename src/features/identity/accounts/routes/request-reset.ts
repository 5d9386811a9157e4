import { acceptedSchema, emailRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { requestReset } from '../reset-password.ts';
import { accepted, DOOR, TAG } from './answer.ts';

export const postRequestReset = operation({
  operationId: 'requestPasswordReset',
  method: 'post',
  path: '/auth/request-reset',
  tag: TAG,
  summary: 'Mail a link to choose a new password with',
  access: DOOR,
  body: emailRequestSchema,
  responses: { 202: { description: 'The same for every address.', schema: acceptedSchema } },
  errors: [403, 429],
  async handler({ c, body }) {
    requestReset(await doorContext(c), body.email);
    return accepted('If there is an account with this address, a link is on its way.');
  },
});
