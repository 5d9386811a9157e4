/** Webhooks: events posted, signed, to addresses that a tenant names. */
import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { budgetReachedEventSchema, webhookTestEventSchema } from '../../contracts/webhooks.ts';
import type { Operation } from '../../platform/http/operation.ts';
import { listWebhookDeliveries, testWebhookEndpoint } from './routes/deliveries.ts';
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  getWebhookEndpoint,
  listWebhookEndpoints,
  rotateWebhookSecret,
  updateWebhookEndpoint,
} from './routes/endpoints.ts';

export type { WebhookContext } from './context.ts';
export {
  deliver,
  forgetOldDeliveries,
  type OutgoingEvent,
  postEvent,
  type WebhookMessage,
  webhookMessageSchema,
} from './deliver.ts';

export const webhookOperations: readonly Operation[] = [
  createWebhookEndpoint,
  listWebhookEndpoints,
  getWebhookEndpoint,
  updateWebhookEndpoint,
  rotateWebhookSecret,
  deleteWebhookEndpoint,
  listWebhookDeliveries,
  testWebhookEndpoint,
];

/** Writes what is posted into the OpenAPI document, as its `webhooks`. */
export function registerWebhooks(registry: OpenAPIRegistry): void {
  const all = [
    ['budget.reached', 'A budget reached 50, 80, 90 or 100 % of its limit', budgetReachedEventSchema],
    ['webhook.test', 'A test that somebody asked for', webhookTestEventSchema],
  ] as const;
  for (const [path, summary, schema] of all)
    registry.registerWebhook({
      method: 'post',
      path,
      summary,
      request: { body: { required: true, content: { 'application/json': { schema } } } },
      responses: { '2XX': { description: 'It arrived. Anything else is posted again later.' } },
    });
}
