import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Which resource an `Idempotency-Key` stands for. Keys are kept as hashes: a client may put anything into one. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    tenantId: text('tenant_id').notNull(),
    route: text('route').notNull(),
    keyHash: text('key_hash').notNull(),
    requestDigest: text('request_digest').notNull(),
    resourceId: text('resource_id').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.route, table.keyHash] }),
    index('idempotency_keys_created_at').on(table.createdAt),
  ],
);
