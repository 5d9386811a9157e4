import { browserSessionListSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { listSessions } from '../own-sessions.ts';
import { answerWith, TAG } from './answer.ts';

export const listBrowserSessions = operation({
  operationId: 'listBrowserSessions',
  method: 'get',
  path: '/v1/me/sessions',
  tag: TAG,
  summary: 'Where one is signed in',
  access: { kind: 'person' },
  responses: { 200: { description: 'Open sessions, newest first.', schema: browserSessionListSchema } },
  async handler({ c, person }) {
    const open = await listSessions(await accountContext(c), person.userId);
    const data = open.map((session) => ({
      id: session.id,
      object: 'browser_session',
      current: session.id === person.session.id,
      device: session.device ?? 'Unknown device',
      country: session.country,
      created_at: session.createdAt.toISOString(),
      expires_at: session.expiresAt.toISOString(),
    }));
    return answerWith({ object: 'list', data });
  },
});
