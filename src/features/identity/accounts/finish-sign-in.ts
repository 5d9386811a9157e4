import { and, desc, eq, notInArray, or } from 'drizzle-orm';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { createPersonalTenant } from '../membership.ts';
import type { AccountContext } from './account-context.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { cookieSet } from './auth-call.ts';
import { lastTenantOf } from './last-tenant.ts';
import { noteEvent } from './note-event.ts';
import { type User, userById } from './people.ts';
import { riskOf } from './risk.ts';
import { sessions } from './schema.ts';
import { familiarOf } from './security-events.ts';
import { genuineToken } from './session-cookie.ts';
import { forgetSession, sessionTokenOf } from './sessions.ts';

/** Somebody who is in: the cookies that say so, and who they are. */
export interface SignedIn {
  readonly user: User;
  readonly cookies: readonly string[];
}

/**
 * What every way in ends with: the session gets its place and its tenant, and the sign-in is written down. Somebody without a tenant gets one of
 * their own; stopped before that, they get it at the next sign-in.
 */
export async function finishSignIn(
  context: AccountContext,
  userId: string,
  cookies: readonly string[],
): Promise<SignedIn> {
  const { env, clock, place } = context;
  const user = await userById(env.DB, userId);
  const token = await tokenIn(context, cookies);
  if (user === undefined || token === null) {
    throw new ParallaxError('internal', 'The sign-in could not be finished. Please try again.', {
      cause: new Error('a sign-in without a user or a session'),
    });
  }
  const { score } = riskOf(place, await familiarOf(env.DB, userId, clock));
  const tenantId = await tenantFor(context, user);
  await placeSession(context, token, tenantId);
  await endReplaced(context, userId, token);
  await noteEvent(context, { userId, tenantId, kind: 'signed_in', risk: score });
  return { user, cookies };
}

/** Most sessions of one person: who signs in with a script at every turn ends their oldest ones. */
const MOST_SESSIONS = 100;

/** Ends the session that the browser had before, whoever's, and the oldest of a person who has too many. */
async function endReplaced(
  { env, config, request }: AccountContext,
  userId: string,
  token: string,
): Promise<void> {
  const before = await sessionTokenOf(request.headers, config);
  const db = platformDb(env.DB);
  // Ids sort by the time they were made.
  const newest = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(eq(sessions.userId, userId))
    .orderBy(desc(sessions.id))
    .limit(MOST_SESSIONS);
  await db
    .delete(sessions)
    .where(
      or(
        before === null || before === token ? undefined : eq(sessions.token, before),
        and(eq(sessions.userId, userId), notInArray(sessions.id, newest)),
      ),
    );
  if (before !== null) forgetSession(before);
}

/** The token of the session that cookies open; null when they open none. */
export async function tokenIn(
  { config }: Pick<AccountContext, 'config'>,
  cookies: readonly string[],
): Promise<string | null> {
  const value = cookieSet(cookies, 'session');
  return value === null ? null : genuineToken(value, await accountSecretsOf(config));
}

/** Writes down where a session is, and whom it acts for. */
export async function placeSession(
  { env, place }: Pick<AccountContext, 'env' | 'place'>,
  token: string,
  tenantId: string | null,
): Promise<void> {
  await platformDb(env.DB)
    .update(sessions)
    .set({
      tenantId,
      country: place.country,
      device: place.device,
      ipAddress: place.ip,
      userAgent: place.userAgent,
    })
    .where(eq(sessions.token, token));
}

/** The tenant that somebody's last session acted for, while they belong to it; else the first that they belong to; else a new one. */
async function tenantFor({ env, clock }: AccountContext, user: User): Promise<string> {
  return (await lastTenantOf(env.DB, user.id)) ?? (await createPersonalTenant(env.DB, clock, user)).id;
}
