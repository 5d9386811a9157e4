import { and, eq, gte, lte, sql } from 'drizzle-orm';
import type { Clock } from '../../../platform/clock.ts';
import { sha256Hex } from '../../../platform/crypto.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { type AttemptRule, inWords, LOCKS_KEPT_MS, lockLengthMs } from './attempt-rules.ts';
import { attempts } from './schema.ts';

/** One attempt that was let in. It counts as failed until it says otherwise: a Worker that stops half-way has given nothing away. */
export interface Attempt {
  /** It succeeded: all is forgotten. */
  succeed(): Promise<void>;
  /** It failed. Tells how long the account is locked when this was the attempt that locked it, which happens once a lock; else null. */
  fail(): Promise<{ readonly lockedForMs: number } | null>;
}

/**
 * Lets an attempt in, or refuses it. The attempt is counted in the statement that lets it in, so that a hundred guesses at the same moment are five.
 * Subjects that do not exist are counted like those that do. Throws `ParallaxError` `rate_limited` with when to come back.
 */
export async function takeAttempt(
  d1: D1Database,
  kind: string,
  subject: string,
  rule: AttemptRule,
  clock: Clock,
): Promise<Attempt> {
  const db = platformDb(d1);
  const now = clock.now();
  const id = await subjectId(kind, subject);
  const { count, windowStart, lockedUntil, locks } = attempts;
  // The window is counted from the last attempt: no six of them lie within one, wherever it is laid. It is over when nothing was tried for so long,
  // and when a lock has ended.
  const fresh = sql`(${windowStart} <= ${now - rule.windowMs} OR (${lockedUntil} > 0 AND ${lockedUntil} <= ${now}))`;
  const taken = await db
    .insert(attempts)
    .values({ subject: id, count: 1, windowStart: now, lockedUntil: 0, locks: 0 })
    .onConflictDoUpdate({
      target: attempts.subject,
      set: {
        count: sql`CASE WHEN ${fresh} THEN 1 ELSE ${count} + 1 END`,
        windowStart: now,
        locks: sql`CASE WHEN MAX(${windowStart}, ${lockedUntil}) <= ${now - LOCKS_KEPT_MS} THEN 0 ELSE ${locks} END`,
        lockedUntil: 0,
      },
      setWhere: sql`${lockedUntil} <= ${now} AND (${count} < ${rule.most} OR ${fresh})`,
    })
    .returning({ count, locks });
  const mine = taken[0];
  if (mine === undefined) throw await refusal(d1, id, rule, now);
  return {
    async succeed() {
      await db.update(attempts).set({ count: 0, lockedUntil: 0, locks: 0 }).where(eq(attempts.subject, id));
    },
    async fail() {
      if (rule.lockMs === 0) return null;
      const at = clock.now();
      const lockedForMs = lockLengthMs(rule, mine.locks);
      const locked = await db
        .update(attempts)
        .set({ lockedUntil: at + lockedForMs, locks: sql`${locks} + 1` })
        .where(and(eq(attempts.subject, id), gte(attempts.count, rule.most), lte(attempts.lockedUntil, at)))
        .returning({ subject: attempts.subject });
      return locked.length === 0 ? null : { lockedForMs };
    },
  };
}

/** Opens a lock, because the account's person has proven themselves in another way. Tells whether there was one that held. */
export async function forgetAttempts(
  d1: D1Database,
  kind: string,
  subject: string,
  clock: Clock,
): Promise<boolean> {
  const [gone] = await platformDb(d1)
    .delete(attempts)
    .where(eq(attempts.subject, await subjectId(kind, subject)))
    .returning({ lockedUntil: attempts.lockedUntil });
  return gone !== undefined && gone.lockedUntil > clock.now();
}

/** Counts something that is bounded but not proven, like mails to an address; false when it is too much. */
export async function withinBound(
  d1: D1Database,
  kind: string,
  subject: string,
  rule: AttemptRule,
  clock: Clock,
): Promise<boolean> {
  try {
    await takeAttempt(d1, kind, subject, rule, clock);
    return true;
  } catch (error) {
    if (error instanceof ParallaxError && error.code === 'rate_limited') return false;
    throw error;
  }
}

async function refusal(d1: D1Database, id: string, rule: AttemptRule, now: number): Promise<ParallaxError> {
  const [row] = await platformDb(d1).select().from(attempts).where(eq(attempts.subject, id)).limit(1);
  const until =
    row === undefined ? now : row.lockedUntil > now ? row.lockedUntil : row.windowStart + rule.windowMs;
  const retryAfterMs = Math.max(1_000, until - now);
  return new ParallaxError(
    'rate_limited',
    `Too many attempts have failed. Please try again in ${inWords(retryAfterMs)}; until then a passkey or a reset of the password lets you in.`,
    { retryAfterMs, details: { limit: 'attempts' } },
  );
}

/** Who has tried what is nobody's to read in the database. */
function subjectId(kind: string, subject: string): Promise<string> {
  return sha256Hex(`${kind}\n${subject}`);
}
