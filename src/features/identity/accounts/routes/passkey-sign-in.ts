import { passkeyResponseRequestSchema, signedInSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { signInWithPasskey } from '../passkeys.ts';
import { userView } from '../people.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postPasskeySignIn = operation({
  operationId: 'signInWithPasskey',
  method: 'post',
  path: '/auth/passkey',
  tag: TAG,
  summary: 'Sign in with a passkey',
  description: 'A passkey stands for two factors: no code is asked for.',
  access: DOOR,
  body: passkeyResponseRequestSchema,
  responses: { 200: { description: 'Signed in.', schema: signedInSchema } },
  errors: [401, 403, 429],
  async handler({ c, body }) {
    const { user, cookies } = await signInWithPasskey(await doorContext(c), body.response);
    return answerWith({ status: 'signed_in', person: userView(user) }, cookies);
  },
});
