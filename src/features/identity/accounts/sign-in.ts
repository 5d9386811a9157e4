import type { z } from 'zod';
import type {
  SignInAnswer,
  secondFactorRequestSchema,
  signInRequestSchema,
} from '../../../contracts/accounts.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AccountContext } from './account-context.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { CODE_ONCE, PASSWORD_RULE } from './attempt-rules.ts';
import { type Attempt, takeAttempt, withinBound } from './attempts.ts';
import { authOf } from './auth.ts';
import { authRefusal, cookiesOf, expiredCookie, headersFor } from './auth-call.ts';
import { CHALLENGE_COOKIE, tryCode } from './challenges.ts';
import { finishSignIn } from './finish-sign-in.ts';
import { lastTenantOf } from './last-tenant.ts';
import { lockedMail } from './mails.ts';
import { askAtUnusualPlace, ENROLLED, withoutSession } from './more-proof.ts';
import { noteEvent } from './note-event.ts';
import { userByEmail, userById, userView } from './people.ts';
import { riskOf } from './risk.ts';
import { familiarOf, recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';
import { COOKIE_PREFIX, cookieIn, genuineToken } from './session-cookie.ts';
import { sendVerification } from './sign-up.ts';

/** An answer and the cookies that go with it. */
export interface WithCookies<Body> {
  readonly body: Body;
  readonly cookies: readonly string[];
}

type SignInRequest = z.output<typeof signInRequestSchema>;
type SecondFactorRequest = z.output<typeof secondFactorRequestSchema>;

/**
 * A refusal takes at least so long, in milliseconds: more than the hash. What else differs between an address that somebody has and one that nobody has,
 * a query or two, is not to be read off a clock.
 */
const REFUSAL_MS = 300;
/** Somebody is guessing. */
const LOCK_RISK = 80;

/**
 * Signs somebody in with a password, or says what else they have to prove. A wrong password and an unknown address get the same answer after the
 * same work. Throws `ParallaxError` `unauthenticated`, `rate_limited` while the address is locked, `forbidden` for the right password of
 * an account whose address is not confirmed, `unavailable` when too many sign in at once.
 */
export async function signIn(
  context: AccountContext,
  { email, password, remember }: SignInRequest,
): Promise<WithCookies<SignInAnswer>> {
  const { env, clock, request } = context;
  const began = Date.now();
  const attempt = await takeAttempt(env.DB, 'password', email, PASSWORD_RULE, clock);
  const auth = await authOf(context);
  let answer: { readonly headers: Headers; readonly response: unknown };
  try {
    answer = await auth.api.signInEmail({
      body: { email, password, rememberMe: remember },
      headers: headersFor(request, []),
      returnHeaders: true,
    });
  } catch (error) {
    throw await refusedSignIn(context, email, attempt, error, () => takeAtLeast(REFUSAL_MS, began));
  }
  await attempt.succeed();
  const cookies = cookiesOf(answer.headers);
  if (asksForMore(answer.response)) {
    return {
      body: ENROLLED,
      cookies: withoutSession(cookies),
    };
  }
  const user = await userByEmail(env.DB, email);
  if (user === undefined) throw wrongPassword();
  const unusual = await askAtUnusualPlace(context, user, remember, cookies);
  return unusual === null
    ? welcome(context, user.id, cookies)
    : { body: unusual.asked, cookies: unusual.cookies };
}

/** Proves more than the password. Throws `ParallaxError` `unauthenticated` for a wrong code and for one that nobody waits for, `rate_limited`. */
export async function secondFactor(
  context: AccountContext,
  { method, code }: SecondFactorRequest,
): Promise<WithCookies<Extract<SignInAnswer, { status: 'signed_in' }>>> {
  return method === 'email_code' ? mailedCode(context, code) : enrolledFactor(context, method, code);
}

async function mailedCode(context: AccountContext, code: string) {
  const { env, clock, place, requestId } = context;
  const tried = await tryCode(context, code);
  if (tried.outcome === 'none') throw wrongCode();
  if (tried.outcome === 'wrong') {
    const { userId, lockedForMs } = tried;
    await recordEvent(env.DB, clock, { userId, kind: 'second_factor_failed', place, requestId });
    if (lockedForMs !== null)
      context.later('telling of a lock', () => tellOfLock(context, userId, lockedForMs));
    throw wrongCode();
  }
  const auth = await authOf(context);
  const { headers } = await auth.api.openSession({
    body: { userId: tried.userId, remember: tried.remember },
    headers: headersFor(context.request, []),
    returnHeaders: true,
  });
  return welcome(context, tried.userId, [...cookiesOf(headers), expiredCookie(CHALLENGE_COOKIE)]);
}

async function enrolledFactor(context: AccountContext, method: 'totp' | 'backup_code', code: string) {
  const { env, clock, place, requestId, request } = context;
  const userId = await waitingFor(context);
  if (userId === null) throw wrongCode();
  // A code is one-time (RFC 6238, section 5.2): who has looked over a shoulder cannot use it too, not even at the same moment.
  const unused = await withinBound(env.DB, 'totp', `${userId} ${code}`, CODE_ONCE, clock);
  if (method === 'totp' && !unused) throw wrongCode();
  const auth = await authOf(context);
  const options = {
    body: { code },
    headers: headersFor(request, ['second_factor', 'forget']),
    returnHeaders: true,
  } as const;
  try {
    const { headers } =
      method === 'totp' ? await auth.api.verifyTOTP(options) : await auth.api.verifyBackupCode(options);
    if (method === 'backup_code')
      await recordEvent(env.DB, clock, { userId, kind: 'backup_code_used', place, requestId });
    return await welcome(context, userId, cookiesOf(headers));
  } catch (error) {
    const refusal = authRefusal(error);
    if (refusal === null) throw error;
    await recordEvent(env.DB, clock, { userId, kind: 'second_factor_failed', place, requestId });
    throw refusal.status === 429 || refusal.code === 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE'
      ? tooManyCodes()
      : wrongCode();
  }
}

/** Whose second factor the browser is asked for. */
async function waitingFor(context: AccountContext): Promise<string | null> {
  const cookie = cookieIn(context.request.headers, `${COOKIE_PREFIX}second_factor`);
  const identifier =
    cookie === null ? null : await genuineToken(cookie, await accountSecretsOf(context.config));
  if (identifier === null) return null;
  const { internalAdapter } = await (await authOf(context)).$context;
  return (await internalAdapter.findVerificationValue(identifier))?.value ?? null;
}

async function welcome(context: AccountContext, userId: string, given: readonly string[]) {
  const { user, cookies } = await finishSignIn(context, userId, given);
  return { body: { status: 'signed_in' as const, person: userView(user) }, cookies };
}

/** What a refused password leads to: the failure is written down, the one that makes a lock is mailed. The answer is the same for all. */
async function refusedSignIn(
  context: AccountContext,
  email: string,
  attempt: Attempt,
  error: unknown,
  wait: () => Promise<void>,
): Promise<unknown> {
  const refusal = authRefusal(error);
  if (refusal === null) return error;
  if (refusal.code === 'EMAIL_NOT_VERIFIED') {
    await attempt.succeed();
    context.later('mailing a confirmation', async () => {
      const user = await userByEmail(context.env.DB, email);
      if (user !== undefined) await sendVerification(context, user);
    });
    return new ParallaxError(
      'forbidden',
      'Please confirm your e-mail address first: a new link is on its way to you.',
      { details: { reason: 'email_not_verified' } },
    );
  }
  const lock = await attempt.fail();
  await wait();
  // Well after the answer: what is written for somebody who exists must not take time that tells so, nor hold the answer up on its way out.
  context.later('writing down a failed sign-in', async () => {
    await new Promise((resolve) => setTimeout(resolve, REFUSAL_MS));
    const { env, clock, place, requestId } = context;
    const user = await userByEmail(env.DB, email);
    if (user === undefined) return;
    const { score } = riskOf(place, await familiarOf(env.DB, user.id, clock));
    await recordEvent(env.DB, clock, {
      userId: user.id,
      kind: 'sign_in_failed',
      place,
      risk: score,
      requestId,
    });
    if (lock !== null) await tellOfLock(context, user.id, lock.lockedForMs);
  });
  return wrongPassword();
}

/** Writes a lock down and mails it to the account's person: once a lock, by whoever has made it. */
async function tellOfLock(context: AccountContext, userId: string, lockedForMs: number): Promise<void> {
  const { env, place, origin } = context;
  const user = await userById(env.DB, userId);
  if (user === undefined) return;
  const tenantId = await lastTenantOf(env.DB, userId);
  await noteEvent(context, { userId, tenantId, kind: 'locked', risk: LOCK_RISK });
  await sendMail(context, lockedMail({ user, origin }, lockedForMs, place), 'notice');
}

function asksForMore(response: unknown): boolean {
  return typeof response === 'object' && response !== null && 'twoFactorRedirect' in response;
}

function wrongPassword(): ParallaxError {
  return new ParallaxError('unauthenticated', 'The e-mail address or the password is wrong.', {
    details: { reason: 'wrong_password' },
  });
}

function wrongCode(): ParallaxError {
  return new ParallaxError('unauthenticated', 'The code is wrong, or too old. Sign in again for a new one.', {
    details: { reason: 'wrong_code' },
  });
}

function tooManyCodes(): ParallaxError {
  return new ParallaxError(
    'rate_limited',
    'Too many codes were wrong. Please sign in again in a quarter of an hour.',
    { retryAfterMs: 15 * 60_000, details: { limit: 'attempts' } },
  );
}

/** Waits until something that began at `began` has taken that long. By the machine's clock: it is the machine that is watched. */
async function takeAtLeast(milliseconds: number, began: number): Promise<void> {
  const left = milliseconds - (Date.now() - began);
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
