/** People's accounts: signing up and in, sessions, second factors, what happened to them. What the rest of the slice and the app may use. */
import type { Operation } from '../../../platform/http/operation.ts';
import { postPasskey } from './routes/add-passkey.ts';
import { postSocial } from './routes/begin-social.ts';
import { postTwoFactor } from './routes/begin-two-factor.ts';
import { changeEmail } from './routes/change-email.ts';
import { postPassword } from './routes/change-password.ts';
import { postTwoFactorConfirm } from './routes/confirm-two-factor.ts';
import { postDeleteAccount } from './routes/delete-account.ts';
import { endBrowserSession } from './routes/end-session.ts';
import { endBrowserSessions } from './routes/end-sessions.ts';
import { getSocialCallback } from './routes/end-social.ts';
import { postTwoFactorDisable } from './routes/end-two-factor.ts';
import { getSession } from './routes/get-session.ts';
import { getSignInWays } from './routes/get-ways.ts';
import { listDevMails } from './routes/list-dev-mails.ts';
import { getPasskeys } from './routes/list-passkeys.ts';
import { listSecurityEvents } from './routes/list-security-events.ts';
import { listBrowserSessions } from './routes/list-sessions.ts';
import { postNewPasskeyOptions } from './routes/new-passkey-options.ts';
import { postPasskeySignIn } from './routes/passkey-sign-in.ts';
import { postPasskeySignInOptions } from './routes/passkey-sign-in-options.ts';
import { putDevPerson } from './routes/put-dev-person.ts';
import { putOperator } from './routes/put-operator.ts';
import { deletePasskey } from './routes/remove-passkey.ts';
import { postBackupCodes } from './routes/renew-backup-codes.ts';
import { postRequestReset } from './routes/request-reset.ts';
import { postResendVerification } from './routes/resend-verification.ts';
import { postResetPassword } from './routes/reset-password.ts';
import { postSecondFactor } from './routes/second-factor.ts';
import { postSignIn } from './routes/sign-in.ts';
import { postSignOut } from './routes/sign-out.ts';
import { postSignUp } from './routes/sign-up.ts';
import { switchTenant } from './routes/switch-tenant.ts';
import { updatePerson } from './routes/update-person.ts';
import { postVerifyEmail } from './routes/verify-email.ts';

export { notePlace, unseenPlace } from './new-places.ts';
export { noteExport } from './note-event.ts';
export { ownOrigin, requireSameOrigin } from './same-origin.ts';
export { forgetSessionsOf, hasSessionCookie, sessionPerson, sessionPrincipal } from './sessions.ts';
export { forgetOldAccountRows } from './upkeep.ts';

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
  listBrowserSessions,
  endBrowserSession,
  endBrowserSessions,
  updatePerson,
  postPassword,
  changeEmail,
  postTwoFactor,
  postTwoFactorConfirm,
  postTwoFactorDisable,
  postBackupCodes,
  postPasskeySignInOptions,
  postPasskeySignIn,
  postNewPasskeyOptions,
  postPasskey,
  getPasskeys,
  deletePasskey,
  listSecurityEvents,
  postDeleteAccount,
  postSocial,
  getSocialCallback,
  listDevMails,
  putDevPerson,
  putOperator,
];
