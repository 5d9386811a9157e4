import type { SqlMigration } from '../../src/platform/sql-migrations.ts';

/** The limiter's own database. Append only: an object made by an older version runs what it lacks. */
export const USER_LIMITER_MIGRATIONS: readonly SqlMigration[] = [
  {
    name: 'keys',
    // `indexed` is 0 while the index in D1 has not been told how the key stands now.
    sql: `
      CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        tenant_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        prefix TEXT NOT NULL,
        last4 TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER,
        indexed INTEGER NOT NULL DEFAULT 0
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX keys_to_index ON keys (id) WHERE indexed = 0;
    `,
  },
  {
    name: 'limits',
    // How the limits stood a second ago at most: one row, JSON. Losing that second lends at most what it had lent.
    sql: `
      CREATE TABLE limits (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        state TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'key cache',
    sql: 'ALTER TABLE keys ADD COLUMN cache_max_age_s INTEGER;',
  },
  {
    name: 'key limits',
    // `family_id` is NULL of keys from before there were rotations: they are the first of their family.
    sql: `
      ALTER TABLE keys ADD COLUMN rate_limit INTEGER;
      ALTER TABLE keys ADD COLUMN monthly_limit_nano INTEGER;
      ALTER TABLE keys ADD COLUMN allowed_origins TEXT NOT NULL DEFAULT '[]';
      ALTER TABLE keys ADD COLUMN last_used_at INTEGER;
      ALTER TABLE keys ADD COLUMN last_used_country TEXT;
      ALTER TABLE keys ADD COLUMN replaced_by TEXT;
      ALTER TABLE keys ADD COLUMN family_id TEXT;
      ALTER TABLE keys ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
      CREATE TABLE spend (
        family_id TEXT NOT NULL,
        month TEXT NOT NULL,
        spent INTEGER NOT NULL,
        PRIMARY KEY (family_id, month)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE spend_leases (
        id TEXT NOT NULL,
        family_id TEXT NOT NULL,
        lent INTEGER NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (family_id, id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE spend_settled (
        call_id TEXT PRIMARY KEY,
        at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX spend_settled_at ON spend_settled (at);
    `,
  },
  {
    name: 'roles',
    sql: `
      CREATE TABLE roles (
        tenant_id TEXT PRIMARY KEY,
        role TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE role_changes (
        id TEXT PRIMARY KEY,
        tenant_id TEXT NOT NULL,
        until INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: 'plans',
    sql: `
      CREATE TABLE plans (
        tenant_id TEXT PRIMARY KEY,
        plan TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: 'tokens_settled',
    sql: `
      CREATE TABLE tokens_settled (
        id TEXT PRIMARY KEY,
        at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX tokens_settled_at ON tokens_settled (at);
    `,
  },
];
