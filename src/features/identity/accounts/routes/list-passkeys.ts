import { passkeyListSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { listPasskeys } from '../passkeys.ts';
import { answerWith, TAG } from './answer.ts';
import { passkeyView } from './passkey-view.ts';

export const getPasskeys = operation({
  operationId: 'listPasskeys',
  method: 'get',
  path: '/v1/me/passkeys',
  tag: TAG,
  summary: 'One’s passkeys',
  access: { kind: 'person' },
  responses: { 200: { description: 'Passkeys, newest first.', schema: passkeyListSchema } },
  async handler({ c, person }) {
    const own = await listPasskeys(await accountContext(c), person.userId);
    return answerWith({ object: 'list', data: own.map(passkeyView) });
  },
});
