import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { SECURITY_EVENTS } from '../../../contracts/accounts.ts';
import { users } from '../schema.ts';

/** Times that better-auth writes: integer milliseconds in the database, `Date` in the code. */
const time = (name: string) => integer(name, { mode: 'timestamp_ms' });
const userId = () =>
  text('user_id')
    .notNull()
    .references(() => users.id);

/**
 * Browser sessions. The token alone opens nothing: the cookie carries it with a tag of ours. `tenant_id`, `country` and `device` are ours;
 * better-auth does not know of them.
 */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    token: text('token').notNull(),
    userId: userId(),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    /** Whom the session acts for; null until it is chosen at sign-in. */
    tenantId: text('tenant_id'),
    country: text('country'),
    device: text('device'),
  },
  (table) => [
    uniqueIndex('sessions_token').on(table.token),
    index('sessions_user').on(table.userId),
    index('sessions_expiry').on(table.expiresAt),
  ],
);

/** Ways in that people have: a password (`credential`), or an account elsewhere. */
export const accounts = sqliteTable(
  'accounts',
  {
    id: text('id').primaryKey(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    userId: userId(),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: time('access_token_expires_at'),
    refreshTokenExpiresAt: time('refresh_token_expires_at'),
    scope: text('scope'),
    /** scrypt, with its parameters and salt. */
    password: text('password'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('accounts_provider').on(table.providerId, table.accountId),
    index('accounts_user').on(table.userId),
  ],
);

/** Things that wait for a proof: resets, social sign-ins, passkeys under way. Their names are hashed. */
export const verifications = sqliteTable(
  'verifications',
  {
    id: text('id').primaryKey(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [
    index('verifications_identifier').on(table.identifier),
    index('verifications_expiry').on(table.expiresAt),
  ],
);

/** Authenticator apps. Secret and backup codes are encrypted. */
export const twoFactors = sqliteTable(
  'two_factors',
  {
    id: text('id').primaryKey(),
    secret: text('secret').notNull(),
    backupCodes: text('backup_codes').notNull(),
    userId: userId(),
    verified: integer('verified', { mode: 'boolean' }).default(true),
    failedVerificationCount: integer('failed_verification_count').default(0),
    lockedUntil: time('locked_until'),
  },
  (table) => [uniqueIndex('two_factors_user').on(table.userId)],
);

export const passkeys = sqliteTable(
  'passkeys',
  {
    id: text('id').primaryKey(),
    name: text('name'),
    publicKey: text('public_key').notNull(),
    userId: userId(),
    credentialID: text('credential_id').notNull(),
    counter: integer('counter').notNull(),
    deviceType: text('device_type').notNull(),
    backedUp: integer('backed_up', { mode: 'boolean' }).notNull(),
    transports: text('transports'),
    createdAt: time('created_at'),
    aaguid: text('aaguid'),
  },
  (table) => [
    uniqueIndex('passkeys_credential').on(table.credentialID),
    index('passkeys_user').on(table.userId),
  ],
);

/**
 * Attempts to prove something, counted before the proof is looked at: by what is tried (`subject`, a hash). Rows of people who do not exist are
 * there too, so that a lock tells nobody who does.
 */
export const attempts = sqliteTable(
  'sign_in_attempts',
  {
    subject: text('subject').primaryKey(),
    /** Attempts within the window that have not succeeded. */
    count: integer('count').notNull(),
    /** When it was last tried: the window begins again with each attempt. */
    windowStart: integer('window_start').notNull(),
    lockedUntil: integer('locked_until').notNull().default(0),
    /** How often it was locked lately: each lock is twice as long as the one before. */
    locks: integer('locks').notNull().default(0),
  },
  (table) => [index('sign_in_attempts_window').on(table.windowStart)],
);

/** Sign-ins that wait for a mailed code, because they come from an unusual place. */
export const challenges = sqliteTable(
  'sign_in_challenges',
  {
    /** SHA-256 of what the cookie carries. */
    id: text('id').primaryKey(),
    userId: userId(),
    codeHash: text('code_hash').notNull(),
    tries: integer('tries').notNull().default(0),
    remember: integer('remember', { mode: 'boolean' }).notNull(),
    reason: text('reason').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('sign_in_challenges_expiry').on(table.expiresAt)],
);

/** What happened to people's security. No foreign key: what happened stays when the person goes, until it is old. */
export const securityEvents = sqliteTable(
  'security_events',
  {
    id: text('id').primaryKey(),
    userId: text('user_id').notNull(),
    kind: text('kind', { enum: SECURITY_EVENTS }).notNull(),
    /** Hash of what the browser says of itself, without versions. */
    fingerprint: text('fingerprint').notNull(),
    device: text('device').notNull(),
    country: text('country'),
    ip: text('ip'),
    risk: integer('risk').notNull(),
    requestId: text('request_id').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('security_events_user').on(table.userId, table.id),
    index('security_events_age').on(table.createdAt),
  ],
);

/** Countries that keys and tokens were used from, so that a new one is noticed. */
export const credentialPlaces = sqliteTable(
  'credential_places',
  {
    /** The key's id, or that of the connected app and its person. */
    credential: text('credential').notNull(),
    country: text('country').notNull(),
    seenAt: integer('seen_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.credential, table.country] }),
    index('credential_places_age').on(table.seenAt),
  ],
);
