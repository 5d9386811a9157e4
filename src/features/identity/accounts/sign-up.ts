import { and, eq, inArray, ne } from 'drizzle-orm';
import type { z } from 'zod';
import type { signUpRequestSchema } from '../../../contracts/accounts.ts';
import { platformDb } from '../../../platform/db.ts';
import { newId } from '../../../platform/ids.ts';
import { users } from '../schema.ts';
import { keepSignUpCode } from '../sign-up-codes.ts';
import type { AccountContext } from './account-context.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { authOf } from './auth.ts';
import { LINK_MS, writeMailedToken } from './mailed-token.ts';
import { accountExistsMail, verificationMail } from './mails.ts';
import { hashPassword } from './password-hash.ts';
import { type User, userByEmail } from './people.ts';
import { accounts } from './schema.ts';
import { recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';

type SignUpRequest = z.output<typeof signUpRequestSchema>;

/**
 * Signs somebody up, after the answer: whether there is an account with the address is in the mail alone, and not in how long the answer takes. An
 * account whose address nobody has confirmed yet is taken over by whoever signs up last, password and all: only the mailbox decides whose
 * it is.
 */
export function signUp(context: AccountContext, request: SignUpRequest): void {
  context.later('a sign-up', () => signUpNow(context, request));
}

async function signUpNow(
  context: AccountContext,
  { name, email, password, referral }: SignUpRequest,
): Promise<void> {
  const { env, clock, origin, place, requestId } = context;
  const before = await userByEmail(env.DB, email);
  if (before?.emailVerified === true)
    return sendMail(context, accountExistsMail({ user: before, origin }), 'asked');
  if (before === undefined) {
    const auth = await authOf(context);
    await auth.api.signUpEmail({ body: { name, email, password } });
  } else {
    await claimUnconfirmed(context, before, name, password);
  }
  const user = await userByEmail(env.DB, email);
  if (user === undefined) throw new Error('a sign-up left no user');
  if (before === undefined)
    await recordEvent(env.DB, clock, { userId: user.id, kind: 'signed_up', place, requestId });
  await keepSignUpCode(env.DB, user.id, referral, clock.now());
  await sendVerification(context, user);
}

/**
 * Gives an account that is nobody's yet the name and the password of whoever signs up now, and takes all other ways in away. Each statement looks
 * again whether it still is nobody's: the mailbox may confirm it at the same moment.
 */
async function claimUnconfirmed(
  { env, clock }: AccountContext,
  { id: userId }: User,
  name: string,
  password: string,
): Promise<void> {
  const hash = await hashPassword(password);
  const now = clock.now();
  const at = new Date(now);
  const db = platformDb(env.DB);
  const nobodys = db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.emailVerified, false)));
  const { providerId } = accounts;
  await db.batch([
    // Without a password it opens nothing.
    db
      .insert(accounts)
      .values({
        id: newId('account', now),
        accountId: userId,
        providerId: 'credential',
        userId,
        createdAt: at,
        updatedAt: at,
      })
      .onConflictDoNothing(),
    db
      .update(accounts)
      .set({ password: hash, updatedAt: at })
      .where(and(eq(providerId, 'credential'), inArray(accounts.userId, nobodys))),
    db.delete(accounts).where(and(ne(providerId, 'credential'), inArray(accounts.userId, nobodys))),
    db
      .update(users)
      .set({ name, updatedAt: now })
      .where(and(eq(users.id, userId), eq(users.emailVerified, false))),
  ]);
}

/** Mails the link that confirms an address. */
export async function sendVerification(
  context: AccountContext,
  user: { readonly id: string; readonly email: string; readonly name: string },
): Promise<void> {
  const token = await writeMailedToken(await accountSecretsOf(context.config), {
    purpose: 'verify',
    userId: user.id,
    email: user.email,
    expiresAt: context.clock.now() + LINK_MS,
  });
  await sendMail(context, verificationMail({ user, origin: context.origin, token }), 'asked');
}

/** Mails the link again, after the answer, to an account that waits for it. */
export function resendVerification(context: AccountContext, email: string): void {
  context.later('mailing a confirmation', async () => {
    const user = await userByEmail(context.env.DB, email);
    if (user !== undefined && !user.emailVerified) await sendVerification(context, user);
  });
}
