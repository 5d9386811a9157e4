import type { Person } from '../../../contracts/principal.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AccountContext } from './account-context.ts';
import { authOf } from './auth.ts';
import { authRefusal, cookiesOf, headersFor } from './auth-call.ts';
import { placeSession, tokenIn } from './finish-sign-in.ts';
import { changedMail } from './mails.ts';
import { noteEvent } from './note-event.ts';
import { requireProof } from './proof.ts';
import { sendMail } from './send-mail.ts';
import { forgetSessionsOf } from './sessions.ts';

export interface TwoFactorSetup {
  /** `otpauth://totp/…` (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). */
  readonly uri: string;
  readonly backupCodes: readonly string[];
}

/**
 * Begins to set up an authenticator app: makes a secret and backup codes, which hold once a code has been confirmed. Beginning again makes new ones.
 * Throws `ParallaxError` `conflict` when an app is set up, and what `requireProof` throws.
 */
export async function beginTwoFactor(
  context: AccountContext,
  person: Person,
  password: string | undefined,
): Promise<TwoFactorSetup> {
  await requireProof(context, person, password);
  const auth = await authOf(context);
  try {
    const answer = await auth.api.enableTwoFactor({
      body: { ...(password === undefined ? {} : { password }), method: 'totp' },
      headers: headersFor(context.request, ['session']),
    });
    if (answer.method !== 'totp') throw new Error('an authenticator app was set up without a secret');
    return { uri: answer.totpURI, backupCodes: answer.backupCodes };
  } catch (error) {
    if (authRefusal(error)?.code !== 'TOTP_ALREADY_ENABLED') throw error;
    throw new ParallaxError(
      'conflict',
      'An authenticator app is set up already. Remove it first to set up another.',
    );
  }
}

/**
 * Ends the set-up with a code of the app. From now on a sign-in with a password needs one. Gives the cookies of the session that takes the place of
 * the one that asked. Throws `ParallaxError` `forbidden` for a wrong code.
 */
export async function confirmTwoFactor(
  context: AccountContext,
  person: Person,
  code: string,
): Promise<readonly string[]> {
  const auth = await authOf(context);
  try {
    const { headers } = await auth.api.verifyTOTP({
      body: { code },
      headers: headersFor(context.request, ['session']),
      returnHeaders: true,
    });
    const cookies = await moved(context, person, cookiesOf(headers));
    await told(context, person, 'two_factor_enabled', 'Your account has an authenticator app');
    return cookies;
  } catch (error) {
    if (authRefusal(error) === null) throw error;
    throw new ParallaxError('forbidden', 'The code is wrong. Is the clock of your device right?', {
      details: { reason: 'wrong_code' },
    });
  }
}

/** Takes the authenticator app away. Throws what `requireProof` throws. */
export async function endTwoFactor(
  context: AccountContext,
  person: Person,
  password: string | undefined,
): Promise<readonly string[]> {
  await requireProof(context, person, password);
  const auth = await authOf(context);
  const { headers } = await auth.api.disableTwoFactor({
    body: password === undefined ? {} : { password },
    headers: headersFor(context.request, ['session']),
    returnHeaders: true,
  });
  const cookies = await moved(context, person, cookiesOf(headers));
  await told(context, person, 'two_factor_disabled', 'Your account’s authenticator app was removed');
  return cookies;
}

/** New backup codes; the old ones end. Throws `ParallaxError` `conflict` without an authenticator app. */
export async function renewBackupCodes(
  context: AccountContext,
  person: Person,
  password: string | undefined,
): Promise<readonly string[]> {
  await requireProof(context, person, password);
  const auth = await authOf(context);
  try {
    const { backupCodes } = await auth.api.generateBackupCodes({
      body: password === undefined ? {} : { password },
      headers: headersFor(context.request, ['session']),
    });
    await told(context, person, 'backup_codes_renewed', 'Your account has new backup codes');
    return backupCodes;
  } catch (error) {
    if (authRefusal(error)?.code !== 'TWO_FACTOR_NOT_ENABLED') throw error;
    throw new ParallaxError('conflict', 'There is no authenticator app yet. Set one up first.');
  }
}

/** better-auth puts a new session in the place of the old one: it stays where it was, and goes on acting for the same tenant. */
export async function moved(
  context: AccountContext,
  person: Person,
  cookies: readonly string[],
): Promise<readonly string[]> {
  const token = await tokenIn(context, cookies);
  if (token !== null) await placeSession(context, token, person.session.tenantId);
  forgetSessionsOf(person.userId);
  return cookies;
}

async function told(
  context: AccountContext,
  person: Person,
  kind: 'two_factor_enabled' | 'two_factor_disabled' | 'backup_codes_renewed',
  subject: string,
): Promise<void> {
  const { place, origin } = context;
  await noteEvent(context, { userId: person.userId, tenantId: person.session.tenantId, kind });
  context.later('telling of a change', () =>
    sendMail(context, changedMail({ user: person, origin }, subject, place), 'notice'),
  );
}
