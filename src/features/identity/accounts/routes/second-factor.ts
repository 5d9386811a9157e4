import { secondFactorRequestSchema, signedInSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { secondFactor } from '../sign-in.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postSecondFactor = operation({
  operationId: 'proveSecondFactor',
  method: 'post',
  path: '/auth/second-factor',
  tag: TAG,
  summary: 'Prove more than the password',
  description:
    'Within ten minutes of the sign-in that asked for it, in the same browser. Five wrong codes end it.',
  access: DOOR,
  body: secondFactorRequestSchema,
  responses: { 200: { description: 'Signed in.', schema: signedInSchema } },
  errors: [401, 403, 429],
  async handler({ c, body: request }) {
    const { body, cookies } = await secondFactor(await doorContext(c), request);
    return answerWith(body, cookies);
  },
});
