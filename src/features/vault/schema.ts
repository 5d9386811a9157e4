import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
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
    preview: text('preview').notNull(),
    baseUrl: text('base_url'),
    priority: integer('priority').notNull(),
    monthlyBudgetNano: integer('monthly_budget_nano'),
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

/** Every opening of a sealed secret: who, why, how often within a second or so. */
export const vaultAccess = sqliteTable(
  'vault_access',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    objectId: text('object_id').notNull(),
    reason: text('reason', { enum: ACCESS_REASONS }).notNull(),
    userId: text('user_id'),
    times: integer('times').notNull(),
    lastRequestId: text('last_request_id'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('vault_access_tenant').on(table.tenantId, table.id),
    index('vault_access_at').on(table.createdAt),
  ],
);

export type ProviderKeyRow = typeof providerKeys.$inferSelect;
