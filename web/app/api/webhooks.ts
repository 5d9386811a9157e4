import type { z } from 'zod';
import type {
  createdWebhookEndpointSchema,
  createWebhookEndpointRequestSchema,
  updateWebhookEndpointRequestSchema,
  WebhookDeliveryView,
  WebhookEndpointView,
  webhookEndpointListSchema,
} from '../../../src/contracts/webhooks.ts';
import { ask } from './client.ts';
import type { Page } from './pages-of.ts';

export type CreatedEndpoint = z.infer<typeof createdWebhookEndpointSchema>;
export type NewEndpoint = z.input<typeof createWebhookEndpointRequestSchema>;
export type EndpointChanges = z.input<typeof updateWebhookEndpointRequestSchema>;

const at = (id: string) => `/v1/webhook-endpoints/${encodeURIComponent(id)}`;

export const listEndpoints = (signal?: AbortSignal) =>
  ask<z.infer<typeof webhookEndpointListSchema>>('GET', '/v1/webhook-endpoints', { signal });

export const readEndpoint = (id: string, signal?: AbortSignal) =>
  ask<WebhookEndpointView>('GET', at(id), { signal });

export const createEndpoint = (body: NewEndpoint) =>
  ask<CreatedEndpoint>('POST', '/v1/webhook-endpoints', { body });

export const updateEndpoint = (id: string, body: EndpointChanges) =>
  ask<WebhookEndpointView>('PATCH', at(id), { body });

export const rotateSigningSecret = (id: string) => ask<CreatedEndpoint>('POST', `${at(id)}/rotate`);

export const deleteEndpoint = (id: string) => ask<{ id: string }>('DELETE', at(id));

export const sendTestEvent = (id: string) => ask<{ event_id: string }>('POST', `${at(id)}/test`);

export const listDeliveries = (id: string, cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<WebhookDeliveryView>>('GET', `${at(id)}/deliveries`, { query: { limit: 50, cursor }, signal });
