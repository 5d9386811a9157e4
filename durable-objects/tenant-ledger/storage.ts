import type { Settlement } from '../../src/features/metering/index.ts';
import { applySqlMigrations } from '../../src/platform/sql-migrations.ts';
import { SETTLED_AGE_MS } from './logic.ts';
import { TENANT_LEDGER_MIGRATIONS } from './migrations.ts';

/** Ids of settled calls forgotten at a time. */
const FORGET_AT_ONCE = 500;

/** A tenant's credit: what it has, what is lent to whom, which calls were counted. */
export class CreditStorage {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    applySqlMigrations(storage, TENANT_LEDGER_MIGRATIONS);
  }

  /** Runs `work` as one transaction. */
  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** Opens the account with this balance, unless it is open. */
  open(balance: number): void {
    this.#exec('INSERT INTO account VALUES (1, ?) ON CONFLICT DO NOTHING', balance);
  }

  balance(): number {
    return this.#number('SELECT balance AS value FROM account');
  }

  endLeases(now: number): void {
    this.#exec('DELETE FROM leases WHERE expires_at <= ?', now);
  }

  lentTo(id: string): number {
    return this.#number('SELECT coalesce(sum(amount), 0) AS value FROM leases WHERE id = ?', id);
  }

  lentToOthers(id: string): number {
    return this.#number('SELECT coalesce(sum(amount), 0) AS value FROM leases WHERE id <> ?', id);
  }

  lend(id: string, amount: number, expiresAt: number): void {
    if (amount === 0) this.#exec('DELETE FROM leases WHERE id = ?', id);
    else {
      this.#exec(
        'INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET amount = excluded.amount, expires_at = excluded.expires_at',
        id,
        amount,
        expiresAt,
      );
    }
  }

  /** Counts calls that were not counted before, against the balance and the lease. */
  settle(leaseId: string, settlements: readonly Settlement[], now: number): void {
    for (const { callId, cost } of settlements) {
      const inserted = this.#storage.sql.exec(
        'INSERT INTO settled VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        callId,
        cost,
        now,
      );
      if (inserted.rowsWritten === 0) continue;
      this.#exec('UPDATE account SET balance = balance - ?', cost);
      this.#exec('UPDATE leases SET amount = max(0, amount - ?) WHERE id = ?', cost, leaseId);
    }
  }

  forgetOldCalls(now: number): void {
    this.#exec(
      'DELETE FROM settled WHERE call_id IN (SELECT call_id FROM settled WHERE at < ? ORDER BY at LIMIT ?)',
      now - SETTLED_AGE_MS,
      FORGET_AT_ONCE,
    );
  }

  #exec(query: string, ...values: readonly SqlStorageValue[]): void {
    this.#storage.sql.exec(query, ...values);
  }

  #number(query: string, ...values: readonly SqlStorageValue[]): number {
    return this.#storage.sql.exec<{ value: number }>(query, ...values).one().value;
  }
}
