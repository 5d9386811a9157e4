import { passkeyOptionsSchema, proofRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { newPasskeyOptions } from '../passkeys.ts';
import { answerWith, TAG } from './answer.ts';

export const postNewPasskeyOptions = operation({
  operationId: 'newPasskeyOptions',
  method: 'post',
  path: '/v1/me/passkeys/options',
  tag: TAG,
  summary: 'Begin to add a passkey',
  access: { kind: 'person' },
  body: proofRequestSchema,
  responses: { 200: { description: 'For `navigator.credentials.create`.', schema: passkeyOptionsSchema } },
  errors: [403, 429, 503],
  async handler({ c, person, body }) {
    const { options, cookies } = await newPasskeyOptions(await accountContext(c), person, body.password);
    return answerWith(options, cookies);
  },
});
