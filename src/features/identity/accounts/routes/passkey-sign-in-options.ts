import { passkeyOptionsSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { passkeySignInOptions } from '../passkeys.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postPasskeySignInOptions = operation({
  operationId: 'passkeySignInOptions',
  method: 'post',
  path: '/auth/passkey/options',
  tag: TAG,
  summary: 'Begin to sign in with a passkey',
  access: DOOR,
  responses: { 200: { description: 'For `navigator.credentials.get`.', schema: passkeyOptionsSchema } },
  errors: [403, 429],
  async handler({ c }) {
    const { options, cookies } = await passkeySignInOptions(await doorContext(c));
    return answerWith(options, cookies);
  },
});
