import { eq } from 'drizzle-orm';
import type { Clock } from '../../../platform/clock.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { users } from '../schema.ts';
import { hashPassword } from './password-hash.ts';
import { type User, userByEmail } from './people.ts';
import { accounts } from './schema.ts';

/** Sets somebody's password and confirms their address without a mail, for local deployments. Throws `ParallaxError` `not_found`. */
export async function givePassword(
  d1: D1Database,
  clock: Clock,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<User> {
  const user = await userByEmail(d1, email);
  if (user === undefined) throw new ParallaxError('not_found', 'There is nobody with this address.');
  const hash = await hashPassword(password);
  const now = clock.now();
  const at = new Date(now);
  const db = platformDb(d1);
  await db.batch([
    db
      .insert(accounts)
      .values({
        id: newId('account', now),
        accountId: user.id,
        providerId: 'credential',
        userId: user.id,
        password: hash,
        createdAt: at,
        updatedAt: at,
      })
      .onConflictDoUpdate({
        target: [accounts.providerId, accounts.accountId],
        set: { password: hash, updatedAt: at },
      }),
    db.update(users).set({ emailVerified: true, updatedAt: now }).where(eq(users.id, user.id)),
  ]);
  return { ...user, emailVerified: true };
}
