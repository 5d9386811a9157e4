import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import {
  WEBHOOK_DELIVERY_STATUSES,
  WEBHOOK_OFF_REASONS,
  WEBHOOK_TYPES,
  type WebhookEvent,
} from '../../contracts/webhooks.ts';

/** Where a tenant wants events posted. `sealed` is the signing secret under the tenant's data key. */
export const webhookEndpoints = sqliteTable(
  'webhook_endpoints',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    url: text('url').notNull(),
    name: text('name').notNull(),
    events: text('events', { mode: 'json' }).$type<readonly WebhookEvent[]>().notNull(),
    /** Null while it is on. */
    offBecause: text('off_because', { enum: WEBHOOK_OFF_REASONS }),
    sealed: text('sealed').notNull(),
    /** Of what is sealed; each new secret has the next. */
    version: integer('version').notNull().default(1),
    /** The secret before, which signs as well until its end. */
    previousSealed: text('previous_sealed'),
    previousUntil: integer('previous_until'),
    /** Since when no event arrived; null when the last did. */
    failingSince: integer('failing_since'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('webhook_endpoints_tenant').on(table.tenantId, table.id)],
);

/** One event for one endpoint. Kept for `DELIVERY_RETENTION_DAYS`. */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    endpointId: text('endpoint_id').notNull(),
    eventId: text('event_id').notNull(),
    type: text('type', { enum: WEBHOOK_TYPES }).notNull(),
    /** What is posted, as it is posted. */
    body: text('body').notNull(),
    status: text('status', { enum: WEBHOOK_DELIVERY_STATUSES }).notNull(),
    attempts: integer('attempts').notNull(),
    responseStatus: integer('response_status'),
    error: text('error'),
    nextAttemptAt: integer('next_attempt_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('webhook_deliveries_event').on(table.tenantId, table.endpointId, table.eventId),
    index('webhook_deliveries_created_at').on(table.createdAt),
  ],
);

export type WebhookEndpointRow = typeof webhookEndpoints.$inferSelect;
export type WebhookDeliveryRow = typeof webhookDeliveries.$inferSelect;
