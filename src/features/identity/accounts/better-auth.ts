import { passkey } from '@better-auth/passkey';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { APIError, createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { betterAuth } from 'better-auth/minimal';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { z } from 'zod';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../../../contracts/password-length.ts';
import type { SocialApp } from '../../../platform/config.ts';
import { base64url } from '../../../platform/crypto.ts';
import { platformDb } from '../../../platform/db.ts';
import { type IdKind, newId } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/log.ts';
import type { AccountSecret } from './account-secrets.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { accounts, passkeys, sessions, twoFactors, verifications } from './schema.ts';
import { COOKIE_PREFIX } from './session-cookie.ts';

/** Our `users` as better-auth sees it: the same table, with times as `Date`. What it does not know of it does not touch. */
const users = sqliteTable('users', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  emailVerified: integer('email_verified', { mode: 'boolean' }).notNull(),
  image: text('image'),
  twoFactorEnabled: integer('two_factor_enabled', { mode: 'boolean' }).notNull().default(false),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
});

export const SESSION_SECONDS = 30 * 24 * 60 * 60;
export const RESET_SECONDS = 60 * 60;
const SECOND_FACTOR_SECONDS = 10 * 60;

const ID_KINDS: Readonly<Record<string, IdKind>> = {
  user: 'user',
  session: 'session',
  account: 'account',
  verification: 'verification',
  twoFactor: 'twoFactor',
  passkey: 'passkey',
};

export interface AuthParts {
  readonly db: D1Database;
  /** Where people reach the deployment, e.g. `https://parallax.example`. */
  readonly origin: string;
  readonly secrets: readonly AccountSecret[];
  readonly socialApps: Readonly<Record<'google' | 'github' | 'microsoft', SocialApp | undefined>>;
  readonly log: Logger;
  /** Takes the token of a reset that was asked for to its person. */
  readonly sendReset: (
    user: { readonly email: string; readonly name: string },
    token: string,
  ) => Promise<void>;
}

/**
 * better-auth over our tables. It is called by our routes, never mounted: what of it can be reached is what a route of `/auth` or `/v1/me` calls.
 * Its own rate limits, origin checks and mails are off, because the routes' are stricter.
 */
