import { and, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import type { SecurityEventKind } from '../../../contracts/accounts.ts';
import type { Clock } from '../../../platform/clock.ts';
import { platformDb } from '../../../platform/db.ts';
import { newId } from '../../../platform/ids.ts';
import type { Place } from './place.ts';
import type { Familiar } from './risk.ts';
import { securityEvents } from './schema.ts';

export type SecurityEvent = typeof securityEvents.$inferSelect;

export interface NewSecurityEvent {
  readonly userId: string;
  readonly kind: SecurityEventKind;
  readonly place: Place;
  readonly risk?: number;
  readonly requestId: string;
}

/** Writes down what happened. */
export async function recordEvent(
  d1: D1Database,
  clock: Clock,
  { userId, kind, place, risk = 0, requestId }: NewSecurityEvent,
): Promise<void> {
  const now = clock.now();
  const { fingerprint, device, country, ip } = place;
  await platformDb(d1)
    .insert(securityEvents)
    .values({
      id: newId('securityEvent', now),
      userId,
      kind,
      fingerprint,
      device,
      country,
      ip,
      risk,
      requestId,
      createdAt: now,
    });
}

/** A person's events, newest first. */
export async function listEvents(
  d1: D1Database,
  userId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly events: SecurityEvent[]; readonly nextCursor: string | null }> {
  const rows = await platformDb(d1)
    .select()
    .from(securityEvents)
    .where(
      and(
        eq(securityEvents.userId, userId),
        cursor === undefined ? undefined : lt(securityEvents.id, cursor),
      ),
    )
    .orderBy(desc(securityEvents.id))
    .limit(limit + 1);
  const events = rows.slice(0, limit);
  return { events, nextCursor: rows.length > limit ? (events.at(-1)?.id ?? null) : null };
}

const DAY = 24 * 60 * 60_000;
/** A place is familiar for as long as one has signed in from it within this time. */
const FAMILIAR_MS = 90 * DAY;
/** Latest events that are looked at: more of them say nothing new. */
const LOOKED_AT = 200;

/** What a sign-in is compared with. */
export async function familiarOf(d1: D1Database, userId: string, clock: Clock): Promise<Familiar> {
  const now = clock.now();
  const rows = await platformDb(d1)
    .select({
      kind: securityEvents.kind,
      fingerprint: securityEvents.fingerprint,
      country: securityEvents.country,
      createdAt: securityEvents.createdAt,
    })
    .from(securityEvents)
    .where(
      and(
        eq(securityEvents.userId, userId),
        inArray(securityEvents.kind, ['signed_in', 'sign_in_failed']),
        gt(securityEvents.createdAt, now - FAMILIAR_MS),
      ),
    )
    .orderBy(desc(securityEvents.id))
    .limit(LOOKED_AT);
  const signIns = rows.filter(({ kind }) => kind === 'signed_in');
  return {
    signIns: signIns.length,
    fingerprints: new Set(signIns.map(({ fingerprint }) => fingerprint)),
    countries: new Set(signIns.flatMap(({ country }) => (country === null ? [] : [country]))),
    failures: rows.filter(({ kind, createdAt }) => kind === 'sign_in_failed' && createdAt > now - DAY).length,
  };
}
