import { and, desc, eq, gt, ne } from 'drizzle-orm';
import type { Person } from '../../../contracts/principal.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AccountContext } from './account-context.ts';
import { noteEvent } from './note-event.ts';
import { sessions } from './schema.ts';
import { recordEvent } from './security-events.ts';
import { forgetSessionsOf, sessionTokenOf } from './sessions.ts';

export type Session = typeof sessions.$inferSelect;

/** Most sessions that are shown. */
const MOST = 100;

/** A person's open sessions, newest first. */
export async function listSessions(
  { env, clock }: Pick<AccountContext, 'env' | 'clock'>,
  userId: string,
): Promise<Session[]> {
  return platformDb(env.DB)
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, new Date(clock.now()))))
    .orderBy(desc(sessions.createdAt))
    .limit(MOST);
}

/** Ends one of a person's sessions. Throws `ParallaxError` `not_found` for another person's too. */
export async function endSession(context: AccountContext, person: Person, id: string): Promise<void> {
  const { env } = context;
  const { userId } = person;
  const ended = await platformDb(env.DB)
    .delete(sessions)
    .where(and(eq(sessions.id, id), eq(sessions.userId, userId)))
    .returning({ id: sessions.id });
  if (ended.length === 0) throw new ParallaxError('not_found', 'There is no such session.');
  forgetSessionsOf(userId);
  await noteEvent(context, { userId, tenantId: person.session.tenantId, kind: 'sessions_ended' });
}

/** Ends a person's sessions, all of them or all but the one that asks. Says nothing to them: the caller writes down why. */
export async function endSessions(
  { env, request, config }: Pick<AccountContext, 'env' | 'request' | 'config'>,
  userId: string,
  { exceptOfRequest }: { readonly exceptOfRequest: boolean },
): Promise<void> {
  const own = exceptOfRequest ? await sessionTokenOf(request.headers, config) : null;
  await platformDb(env.DB)
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), own === null ? undefined : ne(sessions.token, own)));
  forgetSessionsOf(userId);
}

/** Ends the session of the request, if it has one. Signing out twice is no error. */
export async function signOut(context: AccountContext): Promise<void> {
  const { env, config, clock, place, requestId, request } = context;
  const token = await sessionTokenOf(request.headers, config);
  if (token === null) return;
  const [ended] = await platformDb(env.DB)
    .delete(sessions)
    .where(eq(sessions.token, token))
    .returning({ userId: sessions.userId });
  if (ended === undefined) return;
  forgetSessionsOf(ended.userId);
  await recordEvent(env.DB, clock, { userId: ended.userId, kind: 'signed_out', place, requestId });
}

/** Lets a session act for another of its person's tenants, whose membership the caller has checked. */
export async function actFor(
  { env }: Pick<AccountContext, 'env'>,
  userId: string,
  sessionId: string,
  tenantId: string,
): Promise<void> {
  await platformDb(env.DB)
    .update(sessions)
    .set({ tenantId })
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId)));
  forgetSessionsOf(userId);
}
