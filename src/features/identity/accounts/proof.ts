import { and, eq, isNotNull } from 'drizzle-orm';
import type { Person } from '../../../contracts/principal.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AccountContext } from './account-context.ts';
import { PASSWORD_RULE } from './attempt-rules.ts';
import { takeAttempt } from './attempts.ts';
import { verifyPassword } from './password-hash.ts';
import { accounts } from './schema.ts';

/** How fresh a session has to be that stands for a password, in milliseconds. */
const FRESH_MS = 10 * 60_000;

/**
 * Proof, beyond the session, that it is the person who asks for something that gives a way in or takes one away: their password, or, for people
 * who have none, a sign-in within the last ten minutes. Guesses count like those at the door. Throws `ParallaxError` `forbidden` without
 * the proof, `rate_limited`.
 */
export async function requireProof(
  { env, clock }: AccountContext,
  person: Person,
  password: string | undefined,
): Promise<void> {
  const hash = await passwordHashOf(env.DB, person.userId);
  if (hash === null) {
    if (clock.now() - person.session.createdAt <= FRESH_MS) return;
    throw new ParallaxError('forbidden', 'Please sign in again first: it was more than ten minutes ago.', {
      details: { reason: 'not_fresh' },
    });
  }
  if (password === undefined) {
    throw new ParallaxError('invalid_parameter', '`password`: is needed for this.', { param: 'password' });
  }
  const attempt = await takeAttempt(env.DB, 'password', person.email, PASSWORD_RULE, clock);
  if (await verifyPassword({ hash, password })) return attempt.succeed();
  await attempt.fail();
  throw new ParallaxError('forbidden', 'The password is wrong.', { details: { reason: 'wrong_password' } });
}

/** The hash of somebody's password; null for people who have none. */
export async function passwordHashOf(d1: D1Database, userId: string): Promise<string | null> {
  const [account] = await platformDb(d1)
    .select({ password: accounts.password })
    .from(accounts)
    .where(
      and(eq(accounts.userId, userId), eq(accounts.providerId, 'credential'), isNotNull(accounts.password)),
    )
    .limit(1);
  return account?.password ?? null;
}
