import { eq } from 'drizzle-orm';
import type { Clock } from '../../../platform/clock.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { users } from '../schema.ts';
import { type User, userByEmail } from './people.ts';
import { forgetSessionsOf } from './sessions.ts';

/** Makes somebody an operator, or takes it from them. Throws `ParallaxError` `not_found`. */
export async function setOperator(
  d1: D1Database,
  clock: Clock,
  { email, operator }: { readonly email: string; readonly operator: boolean },
): Promise<User> {
  const user = await userByEmail(d1, email);
  if (user === undefined) throw new ParallaxError('not_found', 'There is nobody with this address.');
  await platformDb(d1).update(users).set({ operator, updatedAt: clock.now() }).where(eq(users.id, user.id));
  forgetSessionsOf(user.id);
  return { ...user, operator };
}
