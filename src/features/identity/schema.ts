import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { ROLES, type Scope } from '../../contracts/principal.ts';

export const KEY_KINDS = ['secret', 'publishable'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** Who pays and owns data. */
export const tenants = sqliteTable('tenants', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
});

/**
 * People. The properties and column types are those of better-auth's user model, so that it can take the table over as it stands: there the
 * times get the mode `timestamp_ms`, which is the same integer in SQLite. E-mail addresses are kept in lower case.
 */
export const users = sqliteTable(
  'users',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    emailVerified: integer('email_verified', { mode: 'boolean' }).notNull().default(false),
    image: text('image'),
    /** Whether codes of an authenticator app are asked for. */
    twoFactorEnabled: integer('two_factor_enabled', { mode: 'boolean' }).notNull().default(false),
    /** Whether the operator's routes are open to this person's browser. Set by the operator's token alone. */
    operator: integer('operator', { mode: 'boolean' }).notNull().default(false),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [uniqueIndex('users_email').on(table.email)],
);

/** Which user has which role in which tenant. No cascade: what goes with a person or a tenant is decided, not implied. */
export const members = sqliteTable(
  'members',
  {
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    role: text('role', { enum: ROLES }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userId] }),
    index('members_user').on(table.userId),
  ],
);

/**
 * The index of API keys, for lists and for finding whose a key is. The truth is in the owner's `UserLimiter`, which writes these rows
 * and writes them again until they are there. No hash is kept here: whoever reads the database learns nothing that helps to test a
 * guess, and no request can come to be admitted from it. No foreign keys: a tenant's first key is written before the tenant is.
 */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: KEY_KINDS }).notNull(),
    prefix: text('prefix').notNull(),
    last4: text('last4').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<Scope[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    cacheMaxAgeS: integer('cache_max_age_s'),
    expiresAt: integer('expires_at'),
    revokedAt: integer('revoked_at'),
  },
  (table) => [
    index('api_keys_tenant').on(table.tenantId, table.id),
    index('api_keys_tenant_user').on(table.tenantId, table.userId, table.id),
  ],
);
