import type { BrokenRule, LedgerExamination } from '../../src/features/metering/index.ts';
import type { LedgerDatabase } from './database.ts';

interface LedgerRow extends Record<string, number> {
  balance: number;
  reserved: number;
  owed: number;
  seq: number;
  unlimited: number;
}

/** What must hold of the books at any time: each rule gives what should be, and what is. */
const RULES: Readonly<Record<string, string>> = {
  'the transactions add up to the balance':
    'SELECT balance AS expected, (SELECT coalesce(sum(amount), 0) FROM transactions) AS found FROM ledger',
  'the buckets add up to the balance':
    'SELECT balance AS expected, (SELECT coalesce(sum(left), 0) FROM buckets) AS found FROM ledger',
  'the transactions are numbered without gaps':
    'SELECT seq AS expected, (SELECT CASE WHEN count(*) = coalesce(max(seq), 0) THEN count(*) ELSE -count(*) END FROM transactions) AS found FROM ledger',
  'each balance follows from the one before':
    'SELECT 0 AS expected, count(*) AS found FROM (SELECT amount, balance_after, lag(balance_after, 1, 0) OVER (ORDER BY seq) AS before FROM transactions) WHERE balance_after <> before + amount',
  'what is reserved is what is held and lent':
    "SELECT reserved AS expected, (SELECT coalesce(sum(amount), 0) FROM reservations WHERE state = 'held') + (SELECT coalesce(sum(amount), 0) FROM leases) AS found FROM ledger",
};

/** Rules whose price is the reading of every transaction's buckets: looked at in a whole examination. */
const DEEP_RULES: Readonly<Record<string, string>> = {
  'each transaction is spread over buckets whole':
    'SELECT 0 AS expected, count(*) AS found FROM transactions AS t WHERE amount <> (SELECT coalesce(sum(value), 0) FROM json_each(t.buckets))',
  'each bucket holds what its transactions left':
    'SELECT 0 AS expected, count(*) AS found FROM buckets LEFT JOIN (SELECT key, sum(value) AS total FROM transactions, json_each(transactions.buckets) GROUP BY key) ON key = buckets.id WHERE buckets.left <> coalesce(total, 0)',
  'what is owed is what refunds could not take, less what was paid of it':
    "SELECT owed AS expected, (SELECT coalesce(sum(CASE WHEN type = 'refund' THEN short ELSE amount END), 0) FROM transactions WHERE type = 'refund' OR id LIKE '%/owed') AS found FROM ledger",
};

/**
 * Examines the books as they stand, and changes nothing: not even what has expired is returned. `from` is the time, in milliseconds, from which on the
 * caller wants the transactions; `whole` adds the rules that read everything.
 */
export function examine(
  db: LedgerDatabase,
  { from, whole }: { readonly from: number | null; readonly whole: boolean },
): LedgerExamination {
  const [ledger] = db.all<LedgerRow>('SELECT * FROM ledger');
  if (ledger === undefined) return { seq: 0, before: 0, broken: [] };
  const rules = Object.entries(whole ? { ...RULES, ...DEEP_RULES } : RULES);
  const broken: BrokenRule[] = rules
    .map(([rule, query]) => ({ rule, ...expectation(db, query) }))
    .filter(({ expected, found }) => expected !== found);
  // An unlimited tenant is lent what it has not.
  if (ledger.unlimited === 0 && ledger.reserved > ledger.balance)
    broken.push({
      rule: 'what is reserved is covered by the balance',
      expected: ledger.balance,
      found: ledger.reserved,
    });
  return { seq: ledger.seq, before: lastBefore(db, from), broken };
}

function expectation(db: LedgerDatabase, query: string): { expected: number; found: number } {
  const [row] = db.all<{ expected: number; found: number }>(query);
  return { expected: row?.expected ?? 0, found: row?.found ?? 0 };
}

/** The number of the last transaction before a time: read from the newest back, as what is asked for is usually new. */
function lastBefore(db: LedgerDatabase, from: number | null): number {
  if (from === null) return 0;
  const [row] = db.all<{ seq: number }>(
    'SELECT seq FROM transactions WHERE at < ? ORDER BY seq DESC LIMIT 1',
    from,
  );
  return row?.seq ?? 0;
}
