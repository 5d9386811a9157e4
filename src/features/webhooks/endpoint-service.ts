import { and, asc, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Principal } from '../../contracts/principal.ts';
import {
  type createWebhookEndpointRequestSchema,
  MAX_WEBHOOK_ENDPOINTS,
  type updateWebhookEndpointRequestSchema,
  type WebhookEndpointView,
} from '../../contracts/webhooks.ts';
import { iso } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { addressPolicyOf, refuseAddress } from '../../platform/guarded-fetch/index.ts';
import { newId } from '../../platform/ids.ts';
import { sealFor } from '../vault/index.ts';
import type { WebhookContext } from './context.ts';
import { type WebhookEndpointRow, webhookDeliveries, webhookEndpoints } from './schema.ts';
import { newSigningSecret } from './signing.ts';

/** A secret that was replaced signs as well for so long. Milliseconds. */
const PREVIOUS_MS = 24 * 60 * 60_000;

type Tenant = Pick<Principal, 'tenantId'>;

export interface MadeEndpoint {
  readonly view: WebhookEndpointView;
  readonly secret: string;
}

/** Makes an endpoint. Throws `invalid_parameter` for an address that is not called, `conflict` beyond `MAX_WEBHOOK_ENDPOINTS`, `unavailable` without a vault. */
export async function createEndpoint(
  context: WebhookContext,
  principal: Tenant,
  { url, name, events }: z.output<typeof createWebhookEndpointRequestSchema>,
): Promise<MadeEndpoint> {
  const { env, clock, config } = context;
  refuseAddress(url, addressPolicyOf(config), 'url');
  const db = tenantDb(env.DB, principal);
  // Two requests at once may both see the last place free: a bound on size, not on money.
  const existing = await db.select(webhookEndpoints, { limit: MAX_WEBHOOK_ENDPOINTS });
  if (existing.length >= MAX_WEBHOOK_ENDPOINTS)
    throw new ParallaxError(
      'conflict',
      `A tenant has at most ${MAX_WEBHOOK_ENDPOINTS} webhook endpoints. Delete one first.`,
    );
  const now = clock.now();
  const id = newId('webhookEndpoint', now);
  const secret = newSigningSecret();
  const sealed = await sealFor(context, sealedFor(principal, id, 1), secret);
  await db.insert(webhookEndpoints, [{ id, url, name, events, sealed, createdAt: now }]);
  return { view: endpointView(await requireEndpoint(context, principal, id)), secret };
}

/** A tenant's endpoints, oldest first. */
export async function listEndpoints(
  { env }: WebhookContext,
  principal: Tenant,
): Promise<WebhookEndpointRow[]> {
  return tenantDb(env.DB, principal).select(webhookEndpoints, {
    orderBy: asc(webhookEndpoints.id),
    limit: MAX_WEBHOOK_ENDPOINTS,
  });
}

/** Throws `not_found`. */
export async function requireEndpoint(
  { env }: WebhookContext,
  principal: Tenant,
  id: string,
): Promise<WebhookEndpointRow> {
  const row = await tenantDb(env.DB, principal).first(webhookEndpoints, eq(webhookEndpoints.id, id));
  if (row === undefined) throw new ParallaxError('not_found', 'There is no such webhook endpoint.');
  return row;
}

/** Changes an endpoint; turned on again it begins anew. Throws `not_found`, `invalid_parameter`. */
export async function updateEndpoint(
  context: WebhookContext,
  principal: Tenant,
  id: string,
  { enabled, ...changes }: z.output<typeof updateWebhookEndpointRequestSchema>,
): Promise<WebhookEndpointView> {
  if (changes.url !== undefined) refuseAddress(changes.url, addressPolicyOf(context.config), 'url');
  await requireEndpoint(context, principal, id);
  await tenantDb(context.env.DB, principal).update(
    webhookEndpoints,
    {
      ...(changes.url === undefined ? {} : { url: changes.url }),
      ...(changes.name === undefined ? {} : { name: changes.name }),
      ...(changes.events === undefined ? {} : { events: changes.events }),
      ...(enabled === undefined
        ? {}
        : { offBecause: enabled ? null : ('person' as const), failingSince: null }),
    },
    eq(webhookEndpoints.id, id),
  );
  return endpointView(await requireEndpoint(context, principal, id));
}

/** Puts another secret in the place of an endpoint's, which signs as well for a day. Throws `not_found`, `conflict` when it was done at the same time. */
export async function rotateSigningSecret(
  context: WebhookContext,
  principal: Tenant,
  id: string,
): Promise<MadeEndpoint> {
  const before = await requireEndpoint(context, principal, id);
  const version = before.version + 1;
  const secret = newSigningSecret();
  const changed = await tenantDb(context.env.DB, principal).update(
    webhookEndpoints,
    {
      sealed: await sealFor(context, sealedFor(principal, id, version), secret),
      version,
      previousSealed: before.sealed,
      previousUntil: context.clock.now() + PREVIOUS_MS,
    },
    and(eq(webhookEndpoints.id, id), eq(webhookEndpoints.version, before.version)),
  );
  if (changed === 0)
    throw new ParallaxError('conflict', 'The secret was rotated meanwhile. Look at it, and try again.');
  return { view: endpointView(await requireEndpoint(context, principal, id)), secret };
}

/** Deletes an endpoint with its deliveries; what is under way to it is dropped. Throws `not_found`. */
export async function deleteEndpoint(context: WebhookContext, principal: Tenant, id: string): Promise<void> {
  await requireEndpoint(context, principal, id);
  const db = tenantDb(context.env.DB, principal);
  await db.delete(webhookEndpoints, eq(webhookEndpoints.id, id));
  await db.delete(webhookDeliveries, eq(webhookDeliveries.endpointId, id));
}

export function endpointView(row: WebhookEndpointRow): WebhookEndpointView {
  return {
    id: row.id,
    object: 'webhook_endpoint',
    url: row.url,
    name: row.name,
    events: [...row.events],
    enabled: row.offBecause === null,
    off_because: row.offBecause,
    failing_since: row.failingSince === null ? null : iso(row.failingSince),
    created_at: iso(row.createdAt),
  };
}

export const sealedFor = ({ tenantId }: Tenant, id: string, version: number) =>
  ({ tenantId, kind: 'webhook_secret', id, version }) as const;
