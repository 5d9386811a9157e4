import { eq } from 'drizzle-orm';
import type { Person } from '../../../contracts/principal.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { users } from '../schema.ts';
import type { AccountContext } from './account-context.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { LINK_MS, writeMailedToken } from './mailed-token.ts';
import { changedMail, changeEmailMail } from './mails.ts';
import { noteEvent } from './note-event.ts';
import { endSessions } from './own-sessions.ts';
import { hashPassword } from './password-hash.ts';
import { userByEmail } from './people.ts';
import { requireProof } from './proof.ts';
import { accounts } from './schema.ts';
import { sendMail } from './send-mail.ts';
import { forgetSessionsOf } from './sessions.ts';

/** Changes what a person is called. */
export async function renamePerson(
  { env, clock }: Pick<AccountContext, 'env' | 'clock'>,
  person: Person,
  name: string,
): Promise<Person> {
  await platformDb(env.DB)
    .update(users)
    .set({ name, updatedAt: clock.now() })
    .where(eq(users.id, person.userId));
  forgetSessionsOf(person.userId);
  return { ...person, name };
}

/** Sets a new password, or the first one. All other sessions end. Throws what `requireProof` throws. */
export async function changePassword(
  context: AccountContext,
  person: Person,
  { current, next }: { readonly current: string | undefined; readonly next: string },
): Promise<void> {
  const { env, clock, place, origin } = context;
  await requireProof(context, person, current);
  const hash = await hashPassword(next);
  const now = clock.now();
  const at = new Date(now);
  await platformDb(env.DB)
    .insert(accounts)
    .values({
      id: newId('account', now),
      accountId: person.userId,
      providerId: 'credential',
      userId: person.userId,
      password: hash,
      createdAt: at,
      updatedAt: at,
    })
    .onConflictDoUpdate({
      target: [accounts.providerId, accounts.accountId],
      set: { password: hash, updatedAt: at },
    });
  await endSessions(context, person.userId, { exceptOfRequest: true });
  await noteEvent(context, {
    userId: person.userId,
    tenantId: person.session.tenantId,
    kind: 'password_changed',
  });
  context.later('telling of a new password', () =>
    sendMail(
      context,
      changedMail({ user: person, origin }, 'Your account has a new password', place),
      'notice',
    ),
  );
}

/**
 * Mails a link to a new address, after the answer; the account has it once the link was followed. To an address that somebody has already goes
 * nothing, and the answer does not tell. Throws what `requireProof` throws.
 */
export async function askForNewEmail(
  context: AccountContext,
  person: Person,
  { email, password }: { readonly email: string; readonly password: string | undefined },
): Promise<void> {
  const { env, config, clock, origin } = context;
  if (email === person.email)
    throw new ParallaxError('invalid_parameter', '`email`: is your address already.', { param: 'email' });
  await requireProof(context, person, password);
  context.later('mailing a new address', async () => {
    if ((await userByEmail(env.DB, email)) !== undefined) return;
    const token = await writeMailedToken(await accountSecretsOf(config), {
      purpose: 'change',
      userId: person.userId,
      from: person.email,
      email,
      expiresAt: clock.now() + LINK_MS,
    });
    const user = { email, name: person.name };
    await sendMail(context, changeEmailMail({ user, origin, token }), 'asked');
  });
}
