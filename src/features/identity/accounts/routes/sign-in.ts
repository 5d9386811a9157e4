import { signInAnswerSchema, signInRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { signIn } from '../sign-in.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postSignIn = operation({
  operationId: 'signIn',
  method: 'post',
  path: '/auth/sign-in',
  tag: TAG,
  summary: 'Sign in with a password',
  description:
    'Opens a session (a cookie), or says what else has to be proven: a code of the authenticator app, or a mailed one when the device or the country is new. Five failures within a quarter of an hour lock the address, each time for twice as long.',
  access: DOOR,
  body: signInRequestSchema,
  responses: { 200: { description: 'Signed in, or asked for more.', schema: signInAnswerSchema } },
  errors: [401, 403, 429, 503],
  async handler({ c, body: request }) {
    const { body, cookies } = await signIn(await doorContext(c), request);
    return answerWith(body, cookies);
  },
});
