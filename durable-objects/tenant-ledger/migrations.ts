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
  {
    // What an account of before had becomes one bucket and the first transaction.
    name: 'ledger',
    sql: `
      CREATE TABLE ledger (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        balance INTEGER NOT NULL CHECK (balance >= 0),
        reserved INTEGER NOT NULL CHECK (reserved >= 0),
        owed INTEGER NOT NULL CHECK (owed >= 0),
        seq INTEGER NOT NULL,
        mirrored INTEGER NOT NULL,
        unlimited INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE buckets (
        id TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        granted INTEGER NOT NULL CHECK (granted > 0),
        left INTEGER NOT NULL CHECK (left >= 0),
        refunded INTEGER NOT NULL CHECK (refunded >= 0 AND refunded <= granted),
        expires_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX buckets_live ON buckets (position) WHERE left > 0;
      CREATE TABLE transactions (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        type TEXT NOT NULL,
        amount INTEGER NOT NULL,
        short INTEGER NOT NULL CHECK (short >= 0),
        balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
        buckets TEXT NOT NULL,
        reference_type TEXT NOT NULL,
        reference_id TEXT NOT NULL,
        reason TEXT NOT NULL
      ) STRICT;
      CREATE TABLE reservations (
        id TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        amount INTEGER NOT NULL CHECK (amount >= 0),
        expires_at INTEGER,
        at INTEGER NOT NULL,
        reference_type TEXT NOT NULL,
        reference_id TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX reservations_held ON reservations (expires_at) WHERE state = 'held';
      CREATE INDEX reservations_over ON reservations (at) WHERE state <> 'held';
      CREATE INDEX leases_expire ON leases (expires_at);
      INSERT INTO buckets SELECT 'opening', 1, 'promotional', balance, balance, 0, NULL FROM account WHERE balance > 0;
      INSERT INTO transactions SELECT 1, 'opening', 0, 'bonus', balance, 0, balance, json_object('opening', balance), 'opening', 'opening', 'Credit that a tenant begins with' FROM account WHERE balance > 0;
      INSERT INTO ledger SELECT 1, max(balance, 0), 0, 0, balance > 0, 0, 0 FROM account;
      DELETE FROM leases;
      DROP TABLE settled;
      DROP TABLE account;
    `,
  },
  {
    // A tenant without a row is on the free plan, and its months begin when its books were opened.
    name: 'plan',
    sql: `
      CREATE TABLE plan (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        id TEXT NOT NULL,
        seats INTEGER NOT NULL CHECK (seats > 0),
        anchor_at INTEGER NOT NULL,
        as_of INTEGER NOT NULL
      ) STRICT;
      ALTER TABLE ledger ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
    `,
  },
  {
    name: 'watch',
    sql: `
      CREATE TABLE watch (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        threshold INTEGER,
        as_of INTEGER NOT NULL,
        told_at INTEGER
      ) STRICT;
    `,
  },
  {
    // One row a use: a call's one message, or each model call of a run. `taken` while it is under way, `used` when it counts for good.
    name: 'quotas',
    sql: `
      CREATE TABLE quota_uses (
        call_id TEXT NOT NULL,
        quota TEXT NOT NULL,
        number INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('taken', 'used')),
        at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (call_id, quota, number)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX quota_uses_at ON quota_uses (quota, at, state, expires_at);
    `,
  },
  {
    // `budget_alerts` is an outbox: `told_at` is when people were told, 0 while they were not; it is due at `due_at`.
    name: 'budgets',
    sql: `
      CREATE TABLE budgets (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        scope TEXT NOT NULL,
        subject TEXT,
        period TEXT NOT NULL,
        limit_nano INTEGER NOT NULL CHECK (limit_nano > 0),
        hard INTEGER NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE budget_spent (
        budget_id TEXT NOT NULL,
        start INTEGER NOT NULL,
        spent INTEGER NOT NULL CHECK (spent >= 0),
        PRIMARY KEY (budget_id, start)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE budget_leases (
        id TEXT NOT NULL,
        budget_id TEXT NOT NULL,
        lent INTEGER NOT NULL CHECK (lent > 0),
        until INTEGER NOT NULL,
        PRIMARY KEY (id, budget_id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE budget_settled (
        budget_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (budget_id, call_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX budget_settled_at ON budget_settled (at);
      CREATE TABLE budget_alerts (
        budget_id TEXT NOT NULL,
        start INTEGER NOT NULL,
        percent INTEGER NOT NULL,
        at INTEGER NOT NULL,
        spent INTEGER NOT NULL,
        limit_nano INTEGER NOT NULL,
        told_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        PRIMARY KEY (budget_id, start, percent)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: 'budget alerts that are due',
    sql: 'CREATE INDEX budget_alerts_due ON budget_alerts (due_at) WHERE told_at = 0;',
  },
];
