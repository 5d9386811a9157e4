import { addPasskeyRequestSchema, passkeySchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { addPasskey } from '../passkeys.ts';
import { answerWith, TAG } from './answer.ts';
import { passkeyView } from './passkey-view.ts';

export const postPasskey = operation({
  operationId: 'addPasskey',
  method: 'post',
  path: '/v1/me/passkeys',
  tag: TAG,
  summary: 'Add the passkey that the browser has made',
  access: { kind: 'person' },
  body: addPasskeyRequestSchema,
  responses: { 201: { description: 'The passkey.', schema: passkeySchema } },
  errors: [403],
  async handler({ c, person, body }) {
    return answerWith(passkeyView(await addPasskey(await accountContext(c), person, body)), [], 201);
  },
});
