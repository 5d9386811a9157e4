import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { TRANSACTION_TYPES } from '../../../contracts/ledger.ts';

/** The mirror of the tenants' ledgers, to be queried across tenants and kept apart from them. The truth is each tenant's `TenantLedger`. */
export const ledgerTransactions = sqliteTable(
  'ledger_transactions',
  {
    tenantId: text('tenant_id').notNull(),
    /** 1, 2, 3 …, without gaps. */
    seq: integer('seq').notNull(),
    id: text('id').notNull(),
    at: integer('at').notNull(),
    type: text('type', { enum: TRANSACTION_TYPES }).notNull(),
    amountNano: integer('amount_nano').notNull(),
    shortNano: integer('short_nano').notNull(),
    balanceAfterNano: integer('balance_after_nano').notNull(),
    /** How the amount is spread over the buckets, by their ids. */
    buckets: text('buckets', { mode: 'json' }).$type<Readonly<Record<string, number>>>().notNull(),
    referenceType: text('reference_type').notNull(),
    referenceId: text('reference_id').notNull(),
    reason: text('reason').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.seq] })],
);

export type MirrorRow = typeof ledgerTransactions.$inferSelect;
