import type { SqlMigration } from '../../src/platform/sql-migrations.ts';

/** The ledger's own database. Append only: an object made by an older version runs what it lacks. Amounts are whole nano-dollars. */
export const TENANT_LEDGER_MIGRATIONS: readonly SqlMigration[] = [
  {
    name: 'credit',
    sql: `
      CREATE TABLE account (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        balance INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE leases (
        id TEXT PRIMARY KEY,
        amount INTEGER NOT NULL CHECK (amount >= 0),
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE settled (
        call_id TEXT PRIMARY KEY,
        cost INTEGER NOT NULL,
        at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX settled_at ON settled (at);
    `,
  },
];
