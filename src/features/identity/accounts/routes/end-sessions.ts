import { endSessionsQuerySchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { expiredCookie } from '../auth-call.ts';
import { noteEvent } from '../note-event.ts';
import { endSessions } from '../own-sessions.ts';
import { SESSION_COOKIE } from '../session-cookie.ts';
import { answerWith, TAG } from './answer.ts';

export const endBrowserSessions = operation({
  operationId: 'endBrowserSessions',
  method: 'delete',
  path: '/v1/me/sessions',
  tag: TAG,
  summary: 'Sign out everywhere',
  access: { kind: 'person' },
  query: endSessionsQuerySchema,
  responses: { 204: { description: 'They are signed out, everywhere within five seconds.' } },
  errors: [403],
  async handler({ c, person, query }) {
    const context = await accountContext(c);
    const keep = query.keep_current === 'true';
    await endSessions(context, person.userId, { exceptOfRequest: keep });
    const { tenantId } = person.session;
    await noteEvent(context, { userId: person.userId, tenantId, kind: 'sessions_ended' });
    return answerWith(null, keep ? [] : [expiredCookie(SESSION_COOKIE)]);
  },
});
