import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { LedgerDatabase, SqlValue } from './database.ts';
import { TENANT_LEDGER_MIGRATIONS } from './migrations.ts';

/** The machine stopped between two statements. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** The ledger's tables in a SQLite of Node's, in memory: the same SQL as in the Durable Object, and it can be made to crash at any statement. */
export class SqliteLedgerDatabase implements LedgerDatabase {
  readonly #sqlite = new DatabaseSync(':memory:');
  readonly #prepared = new Map<string, StatementSync>();
  #statementsToCrash = Number.POSITIVE_INFINITY;
  #inside = false;

  constructor() {
    for (const { sql } of TENANT_LEDGER_MIGRATIONS) this.#sqlite.exec(sql);
  }

  /** The statement after so many more throws `Crash`, once. */
  crashAfter(statements: number): void {
    this.#statementsToCrash = statements;
  }

  all<Row extends Record<string, SqlValue>>(query: string, ...values: readonly SqlValue[]): Row[] {
    if (this.#statementsToCrash-- <= 0) {
      this.#statementsToCrash = Number.POSITIVE_INFINITY;
      throw new Crash('the machine stopped');
    }
    let statement = this.#prepared.get(query);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(query);
      this.#prepared.set(query, statement);
    }
    return statement.all(...values) as Row[];
  }

  transaction<T>(work: () => T): T {
    if (this.#inside) return work();
    this.#sqlite.exec('BEGIN');
    this.#inside = true;
    try {
      const result = work();
      this.#sqlite.exec('COMMIT');
      return result;
    } catch (error) {
      this.#sqlite.exec('ROLLBACK');
      throw error;
    } finally {
      this.#inside = false;
    }
  }

  /** Every row of every table, to compare two ledgers. */
  dump(): Record<string, unknown[]> {
    const tables = [
      'ledger',
      'buckets',
      'transactions',
      'reservations',
      'leases',
      'plan',
      'quota_uses',
      'budgets',
      'budget_spent',
      'budget_leases',
      'budget_settled',
      'budget_alerts',
    ];
    return Object.fromEntries(
      tables.map((table) => [table, this.#sqlite.prepare(`SELECT * FROM ${table} ORDER BY 1`).all()]),
    );
  }
}