export function createAuth({ db, origin, secrets, socialApps, log, sendReset }: AuthParts) {
  return betterAuth({
    appName: 'Parallax',
    baseURL: origin,
    basePath: '/auth',
    secrets: secrets.map(({ version, value }) => ({ version, value })),
    database: drizzleAdapter(platformDb(db), {
      provider: 'sqlite',
      schema: {
        user: users,
        session: sessions,
        account: accounts,
        verification: verifications,
        twoFactor: twoFactors,
        passkey: passkeys,
      },
    }),
    logger: {
      level: 'error',
      log: (level, message) => (level === 'error' ? log.error(message) : log.warn(message)),
    },
    telemetry: { enabled: false },
    onAPIError: { errorURL: `${origin}/sign-in` },
    rateLimit: { enabled: false },
    session: { expiresIn: SESSION_SECONDS, disableSessionRefresh: true, freshAge: 0 },
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: true,
      autoSignIn: false,
      minPasswordLength: MIN_PASSWORD_LENGTH,
      maxPasswordLength: MAX_PASSWORD_LENGTH,
      password: { hash: hashPassword, verify: verifyPassword },
      resetPasswordTokenExpiresIn: RESET_SECONDS,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => sendReset(user, token),
    },
    emailVerification: { sendOnSignUp: false, sendOnSignIn: false, autoSignInAfterVerification: false },
    user: {
      /** An address that another service has not proven is nobody's: with it, whoever claims it first would own the account. */
      validateUserInfo: ({ user, source }) =>
        source.method === 'oauth' && source.action !== 'sign-in' && user.emailVerified !== true
          ? { error: 'email_not_verified' }
          : undefined,
    },
    account: {
      encryptOAuthTokens: true,
      // Linking by address needs it proven on both sides; no provider is trusted without.
      accountLinking: { enabled: true, trustedProviders: [], allowDifferentEmails: false },
    },
    verification: { storeIdentifier: 'hashed' },
    socialProviders: {
      ...(socialApps.google === undefined ? {} : { google: { ...socialApps.google } }),
      ...(socialApps.github === undefined ? {} : { github: { ...socialApps.github } }),
      ...(socialApps.microsoft === undefined ? {} : { microsoft: { ...socialApps.microsoft } }),
    },
    plugins: [
      twoFactor({
        issuer: 'Parallax',
        allowPasswordless: true,
        twoFactorCookieMaxAge: SECOND_FACTOR_SECONDS,
        accountLockout: { enabled: true, maxFailedAttempts: 10, durationSeconds: 15 * 60 },
      }),
      passkey({
        rpID: new URL(origin).hostname,
        rpName: 'Parallax',
        origin,
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        advanced: { webAuthnChallengeCookie: 'passkey' },
        registration: {
          afterVerification: ({ verification }) =>
            requireUserVerified(verification.registrationInfo?.userVerified),
        },
        authentication: {
          afterVerification: ({ verification }) =>
            requireUserVerified(verification.authenticationInfo.userVerified),
        },
      }),
      openSession(),
    ],
    advanced: {
      // The prefix of cookies' names says `__Host-`, which is stricter than the `__Secure-` that this switch would add.
      useSecureCookies: false,
      cookiePrefix: 'parallax',
      defaultCookieAttributes: { secure: true, httpOnly: true, sameSite: 'lax', path: '/' },
      cookies: Object.fromEntries(
        Object.entries({
          session_token: 'session',
          session_data: 'session_data',
          account_data: 'account_data',
          dont_remember: 'forget',
          two_factor: 'second_factor',
          trust_device: 'trusted',
          passkey: 'passkey',
          state: 'social',
          oauth_state: 'social_state',
        }).map(([name, ours]) => [name, { name: `${COOKIE_PREFIX}${ours}` }]),
      ),
      database: { generateId: ({ model }) => newId(ID_KINDS[model] ?? 'verification') },
    },
  });
}

/** A passkey stands for two factors, so the device must have asked who holds it. */
function requireUserVerified(verified: boolean | undefined): undefined {
  if (verified === true) return undefined;
  throw new APIError('UNAUTHORIZED', { message: 'The device did not check who holds it.' });
}

/**
 * What better-auth lacks, not reachable over HTTP: a session for somebody who has proven who they are by a mailed code, and its own second factor
 * after a sign-in with another service, which it asks after passwords alone.
 */
function openSession() {
  return {
    id: 'parallax-sessions',
    endpoints: {
      openSession: createAuthEndpoint.serverOnly(
        { method: 'POST', body: z.object({ userId: z.string(), remember: z.boolean() }) },
        async (ctx) => {
          const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
          if (user === null) throw new APIError('UNAUTHORIZED', { message: 'There is no such person.' });
          const session = await ctx.context.internalAdapter.createSession(user.id, !ctx.body.remember);
          await setSessionCookie(ctx, { session, user }, !ctx.body.remember);
          return ctx.json({ token: session.token });
        },
      ),
      awaitSecondFactor: createAuthEndpoint.serverOnly(
        { method: 'POST', body: z.object({ userId: z.string() }) },
        async (ctx) => {
          // As its two-factor plugin does after a password, so that its own checks of codes, and their bounds, hold here too.
          const identifier = `2fa-${base64url(crypto.getRandomValues(new Uint8Array(15)))}`;
          const expiresAt = new Date(Date.now() + SECOND_FACTOR_SECONDS * 1_000);
          const { internalAdapter } = ctx.context;
          await internalAdapter.createVerificationValue({ value: ctx.body.userId, identifier, expiresAt });
          await internalAdapter.createVerificationValue({
            value: '0',
            identifier: `2fa-attempts-${identifier}`,
            expiresAt,
          });
          const cookie = ctx.context.createAuthCookie('two_factor', { maxAge: SECOND_FACTOR_SECONDS });
          await ctx.setSignedCookie(cookie.name, identifier, ctx.context.secret, cookie.attributes);
          return ctx.json({ waiting: true });
        },
      ),
    },
  };
}

export type Auth = ReturnType<typeof createAuth>;
