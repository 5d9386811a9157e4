import { acceptedSchema, emailRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { resendVerification } from '../sign-up.ts';
import { accepted, DOOR, TAG } from './answer.ts';

export const postResendVerification = operation({
  operationId: 'resendVerification',
  method: 'post',
  path: '/auth/resend-verification',
  tag: TAG,
  summary: 'Mail the link again that confirms an address',
  access: DOOR,
  body: emailRequestSchema,
  responses: { 202: { description: 'The same for every address.', schema: acceptedSchema } },
  errors: [403, 429],
  async handler({ c, body }) {
    resendVerification(await doorContext(c), body.email);
    return accepted('If an account waits for it, a new link is on its way.');
  },
});
