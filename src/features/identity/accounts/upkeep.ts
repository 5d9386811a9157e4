import { and, lt } from 'drizzle-orm';
import { REFERRAL_TERMS } from '../../../contracts/referrals.ts';
import { platformDb } from '../../../platform/db.ts';
import { signUpCodes } from '../schema.ts';
import { LOCKS_KEPT_MS } from './attempt-rules.ts';
import { attempts, challenges, credentialPlaces, securityEvents, sessions, verifications } from './schema.ts';

const DAY = 24 * 60 * 60_000;
/** How long what happened to people's security is kept. */
const EVENTS_KEPT_MS = 400 * DAY;
/** How long a code is kept that nobody could look at, because its person never signed in. */
const SIGN_UP_CODES_KEPT_MS = REFERRAL_TERMS.claimDays * DAY;
/** How long a place is remembered that a credential was used from. */
const PLACES_KEPT_MS = 90 * DAY;

/** Deletes what has run out: sessions, links, codes, attempts, and events and places that are old. By cron; repeating it changes nothing. */
export async function forgetOldAccountRows(d1: D1Database, now: number): Promise<void> {
  const db = platformDb(d1);
  const at = new Date(now);
  const forgotten = now - 2 * LOCKS_KEPT_MS;
  await db.batch([
    db.delete(sessions).where(lt(sessions.expiresAt, at)),
    db.delete(verifications).where(lt(verifications.expiresAt, at)),
    db.delete(challenges).where(lt(challenges.expiresAt, now)),
    db.delete(attempts).where(and(lt(attempts.windowStart, forgotten), lt(attempts.lockedUntil, forgotten))),
    db.delete(securityEvents).where(lt(securityEvents.createdAt, now - EVENTS_KEPT_MS)),
    db.delete(signUpCodes).where(lt(signUpCodes.createdAt, now - SIGN_UP_CODES_KEPT_MS)),
    db.delete(credentialPlaces).where(lt(credentialPlaces.seenAt, now - PLACES_KEPT_MS)),
  ]);
}
