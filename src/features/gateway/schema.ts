import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Answers to requests with an `Idempotency-Key`, for who repeats them. */
export const gatewayAnswers = sqliteTable(
  'gateway_answers',
  {
    /** The call's id, which the key is bound to. */
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    /** JSON of `StoredAnswer`; null when the answer was too large to keep. */
    answer: text('answer'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('gateway_answers_created_at').on(table.createdAt)],
);
