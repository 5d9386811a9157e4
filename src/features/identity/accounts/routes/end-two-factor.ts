import { proofRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { endTwoFactor } from '../two-factor.ts';
import { answerWith, TAG } from './answer.ts';

export const postTwoFactorDisable = operation({
  operationId: 'disableTwoFactor',
  method: 'post',
  path: '/v1/me/two-factor/disable',
  tag: TAG,
  summary: 'Remove the authenticator app',
  access: { kind: 'person' },
  body: proofRequestSchema,
  responses: { 204: { description: 'Codes are not asked for any more.' } },
  errors: [403, 429, 503],
  async handler({ c, person, body }) {
    return answerWith(null, await endTwoFactor(await accountContext(c), person, body.password));
  },
});
