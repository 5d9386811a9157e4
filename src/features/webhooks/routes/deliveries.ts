import { z } from 'zod';
import {
  type WebhookTestEvent,
  webhookDeliveryListQuerySchema,
  webhookDeliveryListSchema,
} from '../../../contracts/webhooks.ts';
import { iso } from '../../../platform/clock.ts';
import { operation } from '../../../platform/http/operation.ts';
import { newId } from '../../../platform/ids.ts';
import { contextOf, TAG } from '../context.ts';
import { listDeliveries, postEvent } from '../deliver.ts';
import { requireEndpoint } from '../endpoint-service.ts';
import { endpointParams } from './endpoints.ts';

export const listWebhookDeliveries = operation({
  operationId: 'listWebhookDeliveries',
  method: 'get',
  path: '/v1/webhook-endpoints/{id}/deliveries',
  tag: TAG,
  summary: 'What was posted to an endpoint, and how it went',
  description: 'Newest first; kept for 30 days.',
  access: { kind: 'principal', permission: 'webhooks:read' },
  params: endpointParams,
  query: webhookDeliveryListQuerySchema,
  responses: { 200: { description: 'A page of deliveries.', schema: webhookDeliveryListSchema } },
  errors: [404],
  async handler({ c, principal, params: { id }, query }) {
    await requireEndpoint(contextOf(c), principal, id);
    const { data, nextCursor } = await listDeliveries(contextOf(c), principal, id, query);
    return c.json({ object: 'list', data, has_more: nextCursor !== null, next_cursor: nextCursor });
  },
});

export const testWebhookEndpoint = operation({
  operationId: 'testWebhookEndpoint',
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/test',
  tag: TAG,
  summary: 'Post a test event to an endpoint',
  description: 'Also to one that is turned off. How it went stands in its deliveries within seconds.',
  access: { kind: 'principal', permission: 'webhooks:write' },
  params: endpointParams,
  responses: {
    202: { description: 'It is on its way.', schema: z.object({ event_id: z.string() }) },
  },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    await requireEndpoint(contextOf(c), principal, id);
    const now = c.var.clock.now();
    const body: WebhookTestEvent = {
      type: 'webhook.test',
      timestamp: iso(now),
      tenant_id: principal.tenantId,
      data: { message: 'A test. Nothing happened.' },
    };
    const event = { id: newId('event', now), body };
    await postEvent(contextOf(c), principal, event, id);
    return c.json({ event_id: event.id }, 202);
  },
});
