import { z } from 'zod';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { endSession } from '../own-sessions.ts';
import { answerWith, TAG } from './answer.ts';

export const endBrowserSession = operation({
  operationId: 'endBrowserSession',
  method: 'delete',
  path: '/v1/me/sessions/{id}',
  tag: TAG,
  summary: 'Sign out one browser',
  access: { kind: 'person' },
  params: z.object({ id: z.string().max(100) }),
  responses: { 204: { description: 'It is signed out, everywhere within five seconds.' } },
  errors: [403, 404],
  async handler({ c, person, params }) {
    await endSession(await accountContext(c), person, params.id);
    return answerWith(null);
  },
});
