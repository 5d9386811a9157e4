import { and, eq, gt } from 'drizzle-orm';
import { type Person, type Principal, SCOPES } from '../../../contracts/principal.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Config } from '../../../platform/config.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { members, users } from '../schema.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { type RequestHead, requireSameOrigin } from './same-origin.ts';
import { sessions } from './schema.ts';
import { cookieIn, genuineToken, SESSION_COOKIE } from './session-cookie.ts';

/**
 * How long an isolate believes what it has read of a session, in milliseconds. A sign-out, a changed role or a tenant that was left holds
 * everywhere within it; five seconds is what we promise.
 */
const BELIEVED_MS = 4_000;
const MOST_SESSIONS = 2_000;

interface Kept {
  readonly person: Person | null;
  readonly until: number;
}

/** By token. Oldest first; bounded. */
const kept = new Map<string, Kept>();

/**
 * Who is signed in at the browser that asks; null when nobody is. A forged cookie costs no storage access. Throws `ParallaxError`
 * `origin_refused` for what changes something and comes from another site.
 */
export async function sessionPerson(
  request: RequestHead,
  env: { readonly DB: D1Database },
  config: Config,
  clock: Clock,
): Promise<Person | null> {
  const cookie = cookieIn(request.headers, SESSION_COOKIE);
  if (cookie === null) return null;
  const token = await genuineToken(cookie, await accountSecretsOf(config));
  if (token === null) return null;
  const person = await believed(token, env.DB, clock);
  if (person === null || person.session.expiresAt <= clock.now()) return null;
  requireSameOrigin(request, config);
  return person;
}

/**
 * The principal of the browser that asks: its person in the tenant that the session acts for, with all that their role may do. Null when nobody is
 * signed in. Throws `ParallaxError` `forbidden` when the person has left that tenant since: acting for another one unasked would be worse.
 */
export async function sessionPrincipal(
  request: RequestHead,
  env: { readonly DB: D1Database },
  config: Config,
  clock: Clock,
): Promise<Principal | null> {
  const person = await sessionPerson(request, env, config, clock);
  if (person === null) return null;
  const { tenantId, role } = person.session;
  if (tenantId === null || role === null) {
    throw new ParallaxError(
      'forbidden',
      'You are not in this tenant any more. Choose another one (POST /v1/session/tenant).',
      { details: { reason: 'no_tenant' } },
    );
  }
  return { tenantId, userId: person.userId, role, via: 'session', scopes: SCOPES };
}

/** Whether a request is to be read as a browser's: it carries our cookie and no other credential. */
export function hasSessionCookie(headers: Headers): boolean {
  return (
    !headers.has('authorization') && !headers.has('x-api-key') && cookieIn(headers, SESSION_COOKIE) !== null
  );
}

/** The token of the session that a request carries; null for none or a forgery. */
export async function sessionTokenOf(headers: Headers, config: Config): Promise<string | null> {
  const cookie = cookieIn(headers, SESSION_COOKIE);
  return cookie === null ? null : genuineToken(cookie, await accountSecretsOf(config));
}

/** Drops what this isolate believes of somebody's sessions, because it has just changed something about them. */
export function forgetSessionsOf(userId: string): void {
  for (const [token, { person }] of kept) if (person?.userId === userId) kept.delete(token);
}

/** Drops what this isolate believes of one session, because it has just ended it. */
export function forgetSession(token: string): void {
  kept.delete(token);
}

async function believed(token: string, d1: D1Database, clock: Clock): Promise<Person | null> {
  const now = clock.now();
  const known = kept.get(token);
  if (known !== undefined && now < known.until && known.until - now <= BELIEVED_MS) return known.person;
  const person = await readPerson(token, d1, now);
  kept.delete(token);
  kept.set(token, { person, until: now + BELIEVED_MS });
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_SESSIONS) break;
    kept.delete(oldest);
  }
  return person;
}

async function readPerson(token: string, d1: D1Database, now: number): Promise<Person | null> {
  const [row] = await platformDb(d1)
    .select({ user: users, session: sessions, role: members.role })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .leftJoin(members, and(eq(members.userId, sessions.userId), eq(members.tenantId, sessions.tenantId)))
    .where(and(eq(sessions.token, token), gt(sessions.expiresAt, new Date(now))))
    .limit(1);
  if (row === undefined) return null;
  const { user, session, role } = row;
  return {
    userId: user.id,
    name: user.name,
    email: user.email,
    emailVerified: user.emailVerified,
    twoFactor: user.twoFactorEnabled,
    operator: user.operator,
    createdAt: user.createdAt,
    session: {
      id: session.id,
      createdAt: session.createdAt.getTime(),
      expiresAt: session.expiresAt.getTime(),
      tenantId: session.tenantId,
      role,
    },
  };
}
