import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * The index of finished runs, for lists. The run itself lives in its `PerspectiveRun`; this row is written once when it finishes, and
 * changed only when the run is merged again.
 */
export const runs = sqliteTable(
  'runs',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    keyId: text('key_id'),
    origin: text('origin', { enum: ['rest', 'mcp', 'demo', 'gateway'] }).notNull(),
    status: text('status', { enum: ['completed', 'partial', 'failed'] }).notNull(),
    promptPreview: text('prompt_preview').notNull(),
    models: text('models', { mode: 'json' }).$type<string[]>().notNull(),
    strategy: text('strategy'),
    costNano: integer('cost_nano').notNull(),
    createdAt: integer('created_at').notNull(),
    completedAt: integer('completed_at').notNull(),
  },
  (table) => [index('runs_tenant_id').on(table.tenantId, table.id)],
);
