import { env } from 'cloudflare:test';
import { and, eq } from 'drizzle-orm';
import { Webhook } from 'standardwebhooks';
import { describe, expect, inject, it } from 'vitest';
import { type Client, newTenant } from '../../../test/worker/client.ts';
import type { WebhookDeliveryView, WebhookEndpointView } from '../../contracts/webhooks.ts';
import { configOf } from '../../env.ts';
import { systemClock } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { createLogger } from '../../platform/log.ts';
import { ATTEMPT_DELAYS_S } from './attempts.ts';
import { deliver, forgetOldDeliveries, postEvent, type WebhookContext } from './index.ts';
import { webhookDeliveries, webhookEndpoints } from './schema.ts';

const [here] = inject('strangersPages');
const DAY = 24 * 60 * 60_000;

const hook = (name: string) => `${here}/hook?name=${name}`;
const answers = (name: string, status: number) => fetch(`${here}/hook-answers?name=${name}&status=${status}`);
interface Posted {
  readonly headers: Record<string, string>;
  readonly body: string;
}
const posted = async (name: string) =>
  (await (await fetch(`${here}/hooks?name=${name}`)).json()) as readonly Posted[];

const context = (now?: number): WebhookContext => ({
  // What is told to the queue here is attempted by the test itself.
  env: { DB: env.DB, OUTGOING_QUEUE: { send: async () => undefined } as unknown as Queue },
  config: configOf(env),
  clock: now === undefined ? systemClock : { now: () => now },
  log: createLogger({}, () => undefined),
});

type Made = WebhookEndpointView & { readonly secret: string };

async function endpoint(client: Client, more: object = {}): Promise<Made> {
  const response = await client.fetch('/v1/webhook-endpoints', {
    body: { name: 'Ours', url: 'https://example.com/hook', ...more },
  });
  expect(response.status).toBe(201);
  return response.json<Made>();
}

const shown = async (client: Client, id: string) =>
  (await client.fetch(`/v1/webhook-endpoints/${id}`)).json<WebhookEndpointView>();
const deliveries = async (client: Client, id: string, query = '') =>
  (await client.fetch(`/v1/webhook-endpoints/${id}/deliveries${query}`)).json<{
    data: WebhookDeliveryView[];
    next_cursor: string | null;
  }>();

/** Has a budget's event posted, without the queue; says which delivery it is. */
async function begun(client: Client, endpointId: string, id = newId('event')): Promise<string> {
  const { tenantId } = client;
  await postEvent(context(), { tenantId }, { id, body: { type: 'budget.reached' } });
  const row = await tenantDb(env.DB, { tenantId }).first(
    webhookDeliveries,
    and(eq(webhookDeliveries.endpointId, endpointId), eq(webhookDeliveries.eventId, id)),
  );
  if (row === undefined) throw new Error('no delivery');
  return row.id;
}

const attempt = ({ tenantId }: Client, deliveryId: string, now?: number) =>
  deliver(context(now), { version: 1, kind: 'webhook', tenantId, deliveryId });

