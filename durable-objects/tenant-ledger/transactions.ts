import type { TransactionType } from '../../src/contracts/ledger.ts';
import type { LedgerTransaction } from '../../src/features/metering/index.ts';
import type { LedgerDatabase } from './database.ts';

interface TransactionRow extends Record<string, string | number | null> {
  seq: number;
  id: string;
  at: number;
  type: TransactionType;
  amount: number;
  short: number;
  balance_after: number;
  buckets: string;
  reference_type: string;
  reference_id: string;
  reason: string;
}

export function transactionById(db: LedgerDatabase, id: string): LedgerTransaction | undefined {
  const [row] = db.all<TransactionRow>('SELECT * FROM transactions WHERE id = ?', id);
  return row && transactionOf(row);
}

/** Which of these ids transactions have. */
export function knownIds(db: LedgerDatabase, ids: readonly string[]): readonly string[] {
  return db
    .all<{ id: string }>(
      'SELECT id FROM transactions WHERE id IN (SELECT value FROM json_each(?))',
      JSON.stringify(ids),
    )
    .map(({ id }) => id);
}

/** Writes transactions, all in one statement. */
export function writeTransactions(db: LedgerDatabase, transactions: readonly LedgerTransaction[]): void {
  if (transactions.length === 0) return;
  const rows = transactions.map((one) => [
    one.seq,
    one.id,
    one.at,
    one.type,
    one.amount,
    one.short,
    one.balanceAfter,
    JSON.stringify(one.buckets),
    one.reference.type,
    one.reference.id,
    one.reason,
  ]);
  const columns = rows[0]?.map((_, at) => `json_extract(value, '$[${at}]')`).join(', ');
  db.all(`INSERT INTO transactions SELECT ${columns} FROM json_each(?)`, JSON.stringify(rows));
}

/** Transactions with a seq below `before`, newest first. */
export function transactionsBefore(
  db: LedgerDatabase,
  before: number | null,
  limit: number,
): readonly LedgerTransaction[] {
  return db
    .all<TransactionRow>(
      'SELECT * FROM transactions WHERE seq < ? ORDER BY seq DESC LIMIT ?',
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    .map(transactionOf);
}

/** Transactions with a seq above `after`, oldest first. */
export function transactionsAfter(
  db: LedgerDatabase,
  after: number,
  limit: number,
): readonly LedgerTransaction[] {
  return db
    .all<TransactionRow>('SELECT * FROM transactions WHERE seq > ? ORDER BY seq LIMIT ?', after, limit)
    .map(transactionOf);
}

/** The transactions with these ids, as far as there are any. */
export function transactionsNamed(db: LedgerDatabase, ids: readonly string[]): readonly LedgerTransaction[] {
  return db
    .all<TransactionRow>(
      'SELECT * FROM transactions WHERE id IN (SELECT value FROM json_each(?))',
      JSON.stringify(ids),
    )
    .map(transactionOf);
}

/** Transactions whose ids begin with a prefix and come after one, by id. */
export function transactionsOfSource(
  db: LedgerDatabase,
  prefix: string,
  after: string,
  limit: number,
): readonly LedgerTransaction[] {
  return db
    .all<TransactionRow>(
      'SELECT * FROM transactions WHERE id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?',
      prefix,
      `${prefix}\u{10ffff}`,
      after,
      limit,
    )
    .map(transactionOf);
}

/** The oldest transactions that the queue to the mirror has not taken. */
export function unmirrored(db: LedgerDatabase, limit: number): readonly LedgerTransaction[] {
  return transactionsAfter(db, mirroredUpTo(db), limit);
}

/** The seq up to which the queue to the mirror has taken all transactions. */
export function mirroredUpTo(db: LedgerDatabase): number {
  const [row] = db.all<{ mirrored: number }>('SELECT mirrored FROM ledger');
  return row?.mirrored ?? 0;
}

/** Writes down that the queue has taken what follows on `from`, up to `to`; nothing where the mirror was begun anew meanwhile. */
export function markMirrored(db: LedgerDatabase, from: number, to: number): void {
  db.all('UPDATE ledger SET mirrored = ? WHERE mirrored = ?', to, from);
}

function transactionOf(row: TransactionRow): LedgerTransaction {
  const { seq, id, at, type, amount, short, reason } = row;
  return {
    seq,
    id,
    at,
    type,
    amount,
    short,
    balanceAfter: row.balance_after,
    buckets: JSON.parse(row.buckets) as Record<string, number>,
    reference: { type: row.reference_type, id: row.reference_id },
    reason,
  };
}
