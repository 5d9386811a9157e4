import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { ACTOR_TYPES } from '../../contracts/audit.ts';

/** The copy of the tenants' audit chains that lists are read from. The truth is each tenant's `AuditChain`. */
export const auditEntries = sqliteTable(
  'audit_entries',
  {
    tenantId: text('tenant_id').notNull(),
    seq: integer('seq').notNull(),
    id: text('id').notNull(),
    at: integer('at').notNull(),
    actorType: text('actor_type', { enum: ACTOR_TYPES }).notNull(),
    actorId: text('actor_id').notNull(),
    userId: text('user_id'),
    action: text('action').notNull(),
    targetType: text('target_type').notNull(),
    targetId: text('target_id').notNull(),
    before: text('before'),
    after: text('after'),
    changed: text('changed', { mode: 'json' }).$type<readonly string[]>(),
    requestId: text('request_id'),
    ip: text('ip'),
    country: text('country'),
    userAgent: text('user_agent'),
    risk: integer('risk'),
    previous: text('previous').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.seq] }),
    index('audit_entries_action').on(table.tenantId, table.action, table.seq),
    index('audit_entries_target').on(table.tenantId, table.targetType, table.targetId, table.seq),
    index('audit_entries_user').on(table.tenantId, table.userId, table.seq),
  ],
);

export type AuditRow = typeof auditEntries.$inferSelect;