describe.concurrent('a webhook endpoint', () => {
  it('gets a test event through the queue, signed with the secret that was shown once', async ({
    expect,
  }) => {
    const client = await newTenant();
    const name = crypto.randomUUID();
    const { secret, ...made } = await endpoint(client, { url: hook(name) });
    const answer = await client.fetch(`/v1/webhook-endpoints/${made.id}/test`, { method: 'POST' });
    expect(answer.status).toBe(202);
    const { event_id } = await answer.json<{ event_id: string }>();
    await expect.poll(async () => (await posted(name)).length, { timeout: 20_000 }).toBe(1);
    const [{ headers, body }] = (await posted(name)) as [Posted];
    expect(headers['webhook-id']).toBe(event_id);
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: 'webhook.test',
      tenant_id: client.tenantId,
    });
    await expect
      .poll(async () => (await deliveries(client, made.id)).data, { timeout: 20_000 })
      .toMatchObject([
        { event_id, type: 'webhook.test', status: 'delivered', attempts: 1, response_status: 204 },
      ]);
    expect(await shown(client, made.id)).toEqual(made);
    const { results } = await env.DB.prepare('SELECT * FROM webhook_endpoints WHERE id = ?')
      .bind(made.id)
      .all();
    expect(JSON.stringify(results)).not.toContain(secret.slice(6));
  });

  it('that does not answer is asked eight times, later and later, and then its owner is told', async ({
    expect,
  }) => {
    const client = await newTenant();
    const name = crypto.randomUUID();
    const { id } = await endpoint(client, { url: hook(name) });
    await answers(name, 503);
    const delivery = await begun(client, id);
    let now = Date.now();
    for (const delayS of ATTEMPT_DELAYS_S) {
      expect(await attempt(client, delivery, now)).toBe(delayS);
      now += delayS * 1000;
    }
    expect((await shown(client, id)).failing_since).not.toBeNull();
    expect(await attempt(client, delivery, now)).toBeNull();
    expect(await attempt(client, delivery, now)).toBeNull();
    expect((await posted(name)).length).toBe(8);
    const ids = (await posted(name)).map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    expect((await deliveries(client, id)).data).toMatchObject([
      { status: 'failed', attempts: 8, response_status: 503, next_attempt_at: null },
    ]);
    const { data } = await (await client.fetch('/v1/notices')).json<{
      data: { kind: string; link: string }[];
    }>();
    expect(data).toMatchObject([{ kind: 'webhook', link: '/webhooks' }]);
    // It is there again, and so is the endpoint.
    await answers(name, 200);
    expect(await attempt(client, await begun(client, id))).toBeNull();
    expect(await shown(client, id)).toMatchObject({ enabled: true, failing_since: null });
  });

  it('at which nothing arrived for five days is turned off, and gets what happens again when it is turned on', async ({
    expect,
  }) => {
    const client = await newTenant();
    const { id } = await endpoint(client, { url: 'http://127.0.0.1:1/' });
    const delivery = await begun(client, id);
    const other = await begun(client, id);
    const db = tenantDb(env.DB, client);
    await db.update(webhookDeliveries, { attempts: 7 }, eq(webhookDeliveries.id, delivery));
    await db.update(webhookEndpoints, { failingSince: Date.now() - 5 * DAY }, eq(webhookEndpoints.id, id));
    expect(await attempt(client, delivery)).toBeNull();
    expect(await shown(client, id)).toMatchObject({ enabled: false, off_because: 'failing' });
    expect(await attempt(client, other)).toBeNull();
    expect((await deliveries(client, id)).data).toMatchObject([
      { status: 'failed', attempts: 0, error: 'The endpoint is turned off.' },
      { status: 'failed', attempts: 8, response_status: null },
    ]);
    await expect(begun(client, id)).rejects.toThrow('no delivery');
    const name = crypto.randomUUID();
    const change = await client.fetch(`/v1/webhook-endpoints/${id}`, {
      method: 'PATCH',
      body: { enabled: true, url: hook(name) },
    });
    expect(await change.json()).toMatchObject({ enabled: true, off_because: null, failing_since: null });
    expect(await attempt(client, await begun(client, id))).toBeNull();
    expect((await posted(name)).length).toBe(1);
  });

  it('that says 410 is turned off at once', async ({ expect }) => {
    const client = await newTenant();
    const name = crypto.randomUUID();
    const { id } = await endpoint(client, { url: hook(name) });
    await answers(name, 410);
    expect(await attempt(client, await begun(client, id))).toBeNull();
    expect(await shown(client, id)).toMatchObject({ enabled: false, off_because: 'gone' });
  });

  it('gets an event once however often it is told, and redirects are not followed', async ({ expect }) => {
    const client = await newTenant();
    const name = crypto.randomUUID();
    const { id } = await endpoint(client, { url: hook(name) });
    const event = newId('event');
    const first = await begun(client, id, event);
    expect(await begun(client, id, event)).toBe(first);
    await attempt(client, first);
    await attempt(client, first);
    expect((await posted(name)).length).toBe(1);
    const url = `${here}/redirect?status=307&to=${encodeURIComponent(hook(name))}`;
    await client.fetch(`/v1/webhook-endpoints/${id}`, { method: 'PATCH', body: { url } });
    expect(await attempt(client, await begun(client, id))).toBe(ATTEMPT_DELAYS_S[0]);
    expect((await posted(name)).length).toBe(1);
    const page = await deliveries(client, id, '?limit=1');
    expect(page.data).toMatchObject([{ status: 'pending', response_status: null }]);
    expect((await deliveries(client, id, `?limit=1&cursor=${page.next_cursor}`)).data).toMatchObject([
      { event_id: event },
    ]);
  });

  it('signs with the old secret and the new for a day after it was rotated', async ({ expect }) => {
    const client = await newTenant();
    const name = crypto.randomUUID();
    const { id, secret } = await endpoint(client, { url: hook(name) });
    const rotated = await client.fetch(`/v1/webhook-endpoints/${id}/rotate`, { method: 'POST' });
    const { secret: next } = await rotated.json<Made>();
    expect(next).not.toBe(secret);
    const accepted = async (now?: number) => {
      const before = (await posted(name)).length;
      await attempt(client, await begun(client, id), now);
      const { headers, body } = (await posted(name))[before] as Posted;
      return [secret, next].map((one) => {
        const signed = headers['webhook-signature']?.split(' ') ?? [];
        const at = new Date(Number(headers['webhook-timestamp']) * 1000);
        return signed.includes(new Webhook(one).sign(headers['webhook-id'] ?? '', at, body));
      });
    };
    expect(await accepted()).toEqual([true, true]);
    expect(await accepted(Date.now() + DAY + 1000)).toEqual([false, true]);
  });

  it('is at a public address over https on a deployment, has a bound on their number, and is forgotten whole', async ({
    expect,
  }) => {
    const client = await newTenant();
    for (const url of [
      'ftp://example.com',
      'no address',
      'http://user:pass@example.com/',
      'https://10.0.0.1/',
    ])
      expect((await client.fetch('/v1/webhook-endpoints', { body: { name: 'Bad', url } })).status).toBe(422);
    const made = [];
    for (let count = 0; count < 10; count++) made.push(await endpoint(client));
    const beyond = await client.fetch('/v1/webhook-endpoints', {
      body: { name: 'One more', url: 'https://example.com/' },
    });
    expect(beyond.status).toBe(409);
    const [{ id }] = made as [Made];
    const delivery = await begun(client, id);
    expect((await client.fetch(`/v1/webhook-endpoints/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await client.fetch(`/v1/webhook-endpoints/${id}`)).status).toBe(404);
    expect(await attempt(client, delivery)).toBeNull();
    const list = await (await client.fetch('/v1/webhook-endpoints')).json<{ data: unknown[] }>();
    expect(list.data.length).toBe(9);
  });

  it('is written down in the audit log without its secret or its address', async ({ expect }) => {
    const client = await newTenant();
    const { id, secret } = await endpoint(client, { url: 'https://example.com/services/token' });
    await client.fetch(`/v1/webhook-endpoints/${id}/rotate`, { method: 'POST' });
    await client.fetch(`/v1/webhook-endpoints/${id}`, { method: 'PATCH', body: { name: 'New' } });
    await client.fetch(`/v1/webhook-endpoints/${id}`, { method: 'DELETE' });
    const text = await (await client.fetch('/v1/audit?action=webhook_endpoint.*')).text();
    const { data } = JSON.parse(text) as { data: { action: string; changed: unknown }[] };
    expect(data.map(({ action }) => action.split('.')[1])).toEqual([
      'deleted',
      'changed',
      'rotated',
      'created',
    ]);
    expect(text).not.toContain('example.com');
    expect(text).not.toContain(secret);
  });
});

describe('deliveries', () => {
  it('are forgotten after thirty days', async () => {
    const client = await newTenant();
    const { id } = await endpoint(client);
    await begun(client, id);
    await forgetOldDeliveries(env.DB, Date.now() + 30 * DAY - 60_000);
    expect((await deliveries(client, id)).data.length).toBe(1);
    await forgetOldDeliveries(env.DB, Date.now() + 30 * DAY + 1000);
    expect((await deliveries(client, id)).data.length).toBe(0);
  });
});
