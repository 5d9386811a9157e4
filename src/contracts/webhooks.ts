import { z } from 'zod';
import { BUDGET_PERIODS, BUDGET_SCOPES } from './budgets.ts';
import { listOf } from './list.ts';

/** What is told to webhook endpoints. `webhook.test` is sent on demand alone, to one endpoint. */
export const WEBHOOK_EVENTS = ['budget.reached'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
export const WEBHOOK_TYPES = [...WEBHOOK_EVENTS, 'webhook.test'] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** Most endpoints of a tenant. */
export const MAX_WEBHOOK_ENDPOINTS = 10;

/** Why an endpoint is off: a person turned it off, it answered 410 Gone, or nothing arrived there for days. */
export const WEBHOOK_OFF_REASONS = ['person', 'gone', 'failing'] as const;

const url = z.string().max(500).meta({
  description: 'Where events are posted. A public https address; redirects are not followed.',
  example: 'https://example.com/hooks/parallax',
});
const name = z.string().trim().min(1).max(80);
const events = z
  .array(z.enum(WEBHOOK_EVENTS))
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .meta({ description: 'Which events are posted.' });

export const createWebhookEndpointRequestSchema = z.strictObject({
  url,
  name,
  events: events.default([...WEBHOOK_EVENTS]),
});

export const updateWebhookEndpointRequestSchema = z
  .strictObject({ url, name, events, enabled: z.boolean() })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, { message: 'must change something' });

export const webhookEndpointSchema = z
  .object({
    id: z.string(),
    object: z.literal('webhook_endpoint'),
    url: z.string(),
    name: z.string(),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    enabled: z.boolean(),
    off_because: z.enum(WEBHOOK_OFF_REASONS).nullable().meta({ description: 'Null while it is on.' }),
    failing_since: z.iso.datetime().nullable().meta({
      description: 'Since when no event arrived; null when the last one did, or none was sent.',
    }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpointView = z.infer<typeof webhookEndpointSchema>;

export const createdWebhookEndpointSchema = webhookEndpointSchema
  .extend({
    secret: z.string().meta({
      description: 'Signs what is posted (https://www.standardwebhooks.com). Shown this once.',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  })
  .meta({ id: 'CreatedWebhookEndpoint' });

/** Not paged: a tenant has `MAX_WEBHOOK_ENDPOINTS` at most. */
export const webhookEndpointListSchema = z.object({
  object: z.literal('list'),
  data: z.array(webhookEndpointSchema),
});

export const deletedWebhookEndpointSchema = z.object({
  id: z.string(),
  object: z.literal('webhook_endpoint'),
  deleted: z.literal(true),
});

export const WEBHOOK_DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;

export const webhookDeliverySchema = z
  .object({
    id: z.string(),
    object: z.literal('webhook_delivery'),
    event_id: z.string().meta({ description: 'The header `webhook-id`: the same at every attempt.' }),
    type: z.enum(WEBHOOK_TYPES),
    status: z.enum(WEBHOOK_DELIVERY_STATUSES),
    attempts: z.int(),
    response_status: z.int().nullable().meta({ description: 'Of the last attempt; null without an answer.' }),
    error: z.string().nullable().meta({ description: 'Why the last attempt failed.' }),
    next_attempt_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDeliveryView = z.infer<typeof webhookDeliverySchema>;

export const webhookDeliveryListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(100).optional(),
});

export const webhookDeliveryListSchema = listOf(webhookDeliverySchema).meta({ id: 'WebhookDeliveryList' });

/** What every body begins with, as Standard Webhooks has it. */
const event = <Type extends WebhookType, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({
    type: z.literal(type),
    timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
    tenant_id: z.string(),
    data,
  });

export const budgetReachedEventSchema = event(
  'budget.reached',
  z.object({
    budget: z.object({
      id: z.string(),
      name: z.string(),
      scope: z.enum(BUDGET_SCOPES),
      subject: z.string().nullable(),
      period: z.enum(BUDGET_PERIODS),
      hard: z.boolean(),
    }),
    percent: z.int().meta({ description: '50, 80, 90 or 100: what of the limit was reached.' }),
    limit_usd: z.number(),
    spent_usd: z.number(),
    spent_nano_usd: z.int(),
    period_start: z.iso.datetime(),
    resets_at: z.iso.datetime(),
  }),
).meta({ id: 'BudgetReachedEvent' });
export type BudgetReachedEvent = z.infer<typeof budgetReachedEventSchema>;

export const webhookTestEventSchema = event('webhook.test', z.object({ message: z.string() })).meta({
  id: 'WebhookTestEvent',
});
export type WebhookTestEvent = z.infer<typeof webhookTestEventSchema>;
