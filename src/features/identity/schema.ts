import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { ROLES, type Scope } from '../../contracts/principal.ts';
import { GIVEN_ROLES } from '../../contracts/tenants.ts';

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
    /** Requests a minute; null: the user's own limit alone. */
    rateLimit: integer('rate_limit'),
    /** Whole nano-dollars a calendar month, UTC; null: none. */
    monthlyLimitNano: integer('monthly_limit_nano'),
    /** Pages that a publishable key works on. */
    allowedOrigins: text('allowed_origins', { mode: 'json' }).$type<string[]>().notNull().default([]),
    lastUsedAt: integer('last_used_at'),
    /** The country, ISO 3166-1 alpha-2; null where the edge does not know. */
    lastUsedCountry: text('last_used_country'),
    /** The key that it was rotated into. */
    replacedBy: text('replaced_by'),
    /** Grows with every change: a writer that is late overwrites nothing. */
    version: integer('version').notNull().default(0),
  },
  (table) => [
    index('api_keys_tenant').on(table.tenantId, table.id),
    index('api_keys_tenant_user').on(table.tenantId, table.userId, table.id),
  ],
);

/**
 * Invitations to a tenant. Bound to an address, in lower case: only whoever has proved that it is theirs may accept. The link's token is kept as SHA-256.
 */
export const invitations = sqliteTable(
  'invitations',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    email: text('email').notNull(),
    role: text('role', { enum: GIVEN_ROLES }).notNull(),
    tokenHash: text('token_hash').notNull(),
    invitedBy: text('invited_by').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** When it was answered or taken back, and how; null while it waits. */
    endedAt: integer('ended_at'),
    outcome: text('outcome', { enum: ['accepted', 'declined', 'revoked'] }),
    /** The person who accepted. */
    acceptedBy: text('accepted_by'),
  },
  (table) => [
    uniqueIndex('invitations_token').on(table.tokenHash),
    index('invitations_tenant').on(table.tenantId, table.id),
    index('invitations_email').on(table.email),
  ],
);

/**
 * Tenants that are being deleted, or were: what is left of them. The platform's own table, for no tenant is there to own it. It holds no names.
 */
export const tenantDeletions = sqliteTable(
  'tenant_deletions',
  {
    /** The tenant's. */
    id: text('id').primaryKey(),
    requestedBy: text('requested_by').notNull(),
    startedAt: integer('started_at').notNull(),
    /** Its members when it began: their limiters have to forget it. JSON, emptied at the end. */
    memberIds: text('member_ids', { mode: 'json' }).$type<string[]>().notNull(),
    finishedAt: integer('finished_at'),
  },
  (table) => [index('tenant_deletions_open').on(table.finishedAt, table.startedAt)],
);

/** Codes that people gave when they signed up, until their own tenant is there and somebody has looked at them. */
export const signUpCodes = sqliteTable(
  'sign_up_codes',
  {
    userId: text('user_id').primaryKey(),
    code: text('code').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('sign_up_codes_age').on(table.createdAt)],
);
