import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { KEY_STRATEGIES } from '../../contracts/usage.ts';
import { CALL_STATUSES, CHOSEN_BY, FEATURES } from './usage-event.ts';

/** Model calls, one row each: `UsageEvent` as columns. `ingest` names the batch that wrote the row, so that sums are added to once. */
export const usageEvents = sqliteTable(
  'usage_events',
  {
    id: text('id').primaryKey(),
    ingest: text('ingest').notNull(),
    at: integer('at').notNull(),
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    keyId: text('key_id'),
    requestId: text('request_id').notNull(),
    runId: text('run_id'),
    feature: text('feature', { enum: FEATURES }).notNull(),
    client: text('client'),
    model: text('model').notNull(),
    provider: text('provider').notNull(),
    keyStrategy: text('key_strategy', { enum: KEY_STRATEGIES }).notNull(),
    providerKeyId: text('provider_key_id'),
    chosenBy: text('chosen_by', { enum: CHOSEN_BY }).notNull(),
    task: text('task'),
    stream: integer('stream', { mode: 'boolean' }).notNull(),
    status: text('status', { enum: CALL_STATUSES }).notNull(),
    errorKind: text('error_kind'),
    inputTokens: integer('input_tokens').notNull(),
    cachedInputTokens: integer('cached_input_tokens').notNull(),
    cacheWriteTokens: integer('cache_write_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    reasoningTokens: integer('reasoning_tokens').notNull(),
    estimated: integer('estimated', { mode: 'boolean' }).notNull(),
    priced: integer('priced', { mode: 'boolean' }).notNull(),
    costNano: integer('cost_nano').notNull(),
    chargeNano: integer('charge_nano').notNull(),
    latencyMs: integer('latency_ms').notNull(),
    firstTokenMs: integer('first_token_ms'),
  },
  (table) => [
    index('usage_events_tenant_at').on(table.tenantId, table.at),
    index('usage_events_user_at').on(table.tenantId, table.userId, table.at),
    index('usage_events_at').on(table.at),
  ],
);

/** Messages that a queue gave up on, kept until somebody looks: nothing that was to be counted is lost. */
export const deadLetters = sqliteTable(
  'dead_letters',
  {
    /** The queue's message id. */
    id: text('id').primaryKey(),
    queue: text('queue').notNull(),
    body: text('body').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('dead_letters_queue').on(table.queue, table.createdAt)],
);

/**
 * Who was given the credit that one begins with, once in a life: a row outlives the tenant and the account, or both would be made again for another dollar. Of
 * the person it holds a keyed tag alone.
 */
export const openingCredits = sqliteTable('opening_credits', {
  person: text('person').primaryKey(),
  /** The tenant, which may be gone. */
  givenTo: text('given_to').notNull(),
  at: integer('at').notNull(),
});
