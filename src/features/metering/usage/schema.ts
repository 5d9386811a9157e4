import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { FEATURES } from '../usage-event.ts';

/**
 * What a sum of calls is of, and what is summed. Ids that are not there are '': a key of a table holds no nulls that are equal. Times of calls that succeeded are
 * kept as `times`, a sketch of `sketch.ts`.
 */
const columns = () => ({
  tenantId: text('tenant_id').notNull(),
  /** When the hour or the day of UTC begins, in milliseconds. */
  at: integer('at').notNull(),
  userId: text('user_id').notNull(),
  keyId: text('key_id').notNull(),
  providerKeyId: text('provider_key_id').notNull(),
  model: text('model').notNull(),
  provider: text('provider').notNull(),
  keyStrategy: text('key_strategy').notNull(),
  feature: text('feature', { enum: FEATURES }).notNull(),
  calls: integer('calls').notNull(),
  succeeded: integer('succeeded').notNull(),
  failed: integer('failed').notNull(),
  cancelled: integer('cancelled').notNull(),
  cached: integer('cached').notNull(),
  unpriced: integer('unpriced').notNull(),
  inputTokens: integer('input_tokens').notNull(),
  cachedInputTokens: integer('cached_input_tokens').notNull(),
  cacheWriteTokens: integer('cache_write_tokens').notNull(),
  outputTokens: integer('output_tokens').notNull(),
  reasoningTokens: integer('reasoning_tokens').notNull(),
  costNano: integer('cost_nano').notNull(),
  chargeNano: integer('charge_nano').notNull(),
  /** JSON of a sketch; `{}` where no call succeeded. */
  times: text('times').notNull(),
});

/** Calls summed up by the hour, kept as long as the calls themselves. */
export const usageHours = sqliteTable('usage_hours', columns(), (table) => [
  primaryKey({
    columns: [
      table.tenantId,
      table.at,
      table.userId,
      table.keyId,
      table.providerKeyId,
      table.model,
      table.provider,
      table.keyStrategy,
      table.feature,
    ],
  }),
  index('usage_hours_at').on(table.at),
]);

/** The same by the day, kept for longer. */
export const usageDays = sqliteTable('usage_days', columns(), (table) => [
  primaryKey({
    columns: [
      table.tenantId,
      table.at,
      table.userId,
      table.keyId,
      table.providerKeyId,
      table.model,
      table.provider,
      table.keyStrategy,
      table.feature,
    ],
  }),
  index('usage_days_at').on(table.at),
]);
