import { and, eq } from 'drizzle-orm';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { users } from '../schema.ts';
import type { AccountContext } from './account-context.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { lastTenantOf } from './last-tenant.ts';
import { type MailedContent, readMailedToken } from './mailed-token.ts';
import { changedMail } from './mails.ts';
import { noteEvent } from './note-event.ts';
import { endSessions } from './own-sessions.ts';
import { userByEmail, userById } from './people.ts';
import { recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';

/**
 * Takes what a mailed link says: the address belongs to the account, or is to. It signs nobody in. Following it again changes nothing. Throws
 * `ParallaxError` `invalid_parameter` for a link that is forged, too old or of another account's past, `conflict` for an address that somebody has
 * taken meanwhile.
 */
export async function confirmEmail(context: AccountContext, token: string): Promise<{ email: string }> {
  const content = await readMailedToken(await accountSecretsOf(context.config), token, context.clock.now());
  if (content === null) throw deadLink();
  return content.purpose === 'verify' ? confirmOwn(context, content) : takeNew(context, content);
}

async function confirmOwn(
  { env, clock, place, requestId }: AccountContext,
  { userId, email }: MailedContent,
): Promise<{ email: string }> {
  const user = await userById(env.DB, userId);
  if (user === undefined || user.email !== email) throw deadLink();
  const changed = await platformDb(env.DB)
    .update(users)
    .set({ emailVerified: true, updatedAt: clock.now() })
    .where(and(eq(users.id, userId), eq(users.email, email), eq(users.emailVerified, false)))
    .returning({ id: users.id });
  if (changed.length > 0)
    await recordEvent(env.DB, clock, { userId, kind: 'email_verified', place, requestId });
  return { email };
}

async function takeNew(
  context: AccountContext,
  { userId, from, email }: Extract<MailedContent, { purpose: 'change' }>,
): Promise<{ email: string }> {
  const { env, clock, place, origin } = context;
  const user = await userById(env.DB, userId);
  if (user?.email === email) return { email };
  if (user === undefined || user.email !== from) throw deadLink();
  const holder = await userByEmail(env.DB, email);
  if (holder !== undefined) throw taken();
  try {
    const changed = await platformDb(env.DB)
      .update(users)
      .set({ email, emailVerified: true, updatedAt: clock.now() })
      .where(and(eq(users.id, userId), eq(users.email, from)))
      .returning({ id: users.id });
    if (changed.length === 0) throw deadLink();
  } catch (error) {
    // The address is unique: somebody took it after we had looked.
    if (!(error instanceof ParallaxError) && (await userByEmail(env.DB, email)) !== undefined) throw taken();
    throw error;
  }
  const tenantId = await lastTenantOf(env.DB, userId);
  await endSessions(context, userId, { exceptOfRequest: true });
  await noteEvent(context, {
    userId,
    tenantId,
    kind: 'email_changed',
    before: { email: from },
    after: { email },
  });
  const old = { email: from, name: user.name };
  context.later('telling of a new address', () =>
    sendMail(
      context,
      changedMail({ user: old, origin }, 'Your account has a new e-mail address', place),
      'notice',
    ),
  );
  return { email };
}

function deadLink(): ParallaxError {
  return new ParallaxError(
    'invalid_parameter',
    '`token`: this link does not work any more. Links work for an hour; ask for a new one.',
    { param: 'token' },
  );
}

function taken(): ParallaxError {
  return new ParallaxError('conflict', 'This address belongs to another account by now. Choose another one.');
}
