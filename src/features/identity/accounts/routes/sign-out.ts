import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { expiredCookie } from '../auth-call.ts';
import { signOut } from '../own-sessions.ts';
import { SESSION_COOKIE } from '../session-cookie.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postSignOut = operation({
  operationId: 'signOut',
  method: 'post',
  path: '/auth/sign-out',
  tag: TAG,
  summary: 'End this session',
  description: 'Holds everywhere within five seconds. Without a session it changes nothing.',
  access: DOOR,
  responses: { 204: { description: 'Nobody is signed in here any more.' } },
  errors: [403, 429],
  async handler({ c }) {
    await signOut(await doorContext(c));
    return answerWith(null, [expiredCookie(SESSION_COOKIE)]);
  },
});
