import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { ACCESS_REASONS } from '../../contracts/vault.ts';

/** Each tenant's data key, wrapped by the master key of a version. */
export const vaultDataKeys = sqliteTable(
  'vault_data_keys',
  {
    tenantId: text('tenant_id').primaryKey(),
    wrapped: text('wrapped').notNull(),
    masterVersion: integer('master_version').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('vault_data_keys_master').on(table.masterVersion)],
);

/** Tenants' own keys at providers. `sealed` holds the settings that the key stands for, under the tenant's data key. */
export const providerKeys = sqliteTable(
  'provider_keys',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    provider: text('provider').notNull(),
    name: text('name').notNull(),
    sealed: text('sealed').notNull(),
    /** Of what is sealed; each new secret has the next. */
    version: integer('version').notNull().default(1),
    preview: text('preview').notNull(),
    baseUrl: text('base_url'),
    priority: integer('priority').notNull(),
    monthlyBudgetNano: integer('monthly_budget_nano'),
    /** Whether the platform's key may serve, against credit, when no key of the tenant's for the provider can. */
    platformFallback: integer('platform_fallback', { mode: 'boolean' }).notNull().default(true),
    expiresAt: integer('expires_at'),
    checkedAt: integer('checked_at'),
    /** Null where the last check found nothing wrong, or none was made. */
    checkError: text('check_error'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('provider_keys_tenant').on(table.tenantId, table.provider, table.priority)],
);

/** What was spent with each key in each calendar month (UTC) at the provider's prices, added to with the usage events. */
export const providerKeyMonths = sqliteTable(
  'provider_key_months',
  {
    tenantId: text('tenant_id').notNull(),
    keyId: text('key_id').notNull(),
    /** `2026-11`. */
    month: text('month').notNull(),
    costNano: integer('cost_nano').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.keyId, table.month] })],
);

/** Named places for other secrets than providers' keys. */
export const vaults = sqliteTable(
  'vaults',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [uniqueIndex('vaults_name').on(table.tenantId, table.name)],
);

/** What is in them, sealed under the tenant's data key. */
export const vaultSecrets = sqliteTable(
  'vault_secrets',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    vaultId: text('vault_id').notNull(),
    name: text('name').notNull(),
    sealed: text('sealed').notNull(),
    version: integer('version').notNull(),
    preview: text('preview').notNull(),
    expiresAt: integer('expires_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [uniqueIndex('vault_secrets_name').on(table.tenantId, table.vaultId, table.name)],
);

/** Every opening of a sealed secret: who, why, for which request, and how often in it. */
export const vaultAccess = sqliteTable(
  'vault_access',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    objectId: text('object_id').notNull(),
    reason: text('reason', { enum: ACCESS_REASONS }).notNull(),
    userId: text('user_id'),
    times: integer('times').notNull(),
    requestId: text('last_request_id'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('vault_access_tenant').on(table.tenantId, table.id),
    index('vault_access_at').on(table.createdAt),
  ],
);

export type VaultRow = typeof vaults.$inferSelect;
export type VaultSecretRow = typeof vaultSecrets.$inferSelect;
export type ProviderKeyRow = typeof providerKeys.$inferSelect;
