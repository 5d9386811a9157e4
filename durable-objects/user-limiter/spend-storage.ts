import type { SpendAnswer, SpendQuestion } from '../../src/features/identity/index.ts';
import { lendCredit } from '../../src/features/metering/index.ts';

/** How long an isolate may keep what it was lent without a word, in milliseconds: as long as a lease of the tenant's credit. */
export const SPEND_LEASE_MS = 30_000;
/** How long a call's id is remembered: longer than any isolate keeps what it could not report. */
const SETTLED_AGE_MS = 2 * 24 * 60 * 60_000;

/**
 * What keys with a monthly limit have spent, and what of it is lent. Like the tenant's credit: an isolate spends only what it was lent, and the sum of
 * what was spent and what is lent is never more than the limit. A call's cost counts in the month in which it is told.
 */
export class SpendStorage {
  readonly #sql: SqlStorage;

  /** Made after `KeyStorage`, which brings the database up to date. */
  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  /** What a family of keys has spent in the month of that time. */
  spent(familyId: string, now: number): number {
    const [row] = this.#sql
      .exec<{ spent: number }>(
        'SELECT spent FROM spend WHERE family_id = ? AND month = ?',
        familyId,
        monthOf(now),
      )
      .toArray();
    return row?.spent ?? 0;
  }

  /** Counts what calls cost, each once, and lends within the limit. */
  lend(familyId: string, limit: number, question: SpendQuestion, now: number): SpendAnswer {
    this.#sql.exec('DELETE FROM spend_leases WHERE until <= ?', now);
    this.#sql.exec('DELETE FROM spend_settled WHERE at < ?', now - SETTLED_AGE_MS);
    for (const { callId, cost } of question.settlements) this.#settle(familyId, callId, cost, now);
    const mine = this.#lent(familyId, question.leaseId, '=');
    const free = limit - this.spent(familyId, now) - this.#lent(familyId, question.leaseId, '<>');
    const lent = lendCredit({ ...question, free, lent: mine });
    this.#sql.exec(
      'INSERT INTO spend_leases VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET lent = excluded.lent, until = excluded.until',
      question.leaseId,
      familyId,
      lent,
      now + SPEND_LEASE_MS,
    );
    return { lent, leaseMs: SPEND_LEASE_MS, available: Math.max(0, free - lent) };
  }

  /** Forgets families of which no key is left. */
  forgetOrphans(): void {
    for (const table of ['spend', 'spend_leases'])
      this.#sql.exec(
        `DELETE FROM ${table} WHERE family_id NOT IN (SELECT coalesce(family_id, id) FROM keys)`,
      );
  }

  #settle(familyId: string, callId: string, cost: number, now: number): void {
    const counted = this.#sql.exec('INSERT OR IGNORE INTO spend_settled VALUES (?, ?)', callId, now);
    if (counted.rowsWritten === 0) return;
    this.#sql.exec(
      'INSERT INTO spend VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET spent = spent + excluded.spent',
      familyId,
      monthOf(now),
      cost,
    );
  }

  #lent(familyId: string, leaseId: string, which: '=' | '<>'): number {
    return this.#sql
      .exec<{ lent: number }>(
        `SELECT coalesce(sum(lent), 0) AS lent FROM spend_leases WHERE family_id = ? AND id ${which} ?`,
        familyId,
        leaseId,
      )
      .one().lent;
  }
}

/** The calendar month, UTC: `2026-11`. */
export function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}
