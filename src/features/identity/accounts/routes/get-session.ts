import { sessionSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { sessionView } from '../session-view.ts';
import { answerWith, TAG } from './answer.ts';

export const getSession = operation({
  operationId: 'getSession',
  method: 'get',
  path: '/v1/session',
  tag: TAG,
  summary: 'Who is signed in at this browser, and for which tenant',
  access: { kind: 'person' },
  responses: { 200: { description: 'The session.', schema: sessionSchema } },
  async handler({ c, person }) {
    return answerWith(await sessionView(c.env.DB, person));
  },
});
