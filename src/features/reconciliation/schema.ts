import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { DIFFERENCE_KINDS } from '../../contracts/reconciliation.ts';

/** What was found to differ, once each, with when it was seen first and last. One that is gone keeps its row, and says since when. */
export const reconciliationDifferences = sqliteTable(
  'reconciliation_differences',
  {
    tenantId: text('tenant_id').notNull(),
    kind: text('kind', { enum: DIFFERENCE_KINDS }).notNull(),
    subject: text('subject').notNull(),
    expected: text('expected'),
    found: text('found'),
    amountNano: integer('amount_nano').notNull(),
    firstSeenAt: integer('first_seen_at').notNull(),
    lastSeenAt: integer('last_seen_at').notNull(),
    resolvedAt: integer('resolved_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.kind, table.subject] }),
    index('reconciliation_differences_open')
      .on(table.tenantId, table.kind, table.subject)
      .where(sql`resolved_at IS NULL`),
  ],
);

export type DifferenceRow = typeof reconciliationDifferences.$inferSelect;

/** How far the walk over all tenants has come. One row. */
export const reconciliationWalk = sqliteTable('reconciliation_walk', {
  id: integer('id').primaryKey(),
  /** Where the round under way goes on; null when it is done. */
  place: text('place'),
  /** From which time on the round compares, in milliseconds; null for everything. */
  from: integer('from_at'),
  startedAt: integer('started_at').notNull(),
  /** When the last round over everything began. */
  wholeAt: integer('whole_at').notNull(),
});
