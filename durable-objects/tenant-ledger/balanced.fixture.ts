import { expect } from 'vitest';
import type { LedgerDatabase } from './database.ts';

interface Sums extends Record<string, number> {
  balance: number;
  reserved: number;
  owed: number;
  seq: number;
  unlimited: number;
}

/** Looks at every row of a ledger and fails when the books do not balance. */
export function expectBalanced(db: LedgerDatabase): void {
  const one = (query: string) => db.all<{ value: number }>(query)[0]?.value ?? Number.NaN;
  const [ledger] = db.all<Sums>('SELECT * FROM ledger');
  if (ledger === undefined) throw new Error('the ledger was not opened');

  // The sum of the transactions is the balance, and so is the sum of what is left in the buckets.
  expect(one('SELECT coalesce(sum(amount), 0) AS value FROM transactions')).toBe(ledger.balance);
  expect(one('SELECT coalesce(sum(left), 0) AS value FROM buckets')).toBe(ledger.balance);

  // What is reserved is what is held and lent, and is covered by the balance.
  const held = one("SELECT coalesce(sum(amount), 0) AS value FROM reservations WHERE state = 'held'");
  expect(held + one('SELECT coalesce(sum(amount), 0) AS value FROM leases')).toBe(ledger.reserved);
  if (ledger.unlimited === 0) expect(ledger.balance - ledger.reserved).toBeGreaterThanOrEqual(0);

  // Transactions follow each other without a gap, and each says what the balance was after it.
  let balance = 0;
  let seq = 0;
  const left = new Map<string, number>();
  const rows = db.all<{ seq: number; amount: number; balance_after: number; buckets: string }>(
    'SELECT seq, amount, balance_after, buckets FROM transactions ORDER BY seq',
  );
  for (const row of rows) {
    seq += 1;
    balance += row.amount;
    expect(row.seq).toBe(seq);
    expect(row.balance_after).toBe(balance);
    const changes = Object.entries(JSON.parse(row.buckets) as Record<string, number>);
    expect(changes.reduce((total, [, change]) => total + change, 0)).toBe(row.amount);
    for (const [id, change] of changes) left.set(id, (left.get(id) ?? 0) + change);
  }
  expect(seq).toBe(ledger.seq);

  // Replaying the transactions gives each bucket what it has.
  for (const bucket of db.all<{ id: string; left: number }>('SELECT id, left FROM buckets'))
    expect(left.get(bucket.id)).toBe(bucket.left);

  // What is owed is what refunds could not take, less what was paid of it since.
  const short = one("SELECT coalesce(sum(short), 0) AS value FROM transactions WHERE type = 'refund'");
  const paid = one("SELECT coalesce(-sum(amount), 0) AS value FROM transactions WHERE id LIKE '%/owed'");
  expect(ledger.owed).toBe(short - paid);
}
