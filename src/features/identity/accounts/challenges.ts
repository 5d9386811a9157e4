import { and, eq, gt, lt, sql } from 'drizzle-orm';
import { base64url, equalSecrets, hex, hmac, sha256Hex, utf8 } from '../../../platform/crypto.ts';
import { platformDb } from '../../../platform/db.ts';
import type { AccountContext } from './account-context.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { CODE_TRIES, PASSWORD_RULE } from './attempt-rules.ts';
import { takeAttempt } from './attempts.ts';
import { challenges } from './schema.ts';
import { COOKIE_PREFIX, cookieIn } from './session-cookie.ts';

/** What binds a mailed code to the browser whose password was right. */
export const CHALLENGE_COOKIE = `${COOKIE_PREFIX}challenge`;
const CHALLENGE_MS = 10 * 60_000;
const CODE_DIGITS = 8;

export interface OpenedChallenge {
  readonly code: string;
  readonly cookie: string;
}

/** Remembers that somebody has given the right password, and makes the code that is mailed to them. Neither it nor the cookie's text is stored. */
export async function openChallenge(
  { env, config, clock }: Pick<AccountContext, 'env' | 'config' | 'clock'>,
  {
    userId,
    remember,
    reason,
  }: { readonly userId: string; readonly remember: boolean; readonly reason: string },
): Promise<OpenedChallenge> {
  const token = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const code = randomDigits(CODE_DIGITS);
  const now = clock.now();
  const db = platformDb(env.DB);
  await db.batch([
    // One at a time: a newer code takes the place of all before.
    db.delete(challenges).where(eq(challenges.userId, userId)),
    db.delete(challenges).where(lt(challenges.expiresAt, now)),
    db.insert(challenges).values({
      id: await sha256Hex(token),
      userId,
      codeHash: await codeHash(config, token, code),
      remember,
      reason,
      expiresAt: now + CHALLENGE_MS,
    }),
  ]);
  const cookie = `${CHALLENGE_COOKIE}=${token}; Path=/; Max-Age=${CHALLENGE_MS / 1_000}; HttpOnly; Secure; SameSite=Lax`;
  return { code, cookie };
}

export type ChallengeOutcome =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'wrong'; readonly userId: string; readonly lockedForMs: number | null }
  | { readonly outcome: 'right'; readonly userId: string; readonly remember: boolean };

/**
 * Tries a code. Each try is counted before it is compared, for this sign-in and for the account over all of them, and the right one works once. Throws
 * `ParallaxError` `rate_limited` while too many codes were wrong for the account.
 */
export async function tryCode(
  { env, config, clock, request }: Pick<AccountContext, 'env' | 'config' | 'clock' | 'request'>,
  code: string,
): Promise<ChallengeOutcome> {
  const token = cookieIn(request.headers, CHALLENGE_COOKIE);
  if (token === null || token.length > 200) return { outcome: 'none' };
  const db = platformDb(env.DB);
  const id = await sha256Hex(token);
  const [open] = await db
    .update(challenges)
    .set({ tries: sql`${challenges.tries} + 1` })
    .where(
      and(eq(challenges.id, id), lt(challenges.tries, CODE_TRIES), gt(challenges.expiresAt, clock.now())),
    )
    .returning();
  if (open === undefined) return { outcome: 'none' };
  const { userId, remember } = open;
  const attempt = await takeAttempt(env.DB, 'code', userId, PASSWORD_RULE, clock);
  const given = await codeHash(config, token, code.replaceAll(/\s/g, ''));
  if (!(await equalSecrets(given, open.codeHash))) {
    const lock = await attempt.fail();
    return { outcome: 'wrong', userId, lockedForMs: lock?.lockedForMs ?? null };
  }
  const used = await db.delete(challenges).where(eq(challenges.id, id)).returning({ id: challenges.id });
  if (used.length === 0) return { outcome: 'none' };
  await attempt.succeed();
  return { outcome: 'right', userId, remember };
}

/** A short code's hash is keyed: who reads the database cannot try all of them. */
async function codeHash(config: AccountContext['config'], token: string, code: string): Promise<string> {
  const [{ key }] = await accountSecretsOf(config);
  return hex(await hmac(key, utf8(`code\n${token}\n${code}`)));
}

/** Digits, each as likely as the others. */
function randomDigits(count: number): string {
  let text = '';
  while (text.length < count) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 250) text += String(byte % 10);
  }
  return text;
}
