import { eq } from 'drizzle-orm';
import type { Person } from '../../../contracts/principal.ts';
import { platformDb } from '../../../platform/db.ts';
import type { IdentityContext } from '../issue-key.ts';
import { signUpCodes, users } from '../schema.ts';
import { leaveAllTenants } from '../tenant-deletion.ts';
import type { AccountContext } from './account-context.ts';
import { changedMail } from './mails.ts';
import { requireProof } from './proof.ts';
import { accounts, challenges, passkeys, sessions, twoFactors, verifications } from './schema.ts';
import { recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';
import { forgetSessionsOf } from './sessions.ts';

/**
 * Deletes a person's account: they leave their tenants, those that they have to themselves are deleted, and then all that lets them in goes at
 * once. Stopped half-way it can be asked for again, by the same session. What stays is that it happened, without a name, as long as security
 * events are kept. Throws what `requireProof` throws, and `conflict` while they own a tenant that others belong to: nothing has changed then.
 */
export async function deleteAccount(
  context: AccountContext,
  identity: IdentityContext,
  person: Person,
  password: string | undefined,
): Promise<void> {
  const { env, clock, place, origin, requestId } = context;
  const { userId } = person;
  await requireProof(context, person, password);
  await leaveAllTenants(identity, userId);
  const db = platformDb(env.DB);
  await db.batch([
    db.delete(sessions).where(eq(sessions.userId, userId)),
    db.delete(accounts).where(eq(accounts.userId, userId)),
    db.delete(passkeys).where(eq(passkeys.userId, userId)),
    db.delete(twoFactors).where(eq(twoFactors.userId, userId)),
    db.delete(challenges).where(eq(challenges.userId, userId)),
    // Resets that wait for this person.
    db.delete(verifications).where(eq(verifications.value, userId)),
    db.delete(signUpCodes).where(eq(signUpCodes.userId, userId)),
    db.delete(users).where(eq(users.id, userId)),
  ]);
  forgetSessionsOf(userId);
  await recordEvent(env.DB, clock, { userId, kind: 'account_deleted', place, requestId });
  context.later('telling of a deletion', () =>
    sendMail(context, changedMail({ user: person, origin }, 'Your account was deleted', place), 'notice'),
  );
}
