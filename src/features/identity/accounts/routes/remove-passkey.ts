import { z } from 'zod';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { removePasskey } from '../passkeys.ts';
import { answerWith, TAG } from './answer.ts';

export const deletePasskey = operation({
  operationId: 'removePasskey',
  method: 'delete',
  path: '/v1/me/passkeys/{id}',
  tag: TAG,
  summary: 'Remove a passkey',
  access: { kind: 'person' },
  params: z.object({ id: z.string().max(100) }),
  responses: { 204: { description: 'It opens nothing any more.' } },
  errors: [403, 404],
  async handler({ c, person, params }) {
    await removePasskey(await accountContext(c), person, params.id);
    return answerWith(null);
  },
});
