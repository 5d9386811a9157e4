import { and, desc, eq, gte, isNotNull, isNull, ne } from 'drizzle-orm';
import type { Scope } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import type { GrantOwner } from './grant-owner.ts';
import { type ConnectedAppRow, connectedApps } from './schema.ts';

/** Most apps of one person in a tenant that are shown. */
const MOST_APPS = 200;

/** What a token carries besides its scopes. */
export interface AppProps {
  readonly appId: string;
  readonly tenantId: string;
  readonly userId: string;
}

export type AllowedApp = Omit<
  ConnectedAppRow,
  'connectedAt' | 'grantId' | 'lastUsedAt' | 'seenAt' | 'endedAt'
>;

/** Keeps that an app was allowed. It is connected when its code is exchanged, and no token counts before. */
export async function allowApp(d1: D1Database, tenantId: string, app: AllowedApp): Promise<void> {
  await tenantDb(d1, { tenantId }).insert(connectedApps, [{ ...app, seenAt: app.createdAt }]);
}

export interface Activation {
  readonly appId: string;
  readonly grantId: string;
  /** Since when the person has been a member; null when they are none. */
  readonly since: number | null;
}

/**
 * Connects an app whose code is exchanged, and ends the earlier connections that it replaces. Null when it was connected before, has ended, or its
 * person has left the tenant since they allowed it: of two that come at the same moment one is refused.
 */
export async function activateApp(
  d1: D1Database,
  { tenantId, userId }: GrantOwner,
  { appId, grantId, since }: Activation,
  clock: Clock,
): Promise<{ readonly replacedGrants: readonly string[] } | null> {
  if (since === null) return null;
  const now = clock.now();
  const db = tenantDb(d1, { tenantId });
  const changed = await db.update(
    connectedApps,
    { connectedAt: now, grantId, seenAt: now },
    and(
      eq(connectedApps.id, appId),
      eq(connectedApps.userId, userId),
      gte(connectedApps.createdAt, since),
      isNull(connectedApps.connectedAt),
      isNull(connectedApps.endedAt),
    ),
  );
  if (changed === 0) return null;
  const app = await db.first(connectedApps, eq(connectedApps.id, appId));
  if (app === undefined) return null;
  const before = and(
    eq(connectedApps.userId, userId),
    eq(connectedApps.clientId, app.clientId),
    ne(connectedApps.id, appId),
    // All installations of an app with a metadata document have the same client id.
    app.clientHost === null ? undefined : eq(connectedApps.redirectUri, app.redirectUri),
    isNotNull(connectedApps.connectedAt),
    isNull(connectedApps.endedAt),
  );
  const replaced = await db.select(connectedApps, { where: before, limit: MOST_APPS });
  await db.update(connectedApps, { endedAt: now }, before);
  return { replacedGrants: replaced.flatMap((row) => row.grantId ?? []) };
}

/** A person's connected apps in a tenant that they joined at a time, newest first. */
export function listApps(
  d1: D1Database,
  { tenantId, userId }: GrantOwner,
  since: number,
): Promise<ConnectedAppRow[]> {
  const live = and(isNotNull(connectedApps.connectedAt), isNull(connectedApps.endedAt));
  return tenantDb(d1, { tenantId }).select(connectedApps, {
    where: and(eq(connectedApps.userId, userId), gte(connectedApps.createdAt, since), live),
    orderBy: desc(connectedApps.id),
    limit: MOST_APPS,
  });
}

/** The row of a connection, as the database has it now. */
export function liveApp(
  d1: D1Database,
  { tenantId, userId }: GrantOwner,
  id: string,
): Promise<ConnectedAppRow | undefined> {
  const mine = and(eq(connectedApps.id, id), eq(connectedApps.userId, userId));
  return tenantDb(d1, { tenantId }).first(connectedApps, mine);
}

/**
 * Whether an app's tokens count: it is connected, and its person has been a member since before they allowed it. Somebody who left and comes back connects
 * their apps anew. Pure.
 */
export function isLive(app: ConnectedAppRow | undefined, since: number | null): boolean {
  if (app === undefined || since === null) return false;
  return app.connectedAt !== null && app.endedAt === null && since <= app.createdAt;
}

/** Whether a person has an app connected with at least these scopes, at this redirect address. */
export async function hasApp(
  d1: D1Database,
  { tenantId, userId }: GrantOwner,
  wanted: Pick<ConnectedAppRow, 'clientId' | 'redirectUri' | 'scopes'>,
  since: number,
): Promise<boolean> {
  const rows = await listApps(d1, { tenantId, userId }, since);
  return rows.some(
    ({ clientId, redirectUri, scopes }) =>
      clientId === wanted.clientId &&
      redirectUri === wanted.redirectUri &&
      wanted.scopes.every((scope) => scopes.includes(scope)),
  );
}

/** Ends a connection. Null where the person has none such. */
export async function endApp(
  d1: D1Database,
  { tenantId, userId }: GrantOwner,
  id: string,
  clock: Clock,
): Promise<ConnectedAppRow | null> {
  const db = tenantDb(d1, { tenantId });
  const mine = and(eq(connectedApps.id, id), eq(connectedApps.userId, userId), isNull(connectedApps.endedAt));
  const row = await db.first(connectedApps, mine);
  if (row === undefined) return null;
  await db.update(connectedApps, { endedAt: clock.now() }, mine);
  return row;
}

/** Ends the connection that a grant belongs to. Null where there is none such. */
export async function endAppOfGrant(
  d1: D1Database,
  { tenantId, userId }: GrantOwner,
  grantId: string,
  clock: Clock,
): Promise<ConnectedAppRow | null> {
  const row = await tenantDb(d1, { tenantId }).first(connectedApps, eq(connectedApps.grantId, grantId));
  return row === undefined ? null : endApp(d1, { tenantId, userId }, row.id, clock);
}

/** Notes that an app was used. */
export async function noteUse(
  d1: D1Database,
  { tenantId }: GrantOwner,
  id: string,
  at: number,
): Promise<void> {
  await tenantDb(d1, { tenantId }).update(
    connectedApps,
    { lastUsedAt: at, seenAt: at },
    eq(connectedApps.id, id),
  );
}

/** The scopes of a list that we know. Pure. */
export function knownScopes(scopes: readonly string[], known: readonly Scope[]): readonly Scope[] {
  return known.filter((scope) => scopes.includes(scope));
}
