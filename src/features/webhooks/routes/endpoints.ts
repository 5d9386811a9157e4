import { z } from 'zod';
import type { WebhookEndpointView } from '../../../contracts/webhooks.ts';
import {
  createdWebhookEndpointSchema,
  createWebhookEndpointRequestSchema,
  deletedWebhookEndpointSchema,
  updateWebhookEndpointRequestSchema,
  webhookEndpointListSchema,
  webhookEndpointSchema,
} from '../../../contracts/webhooks.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { contextOf, TAG } from '../context.ts';
import {
  createEndpoint,
  deleteEndpoint,
  endpointView,
  listEndpoints,
  requireEndpoint,
  rotateSigningSecret,
  updateEndpoint,
} from '../endpoint-service.ts';

export const endpointParams = z.object({ id: z.string().max(100) });
const one = { description: 'The endpoint, without its secret.', schema: webhookEndpointSchema };
const withSecret = {
  description: 'The endpoint with its signing secret, which is not shown again.',
  schema: createdWebhookEndpointSchema,
};

export const createWebhookEndpoint = operation({
  operationId: 'createWebhookEndpoint',
  method: 'post',
  path: '/v1/webhook-endpoints',
  tag: TAG,
  summary: 'Have events posted to an address',
  description:
    'Each event is posted as JSON and signed as Standard Webhooks has it; what is not answered with a 2xx is posted again, eight times in a day and a quarter.',
  access: { kind: 'principal', permission: 'webhooks:write' },
  body: createWebhookEndpointRequestSchema,
  responses: { 201: withSecret },
  errors: [409, 503],
  async handler({ c, principal, body }) {
    const { view, secret } = await createEndpoint(contextOf(c), principal, body);
    await recordAudit(auditOf(c, principal), {
      action: 'webhook_endpoint.created',
      object: { type: 'webhook_endpoint', id: view.id },
      after: ruleOf(view),
    });
    return c.json({ ...view, secret }, 201);
  },
});

export const listWebhookEndpoints = operation({
  operationId: 'listWebhookEndpoints',
  method: 'get',
  path: '/v1/webhook-endpoints',
  tag: TAG,
  summary: 'List webhook endpoints',
  access: { kind: 'principal', permission: 'webhooks:read' },
  responses: { 200: { description: 'All endpoints, oldest first.', schema: webhookEndpointListSchema } },
  async handler({ c, principal }) {
    const rows = await listEndpoints(contextOf(c), principal);
    return c.json({ object: 'list', data: rows.map(endpointView) });
  },
});

export const getWebhookEndpoint = operation({
  operationId: 'getWebhookEndpoint',
  method: 'get',
  path: '/v1/webhook-endpoints/{id}',
  tag: TAG,
  summary: 'Look up a webhook endpoint',
  access: { kind: 'principal', permission: 'webhooks:read' },
  params: endpointParams,
  responses: { 200: one },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    return c.json(endpointView(await requireEndpoint(contextOf(c), principal, id)));
  },
});

export const updateWebhookEndpoint = operation({
  operationId: 'updateWebhookEndpoint',
  method: 'patch',
  path: '/v1/webhook-endpoints/{id}',
  tag: TAG,
  summary: 'Change a webhook endpoint, or turn it off or on',
  access: { kind: 'principal', permission: 'webhooks:write' },
  params: endpointParams,
  body: updateWebhookEndpointRequestSchema,
  responses: { 200: one },
  errors: [404],
  async handler({ c, principal, params: { id }, body }) {
    const before = endpointView(await requireEndpoint(contextOf(c), principal, id));
    const after = await updateEndpoint(contextOf(c), principal, id, body);
    await recordAudit(auditOf(c, principal), {
      action: 'webhook_endpoint.changed',
      object: { type: 'webhook_endpoint', id },
      before: ruleOf(before),
      after: ruleOf(after),
    });
    return c.json(after);
  },
});

export const rotateWebhookSecret = operation({
  operationId: 'rotateWebhookSecret',
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/rotate',
  tag: TAG,
  summary: 'Replace the signing secret',
  description: 'For a day what is posted is signed with both, so that a receiver can change over.',
  access: { kind: 'principal', permission: 'webhooks:write' },
  params: endpointParams,
  responses: { 200: withSecret },
  errors: [404, 409, 503],
  async handler({ c, principal, params: { id } }) {
    const { view, secret } = await rotateSigningSecret(contextOf(c), principal, id);
    await recordAudit(auditOf(c, principal), {
      action: 'webhook_endpoint.rotated',
      object: { type: 'webhook_endpoint', id },
      after: ruleOf(view),
    });
    return c.json({ ...view, secret });
  },
});

export const deleteWebhookEndpoint = operation({
  operationId: 'deleteWebhookEndpoint',
  method: 'delete',
  path: '/v1/webhook-endpoints/{id}',
  tag: TAG,
  summary: 'Delete a webhook endpoint',
  description: 'What is under way to it is dropped.',
  access: { kind: 'principal', permission: 'webhooks:write' },
  params: endpointParams,
  responses: { 200: { description: 'It is gone.', schema: deletedWebhookEndpointSchema } },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    const before = endpointView(await requireEndpoint(contextOf(c), principal, id));
    await deleteEndpoint(contextOf(c), principal, id);
    await recordAudit(auditOf(c, principal), {
      action: 'webhook_endpoint.deleted',
      object: { type: 'webhook_endpoint', id },
      before: ruleOf(before),
    });
    return c.json({ id, object: 'webhook_endpoint', deleted: true });
  },
});

/** What a person set: this is what the audit log compares. */
function ruleOf({ failing_since: _, ...rule }: WebhookEndpointView) {
  return rule;
}
