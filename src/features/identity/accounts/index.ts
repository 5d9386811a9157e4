/** People's accounts: signing up and in, sessions, second factors, what happened to them. What the rest of the slice and the app may use. */
import type { Operation } from '../../../platform/http/operation.ts';
import { getSession } from './routes/get-session.ts';
import { getSignInWays } from './routes/get-ways.ts';
import { listDevMails } from './routes/list-dev-mails.ts';
import { putDevPerson } from './routes/put-dev-person.ts';
import { postRequestReset } from './routes/request-reset.ts';
import { postResendVerification } from './routes/resend-verification.ts';
import { postResetPassword } from './routes/reset-password.ts';
import { postSecondFactor } from './routes/second-factor.ts';
import { postSignIn } from './routes/sign-in.ts';
import { postSignOut } from './routes/sign-out.ts';
import { postSignUp } from './routes/sign-up.ts';
import { switchTenant } from './routes/switch-tenant.ts';
import { postVerifyEmail } from './routes/verify-email.ts';

export { requireSameOrigin } from './same-origin.ts';
export { forgetSessionsOf, hasSessionCookie, sessionPerson, sessionPrincipal } from './sessions.ts';

export const accountOperations: readonly Operation[] = [
  getSignInWays,
  postSignUp,
  postResendVerification,
  postVerifyEmail,
  postSignIn,
  postSecondFactor,
  postSignOut,
  postRequestReset,
  postResetPassword,
  getSession,
  switchTenant,
  listDevMails,
  putDevPerson,
];
