import { getTableColumns, sql } from 'drizzle-orm';
import { platformBatch } from '../../../platform/db.ts';
import type { Logger } from '../../../platform/log.ts';
import { type QueueMessage, writeBatch } from '../../../platform/queue.ts';
import { tenantDeletions } from '../../identity/index.ts';
import type { LedgerTransaction } from '../ledger-operations.ts';
import { ledgerMessageSchema } from './message.ts';
import { ledgerTransactions, type MirrorRow } from './schema.ts';

/** Most rows of one statement: about 400 KB of JSON, of the 2 MB that a bound text may have. */
const ROWS_PER_STATEMENT = 1_000;

/**
 * Writes what the ledgers sent into their mirror: every transaction once, by its tenant and number, whatever order messages come in and however often.
 * A row that is there stays as it is; should it differ, reconciliation says so.
 */
export function consumeLedger(d1: D1Database, messages: readonly QueueMessage[], log: Logger): Promise<void> {
  return writeBatch(
    messages,
    ledgerMessageSchema,
    (bodies) =>
      writeMirror(
        d1,
        bodies.flatMap(({ tenantId, transactions }) =>
          transactions.map((transaction) => mirrorRow(tenantId, transaction)),
        ),
      ),
    { log, what: 'transactions of a ledger' },
  );
}

/** A transaction as the mirror has it. Pure. */
export function mirrorRow(tenantId: string, transaction: LedgerTransaction): MirrorRow {
  const { seq, id, at, type, amount, short, balanceAfter, buckets, reference, reason } = transaction;
  return {
    tenantId,
    seq,
    id,
    at,
    type,
    amountNano: amount,
    shortNano: short,
    balanceAfterNano: balanceAfter,
    buckets,
    referenceType: reference.type,
    referenceId: reference.id,
    reason,
  };
}

/** Fields by column. */
const COLUMNS = Object.entries(getTableColumns(ledgerTransactions)).map(
  ([field, { name }]) => [field, name] as const,
);

/** The rows travel as one JSON text, because a statement has at most 100 parameters. What comes late for a tenant that was deleted stays out. */
async function writeMirror(d1: D1Database, rows: readonly MirrorRow[]): Promise<void> {
  const columns = sql.raw(COLUMNS.map(([, column]) => `"${column}"`).join(', '));
  const values = sql.raw(COLUMNS.map(([field]) => `json_extract(value, '$.${field}')`).join(', '));
  const statements = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    const some = JSON.stringify(rows.slice(at, at + ROWS_PER_STATEMENT));
    statements.push(
      sql`INSERT INTO ${ledgerTransactions} (${columns}) SELECT ${values} FROM json_each(${some}) WHERE NOT EXISTS (SELECT 1 FROM ${tenantDeletions} WHERE id = json_extract(value, '$.tenantId')) ON CONFLICT DO NOTHING`,
    );
  }
  await platformBatch(d1, statements);
}
