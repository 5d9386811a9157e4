import type { z } from 'zod';
import type {
  acceptedSchema,
  backupCodesSchema,
  browserSessionListSchema,
  devMailListSchema,
  PersonView,
  passkeyListSchema,
  passkeyOptionsSchema,
  passkeySchema,
  redirectToSchema,
  SecurityEventView,
  SignInAnswer,
  SocialProvider,
  signedInSchema,
  twoFactorSetupSchema,
  verifiedSchema,
} from '../../../src/contracts/accounts.ts';
import { ask } from './client.ts';
import type { Page } from './pages-of.ts';

type Accepted = z.infer<typeof acceptedSchema>;
export type SignedIn = z.infer<typeof signedInSchema>;
export type PasskeyOptions = z.infer<typeof passkeyOptionsSchema>;

/* ── At the doors ─────────────────────────────────────────────────────────────────────────────────────── */

export const signUp = (body: { name: string; email: string; password: string; referral?: string }) =>
  ask<Accepted>('POST', '/auth/sign-up', { body });
export const resendVerification = (email: string) =>
  ask<Accepted>('POST', '/auth/resend-verification', { body: { email } });
export const verifyEmail = (token: string) =>
  ask<z.infer<typeof verifiedSchema>>('POST', '/auth/verify-email', { body: { token } });
export const requestReset = (email: string) =>
  ask<Accepted>('POST', '/auth/request-reset', { body: { email } });
export const resetPassword = (body: { token: string; password: string }) =>
  ask<undefined>('POST', '/auth/reset-password', { body });
export const signIn = (body: { email: string; password: string; remember: boolean }) =>
  ask<SignInAnswer>('POST', '/auth/sign-in', { body });
export const secondFactor = (body: { method: 'totp' | 'backup_code' | 'email_code'; code: string }) =>
  ask<SignedIn>('POST', '/auth/second-factor', { body });
export const passkeySignInOptions = () => ask<PasskeyOptions>('POST', '/auth/passkey/options');
export const passkeySignIn = (response: unknown) =>
  ask<SignedIn>('POST', '/auth/passkey', { body: { response } });
export const beginSocial = (provider: SocialProvider, returnTo: string) =>
  ask<z.infer<typeof redirectToSchema>>('POST', `/auth/social/${provider}`, {
    body: { return_to: returnTo },
  });

/* ── One's own account ────────────────────────────────────────────────────────────────────────────────── */

/** Left out by people who have no password. */
const proof = (password: string) => (password === '' ? {} : { password });

export const updatePerson = (name: string) => ask<PersonView>('PATCH', '/v1/me', { body: { name } });
export const changePassword = (current: string, next: string) =>
  ask<undefined>('POST', '/v1/me/password', {
    body: { ...(current === '' ? {} : { current_password: current }), new_password: next },
  });
export const changeEmail = (email: string, password: string) =>
  ask<Accepted>('POST', '/v1/me/email', { body: { email, ...proof(password) } });
export const beginTwoFactor = (password: string) =>
  ask<z.infer<typeof twoFactorSetupSchema>>('POST', '/v1/me/two-factor', { body: proof(password) });
export const confirmTwoFactor = (code: string) =>
  ask<undefined>('POST', '/v1/me/two-factor/confirm', { body: { code } });
export const endTwoFactor = (password: string) =>
  ask<undefined>('POST', '/v1/me/two-factor/disable', { body: proof(password) });
export const renewBackupCodes = (password: string) =>
  ask<z.infer<typeof backupCodesSchema>>('POST', '/v1/me/two-factor/backup-codes', { body: proof(password) });
export const newPasskeyOptions = (password: string) =>
  ask<PasskeyOptions>('POST', '/v1/me/passkeys/options', { body: proof(password) });
export const addPasskey = (name: string, response: unknown) =>
  ask<z.infer<typeof passkeySchema>>('POST', '/v1/me/passkeys', { body: { name, response } });
export const listPasskeys = (signal?: AbortSignal) =>
  ask<z.infer<typeof passkeyListSchema>>('GET', '/v1/me/passkeys', { signal });
export const removePasskey = (id: string) =>
  ask<undefined>('DELETE', `/v1/me/passkeys/${encodeURIComponent(id)}`);
export const listSessions = (signal?: AbortSignal) =>
  ask<z.infer<typeof browserSessionListSchema>>('GET', '/v1/me/sessions', { signal });
export const endSession = (id: string) =>
  ask<undefined>('DELETE', `/v1/me/sessions/${encodeURIComponent(id)}`);
export const endSessions = (keepCurrent: boolean) =>
  ask<undefined>('DELETE', '/v1/me/sessions', { query: { keep_current: keepCurrent } });
export const listSecurityEvents = (cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<SecurityEventView>>('GET', '/v1/me/security-events', { query: { limit: 50, cursor }, signal });
export const deleteAccount = (password: string) =>
  ask<undefined>('POST', '/v1/me/delete', { body: proof(password) });

/* ── The local mailbox ────────────────────────────────────────────────────────────────────────────────── */

export const listDevMails = (to: string, signal?: AbortSignal) =>
  ask<z.infer<typeof devMailListSchema>>('GET', '/dev/mailbox/mails', { query: { to, limit: 100 }, signal });
