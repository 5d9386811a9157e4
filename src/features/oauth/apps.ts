import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Scope } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { type ConnectedAppRow, connectedApps } from './schema.ts';

/** How long an isolate believes that an app is connected: what was disconnected works no longer anywhere. Milliseconds. */
export const APP_AGE_MS = 5_000;
/** How often an app's last use is written, in milliseconds. */
const LAST_USE_MS = 60_000;
const MOST_KNOWN = 2_000;
/** Most apps of one person in a tenant that are shown. */
const MOST_APPS = 200;

export type NewConnectedApp = Omit<ConnectedAppRow, 'lastUsedAt' | 'endedAt'>;

/** Keeps that an app was allowed, and ends what it was allowed before: the library ends its tokens with them. */
export async function connectApp(d1: D1Database, tenantId: string, app: NewConnectedApp): Promise<void> {
  const { id, userId, clientId, redirectUri, clientHost, createdAt } = app;
  const db = tenantDb(d1, { tenantId });
  await db.update(
    connectedApps,
    { endedAt: createdAt },
    and(
      eq(connectedApps.userId, userId),
      eq(connectedApps.clientId, clientId),
      // All installations of an app with a metadata document have the same client id.
      clientHost === null ? undefined : eq(connectedApps.redirectUri, redirectUri),
      isNull(connectedApps.endedAt),
    ),
  );
  await db.insert(connectedApps, [{ ...app, id }]);
}

/** A person's connected apps in a tenant, newest first. */
export function listApps(
  d1: D1Database,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
): Promise<ConnectedAppRow[]> {
  return tenantDb(d1, { tenantId }).select(connectedApps, {
    where: and(eq(connectedApps.userId, userId), isNull(connectedApps.endedAt)),
    orderBy: desc(connectedApps.id),
    limit: MOST_APPS,
  });
}

/** Ends a connection. Null where the person has none such. */
export async function endApp(
  d1: D1Database,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  id: string,
  clock: Clock,
): Promise<ConnectedAppRow | null> {
  const db = tenantDb(d1, { tenantId });
  const mine = and(eq(connectedApps.id, id), eq(connectedApps.userId, userId), isNull(connectedApps.endedAt));
  const row = await db.first(connectedApps, mine);
  if (row === undefined) return null;
  await db.update(connectedApps, { endedAt: clock.now() }, mine);
  known.delete(id);
  return row;
}

interface KnownApp {
  readonly at: number;
  readonly connected: boolean;
}

const known = new Map<string, KnownApp>();

/**
 * Whether an app is still connected: asked of the database once in five seconds an isolate. Notes that it was used, once a minute.
 */
export async function isConnected(
  d1: D1Database,
  tenantId: string,
  id: string,
  clock: Clock,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<boolean> {
  const now = clock.now();
  const kept = known.get(id);
  if (kept !== undefined && now - kept.at < APP_AGE_MS) return kept.connected;
  const db = tenantDb(d1, { tenantId });
  const row = await db.first(connectedApps, eq(connectedApps.id, id));
  const connected = row !== undefined && row.endedAt === null;
  known.delete(id);
  known.set(id, { at: now, connected });
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value ?? '');
  if (connected && now - (row.lastUsedAt ?? 0) > LAST_USE_MS)
    waitUntil(db.update(connectedApps, { lastUsedAt: now }, eq(connectedApps.id, id)).catch(() => undefined));
  return connected;
}

/** What a token carries besides its scopes. */
export interface AppProps {
  readonly appId: string;
  readonly tenantId: string;
  readonly userId: string;
}

export function isScopes(scopes: readonly string[], known: readonly Scope[]): readonly Scope[] {
  return known.filter((scope) => scopes.includes(scope));
}
