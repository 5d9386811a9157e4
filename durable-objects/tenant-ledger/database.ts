import { applySqlMigrations } from '../../src/platform/sql-migrations.ts';
import { TENANT_LEDGER_MIGRATIONS } from './migrations.ts';

export type SqlValue = string | number | null;

/** What the ledger needs of a database. A Durable Object's own is one; the property tests run the same SQL on Node's. */
export interface LedgerDatabase {
  /** Runs a statement and reads all its rows. */
  all<Row extends Record<string, SqlValue>>(query: string, ...values: readonly SqlValue[]): Row[];
  /** Runs `work` as one transaction: all that it wrote holds, or nothing does. */
  transaction<T>(work: () => T): T;
}

/** The database of a Durable Object, with the ledger's tables in it. */
export function ledgerDatabase(storage: DurableObjectStorage): LedgerDatabase {
  applySqlMigrations(storage, TENANT_LEDGER_MIGRATIONS);
  return {
    all: (query, ...values) => storage.sql.exec(query, ...values).toArray() as never,
    transaction: (work) => storage.transactionSync(work),
  };
}
