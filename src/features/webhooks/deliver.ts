import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Principal } from '../../contracts/principal.ts';
import type { WebhookDeliveryView, WebhookType } from '../../contracts/webhooks.ts';
import { iso } from '../../platform/clock.ts';
import { deleteOlder, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { addressPolicyOf, guardedFetch } from '../../platform/guarded-fetch/index.ts';
import { newId } from '../../platform/ids.ts';
import { addNotice } from '../notices/index.ts';
import { openFor } from '../vault/index.ts';
import { afterAttempt } from './attempts.ts';
import type { WebhookContext } from './context.ts';
import { listEndpoints, sealedFor } from './endpoint-service.ts';
import {
  type WebhookDeliveryRow,
  type WebhookEndpointRow,
  webhookDeliveries,
  webhookEndpoints,
} from './schema.ts';
import { signedHeaders } from './signing.ts';

/** How long deliveries are kept. */
export const DELIVERY_RETENTION_DAYS = 30;
/** An endpoint that takes longer has not answered. Milliseconds. */
const TIMEOUT_MS = 15_000;

type Tenant = Pick<Principal, 'tenantId'>;

/** Says to the queue that a delivery is to be made. */
export const webhookMessageSchema = z.object({
  version: z.literal(1),
  kind: z.literal('webhook'),
  tenantId: z.string(),
  deliveryId: z.string(),
});
export type WebhookMessage = z.infer<typeof webhookMessageSchema>;

/** An event as receivers get it. `id` is the same however often the same is told: each endpoint gets it as one delivery. */
export interface OutgoingEvent {
  readonly id: string;
  readonly body: { readonly type: WebhookType };
}

/**
 * Has an event posted to the endpoints that want it, or to one alone. May stop anywhere and be repeated: a delivery has its row before the queue is told of it, and
 * what arrived is not posted again. Throws what the queue throws.
 */
export async function postEvent(
  context: WebhookContext,
  principal: Tenant,
  event: OutgoingEvent,
  only?: string,
): Promise<void> {
  const { type } = event.body;
  const wanted = (await listEndpoints(context, principal)).filter((endpoint) =>
    only === undefined
      ? endpoint.offBecause === null && endpoint.events.some((one) => one === type)
      : endpoint.id === only,
  );
  const db = tenantDb(context.env.DB, principal);
  const now = context.clock.now();
  for (const endpoint of wanted) {
    await db.insert(webhookDeliveries, [
      {
        id: newId('webhookDelivery', now),
        endpointId: endpoint.id,
        eventId: event.id,
        type,
        body: JSON.stringify(event.body),
        status: 'pending',
        attempts: 0,
        nextAttemptAt: now,
        createdAt: now,
        updatedAt: now,
      },
    ]);
    const row = await db.first(
      webhookDeliveries,
      and(eq(webhookDeliveries.endpointId, endpoint.id), eq(webhookDeliveries.eventId, event.id)),
    );
    if (row?.status === 'pending') await sayTo(context, principal, row.id);
  }
}

function sayTo({ env }: WebhookContext, { tenantId }: Tenant, deliveryId: string) {
  const message: WebhookMessage = { version: 1, kind: 'webhook', tenantId, deliveryId };
  return env.OUTGOING_QUEUE.send(message, { contentType: 'json' });
}

/**
 * Makes an attempt at a delivery. Returns the seconds until the next, null when there is none. A machine that stops between post and row posts again, under the same
 * `webhook-id`. Throws what the database throws.
 */
export async function deliver(
  context: WebhookContext,
  { tenantId, deliveryId }: WebhookMessage,
): Promise<number | null> {
  const db = tenantDb(context.env.DB, { tenantId });
  const delivery = await db.first(webhookDeliveries, eq(webhookDeliveries.id, deliveryId));
  if (delivery?.status !== 'pending') return null;
  const endpoint = await db.first(webhookEndpoints, eq(webhookEndpoints.id, delivery.endpointId));
  if (endpoint === undefined) return null;
  if (endpoint.offBecause !== null && delivery.type !== 'webhook.test') {
    await write(context, delivery, { status: 'failed', error: 'The endpoint is turned off.' });
    return null;
  }
  const { status, error } = await post(context, endpoint, delivery);
  const now = context.clock.now();
  const attempts = delivery.attempts + 1;
  const failingSince = endpoint.failingSince ?? now;
  const after = afterAttempt({ attempts, status, failingSince, now });
  const known = { attempts, responseStatus: status, error };
  if (after.kind === 'delivered') {
    if (endpoint.failingSince !== null) await setEndpoint(context, endpoint, { failingSince: null });
    await write(context, delivery, { ...known, status: 'delivered' });
    return null;
  }
  if (endpoint.failingSince === null) await setEndpoint(context, endpoint, { failingSince });
  if (after.kind === 'again') {
    await write(context, delivery, { ...known, status: 'pending', nextAttemptAt: now + after.delayS * 1000 });
    return after.delayS;
  }
  if (after.turnOff !== null) await setEndpoint(context, endpoint, { offBecause: after.turnOff });
  await tellOfFailure(context, endpoint, after.turnOff, now);
  await write(context, delivery, { ...known, status: 'failed' });
  return null;
}

async function post(
  context: WebhookContext,
  endpoint: WebhookEndpointRow,
  { eventId, body }: WebhookDeliveryRow,
): Promise<{ readonly status: number | null; readonly error: string | null }> {
  const now = context.clock.now();
  const secrets = [
    await openFor(context, sealedFor(endpoint, endpoint.id, endpoint.version), endpoint.sealed),
  ];
  const { previousSealed, previousUntil } = endpoint;
  if (previousSealed !== null && previousUntil !== null && previousUntil > now)
    secrets.push(
      await openFor(context, sealedFor(endpoint, endpoint.id, endpoint.version - 1), previousSealed),
    );
  const headers = await signedHeaders({ id: eventId, body, now }, secrets);
  try {
    const { status } = await guardedFetch(
      endpoint.url,
      { method: 'POST', headers, body },
      { ...addressPolicyOf(context.config), timeoutMs: TIMEOUT_MS, maxBytes: 0, contentTypes: 'none' },
    );
    const arrived = status >= 200 && status < 300;
    return { status, error: arrived ? null : `It answered with status ${status}.` };
  } catch (error) {
    if (error instanceof ParallaxError) return { status: null, error: inWords(error.message) };
    throw error;
  }
}

/** What the guarded client says, which reads where this posts. Pure. */
const inWords = (message: string) => message.replace(/^The address could not be read\. /, '');

function write(
  { env, clock }: WebhookContext,
  { tenantId, id }: WebhookDeliveryRow,
  changes: Partial<WebhookDeliveryRow>,
): Promise<number> {
  return tenantDb(env.DB, { tenantId }).update(
    webhookDeliveries,
    { nextAttemptAt: null, updatedAt: clock.now(), ...changes },
    eq(webhookDeliveries.id, id),
  );
}

function setEndpoint(
  { env }: WebhookContext,
  { tenantId, id }: WebhookEndpointRow,
  changes: Partial<WebhookEndpointRow>,
): Promise<number> {
  return tenantDb(env.DB, { tenantId }).update(webhookEndpoints, changes, eq(webhookEndpoints.id, id));
}

/** Says in the web app that an event did not arrive: once a day for an endpoint, and when it was turned off. */
function tellOfFailure(
  { env }: WebhookContext,
  { tenantId, id, name }: WebhookEndpointRow,
  turnedOff: 'gone' | 'failing' | null,
  now: number,
): Promise<void> {
  const what =
    turnedOff === null
      ? 'An event could not be delivered in eight attempts.'
      : turnedOff === 'gone'
        ? 'It answered that nothing is wanted there any more (410 Gone), and was turned off.'
        : 'Nothing arrived there for five days, and it was turned off.';
  return addNotice(
    env.DB,
    { tenantId },
    {
      id: `webhook/${id}/${turnedOff ?? iso(now).slice(0, 10)}`,
      audience: 'managers',
      kind: 'webhook',
      title: `Webhook “${name}” does not take events`,
      body: what,
      link: '/webhooks',
      at: now,
    },
  );
}

/** An endpoint's deliveries, newest first. */
export async function listDeliveries(
  { env }: WebhookContext,
  principal: Tenant,
  endpointId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly data: WebhookDeliveryView[]; readonly nextCursor: string | null }> {
  const rows = await tenantDb(env.DB, principal).select(webhookDeliveries, {
    where: and(
      eq(webhookDeliveries.endpointId, endpointId),
      cursor === undefined ? undefined : lt(webhookDeliveries.id, cursor),
    ),
    orderBy: desc(webhookDeliveries.id),
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  return {
    data: page.map(deliveryView),
    nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

function deliveryView(row: WebhookDeliveryRow): WebhookDeliveryView {
  return {
    id: row.id,
    object: 'webhook_delivery',
    event_id: row.eventId,
    type: row.type,
    status: row.status,
    attempts: row.attempts,
    response_status: row.responseStatus,
    error: row.error,
    next_attempt_at: row.nextAttemptAt === null ? null : iso(row.nextAttemptAt),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

/** Deletes deliveries that are past their time. */
export async function forgetOldDeliveries(d1: D1Database, now: number): Promise<void> {
  const age = DELIVERY_RETENTION_DAYS * 24 * 60 * 60_000;
  await deleteOlder(d1, webhookDeliveries, webhookDeliveries.createdAt, now - age);
}
