import { totpCodeRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { confirmTwoFactor } from '../two-factor.ts';
import { answerWith, TAG } from './answer.ts';

export const postTwoFactorConfirm = operation({
  operationId: 'confirmTwoFactor',
  method: 'post',
  path: '/v1/me/two-factor/confirm',
  tag: TAG,
  summary: 'Confirm the authenticator app with a code of it',
  access: { kind: 'person' },
  body: totpCodeRequestSchema,
  responses: { 204: { description: 'From now on signing in with the password needs a code.' } },
  errors: [403],
  async handler({ c, person, body }) {
    return answerWith(null, await confirmTwoFactor(await accountContext(c), person, body.code));
  },
});
