import { proofRequestSchema, twoFactorSetupSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { beginTwoFactor } from '../two-factor.ts';
import { answerWith, TAG } from './answer.ts';

export const postTwoFactor = operation({
  operationId: 'beginTwoFactor',
  method: 'post',
  path: '/v1/me/two-factor',
  tag: TAG,
  summary: 'Begin to set up an authenticator app',
  description: 'Holds once a code was confirmed.',
  access: { kind: 'person' },
  body: proofRequestSchema,
  responses: {
    200: {
      description: 'What to show the app, and the backup codes. Shown this once.',
      schema: twoFactorSetupSchema,
    },
  },
  errors: [403, 409, 429, 503],
  async handler({ c, person, body }) {
    const { uri, backupCodes } = await beginTwoFactor(await accountContext(c), person, body.password);
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    return answerWith({ object: 'two_factor_setup', uri, secret, backup_codes: backupCodes });
  },
});
