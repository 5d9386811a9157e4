import type { SqlMigration } from '../../src/platform/sql-migrations.ts';

/** The chain's own database. Append only: an object made by an older version runs what it lacks. */
export const AUDIT_CHAIN_MIGRATIONS: readonly SqlMigration[] = [
  {
    name: 'chain',
    sql: `
      CREATE TABLE entries (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        entry TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      CREATE INDEX entries_at ON entries (at);
      CREATE TABLE chain (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        head_seq INTEGER NOT NULL,
        head_hash TEXT NOT NULL,
        head_seal TEXT NOT NULL,
        copied INTEGER NOT NULL,
        checkpoint_seq INTEGER NOT NULL,
        checkpoint_hash TEXT NOT NULL,
        checkpoint_seal TEXT NOT NULL,
        checkpoint_at INTEGER NOT NULL,
        retention_days INTEGER,
        legal_hold INTEGER NOT NULL
      ) STRICT;
    `,
  },
];
