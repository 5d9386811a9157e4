import { and, eq, ne } from 'drizzle-orm';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { users } from '../schema.ts';
import type { AccountContext } from './account-context.ts';
import { forgetAttempts } from './attempts.ts';
import { authOf } from './auth.ts';
import { authRefusal } from './auth-call.ts';
import { lastTenantOf } from './last-tenant.ts';
import { changedMail } from './mails.ts';
import { noteEvent } from './note-event.ts';
import { userByEmail, userById } from './people.ts';
import { accounts, passkeys, twoFactors } from './schema.ts';
import { recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';
import { forgetSessionsOf } from './sessions.ts';

/** Mails a link to choose a new password with, after the answer, if there is an account with the address. */
export function requestReset(context: AccountContext, email: string): void {
  context.later('mailing a reset', async () => {
    const { env, clock, place, requestId } = context;
    const user = await userByEmail(env.DB, email);
    if (user === undefined) return;
    await recordEvent(env.DB, clock, { userId: user.id, kind: 'password_reset_asked', place, requestId });
    const auth = await authOf(context);
    await auth.api.requestPasswordReset({ body: { email } });
  });
}

/**
 * Sets a new password with what was mailed. All sessions end, a lock opens, and the address counts as confirmed: its mail was read. What was attached
 * to the account before that, when it was nobody's, goes. Throws `ParallaxError` `invalid_parameter` for a link that is used, too old or forged.
 */
export async function resetPassword(
  context: AccountContext,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<void> {
  const { env, clock, place, origin } = context;
  const auth = await authOf(context);
  const { internalAdapter } = await auth.$context;
  // Looked at before it is used up: better-auth does not say whose it was.
  const userId = (await internalAdapter.findVerificationValue(`reset-password:${token}`))?.value;
  const user = userId === undefined ? undefined : await userById(env.DB, userId);
  if (user === undefined) throw deadLink();
  if (!user.emailVerified) await dropUnproven(env.DB, user.id);
  // Before the sessions end that say so.
  const tenantId = await lastTenantOf(env.DB, user.id);
  try {
    await auth.api.resetPassword({ body: { token, newPassword: password } });
  } catch (error) {
    if (authRefusal(error)?.code === 'INVALID_TOKEN') throw deadLink();
    throw error;
  }
  await platformDb(env.DB)
    .update(users)
    .set({ emailVerified: true, updatedAt: clock.now() })
    .where(and(eq(users.id, user.id), eq(users.email, user.email)));
  forgetSessionsOf(user.id);
  await noteEvent(context, { userId: user.id, tenantId, kind: 'password_reset' });
  if (await forgetAttempts(env.DB, 'password', user.email, clock))
    await noteEvent(context, { userId: user.id, tenantId, kind: 'unlocked' });
  context.later('telling of a new password', () =>
    sendMail(context, changedMail({ user, origin }, 'Your account has a new password', place), 'notice'),
  );
}

/** Ways in that somebody attached before the mailbox had confirmed the account. */
async function dropUnproven(d1: D1Database, userId: string): Promise<void> {
  const db = platformDb(d1);
  await db.batch([
    db.delete(accounts).where(and(eq(accounts.userId, userId), ne(accounts.providerId, 'credential'))),
    db.delete(passkeys).where(eq(passkeys.userId, userId)),
    db.delete(twoFactors).where(eq(twoFactors.userId, userId)),
    db.update(users).set({ twoFactorEnabled: false }).where(eq(users.id, userId)),
  ]);
}

function deadLink(): ParallaxError {
  return new ParallaxError(
    'invalid_parameter',
    '`token`: this link does not work any more. Links work once, for an hour; ask for a new one.',
    { param: 'token' },
  );
}
