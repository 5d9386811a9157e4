import type { SqlMigration } from '../../src/platform/sql-migrations.ts';

/** The run's own database. Append only: an object made by an older version runs what it lacks. */
export const PERSPECTIVE_RUN_MIGRATIONS: readonly SqlMigration[] = [
  {
    name: 'run',
    sql: `
      CREATE TABLE run (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        header TEXT NOT NULL,
        digest TEXT NOT NULL,
        status TEXT NOT NULL,
        completed_at INTEGER,
        recorded INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE TABLE perspectives (
        position INTEGER PRIMARY KEY,
        status TEXT NOT NULL,
        asked INTEGER NOT NULL,
        outcome TEXT
      ) STRICT;
      CREATE TABLE texts (
        name TEXT NOT NULL,
        part INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (name, part)
      ) STRICT;
      CREATE TABLE receipt (id TEXT PRIMARY KEY, line TEXT NOT NULL) STRICT;
      CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        type TEXT NOT NULL,
        position INTEGER,
        text TEXT NOT NULL
      ) STRICT;
      CREATE INDEX events_of_position ON events (type, position);
    `,
  },
];
