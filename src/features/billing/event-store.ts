import { and, asc, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Clock } from '../../platform/clock.ts';
import { platformDb } from '../../platform/db.ts';
import { billingFlags, stripeCursor, stripeEvents } from './schema.ts';

type DbEnv = Pick<Env, 'DB'>;

/** An event of Stripe's, as much of it as is looked at. */
export interface IncomingEvent {
  readonly id: string;
  readonly type: string;
  /** Seconds. */
  readonly created: number;
  readonly data: { readonly object: unknown };
}

/** Stores an event, once. Tells whether it still waits to be handled. */
export async function storeEvent(env: DbEnv, event: IncomingEvent, clock: Clock): Promise<boolean> {
  const db = platformDb(env.DB);
  const { id, type, created } = event;
  await db
    .insert(stripeEvents)
    .values({
      id,
      type,
      payload: JSON.stringify(event),
      createdAt: created * 1000,
      receivedAt: clock.now(),
    })
    .onConflictDoNothing();
  return (await openEvent(env, id)) !== null;
}

/** A stored event that has not been handled; null when it has been, or was never stored. */
export async function openEvent(env: DbEnv, id: string): Promise<IncomingEvent | null> {
  const [row] = await platformDb(env.DB)
    .select({ payload: stripeEvents.payload })
    .from(stripeEvents)
    .where(and(eq(stripeEvents.id, id), isNull(stripeEvents.handledAt)))
    .limit(1);
  return row === undefined ? null : (JSON.parse(row.payload) as IncomingEvent);
}

export async function markHandled(env: DbEnv, id: string, clock: Clock): Promise<void> {
  await platformDb(env.DB)
    .update(stripeEvents)
    .set({ handledAt: clock.now(), lastError: null })
    .where(and(eq(stripeEvents.id, id), isNull(stripeEvents.handledAt)));
}

export async function noteFailure(env: DbEnv, id: string, error: unknown): Promise<void> {
  const lastError = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  await platformDb(env.DB)
    .update(stripeEvents)
    .set({ lastError, attempts: sql`${stripeEvents.attempts} + 1` })
    .where(eq(stripeEvents.id, id));
}

/** Events that were stored before a time and wait still, the oldest first. */
export async function waitingEvents(env: DbEnv, before: number, limit: number): Promise<string[]> {
  const rows = await platformDb(env.DB)
    .select({ id: stripeEvents.id })
    .from(stripeEvents)
    .where(and(isNull(stripeEvents.handledAt), lt(stripeEvents.receivedAt, before)))
    .orderBy(asc(stripeEvents.receivedAt))
    .limit(limit);
  return rows.map(({ id }) => id);
}

const DAY_MS = 24 * 60 * 60_000;
/** How long an event is kept that was handled: longer than Stripe itself tells of it (30 days). */
const EVENTS_KEPT_MS = 90 * DAY_MS;
/** How long it is kept what a person should look at. */
const FLAGS_KEPT_MS = 400 * DAY_MS;

/** Deletes events that were handled long ago, and old flags. By cron; repeating it changes nothing. */
export async function forgetOldBilling(env: DbEnv, now: number): Promise<void> {
  const db = platformDb(env.DB);
  await db.batch([
    db.delete(stripeEvents).where(lt(stripeEvents.handledAt, now - EVENTS_KEPT_MS)),
    db.delete(billingFlags).where(lt(billingFlags.createdAt, now - FLAGS_KEPT_MS)),
  ]);
}

/** Until when Stripe's own list was read, in milliseconds; null before the first time. */
export async function readUntil(env: DbEnv): Promise<number | null> {
  const [row] = await platformDb(env.DB).select().from(stripeCursor).limit(1);
  return row?.readUntil ?? null;
}

export async function setReadUntil(env: DbEnv, at: number): Promise<void> {
  await platformDb(env.DB)
    .insert(stripeCursor)
    .values({ id: 1, readUntil: at })
    .onConflictDoUpdate({ target: stripeCursor.id, set: { readUntil: at } });
}
