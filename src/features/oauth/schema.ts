import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Scope } from '../../contracts/principal.ts';

/**
 * Apps that somebody allowed to act in a tenant. Codes and tokens are the OAuth library's, in KV; this row is what makes them count, because KV may show
 * for a minute what was deleted, and the database does not.
 */
export const connectedApps = sqliteTable(
  'connected_apps',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    clientName: text('client_name').notNull(),
    /** The domain of a client ID metadata document; null for an app that registered itself. */
    clientHost: text('client_host'),
    redirectUri: text('redirect_uri').notNull(),
    redirectHost: text('redirect_host').notNull(),
    scopes: text('scopes', { mode: 'json' }).notNull().$type<readonly Scope[]>(),
    createdAt: integer('created_at').notNull(),
    /** When its code was exchanged, which is possible once; null before. */
    connectedAt: integer('connected_at'),
    /** The library's name of what was granted, once it is connected. */
    grantId: text('grant_id'),
    lastUsedAt: integer('last_used_at'),
    /** The newest of the times above: what nobody has used for longer than the library keeps it is forgotten by this. */
    seenAt: integer('seen_at').notNull().default(0),
    /** Disconnected, or replaced by a newer connection of the same app. */
    endedAt: integer('ended_at'),
  },
  (table) => [
    index('connected_apps_tenant').on(table.tenantId, table.userId, table.endedAt),
    index('connected_apps_seen').on(table.seenAt),
  ],
);

export type ConnectedAppRow = typeof connectedApps.$inferSelect;
