import { env } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { consumeStripe } from '../../src/features/billing/index.ts';
import { call, OPERATOR_TOKEN } from '../../src/features/identity/test-support.ts';
import { keepDeadLetters } from '../../src/features/metering/index.ts';
import { context, type Delivery, Shopper } from './stripe-hands.ts';

/** A message of the queue, and what became of it. */
function message(eventId: string) {
  const done: string[] = [];
  return {
    done,
    one: {
      id: `message of ${eventId}`,
      body: { version: 1, eventId },
      ack: () => void done.push('ack'),
      retry: () => void done.push('retry'),
    },
  };
}

/** The event as the webhook stores it, without its message to the queue: what comes of that is under this test's control. */
async function store({ id, type, body }: Delivery): Promise<void> {
  await env.DB.prepare(
    'INSERT INTO stripe_events (id, type, payload, created_at, received_at) VALUES (?, ?, ?, ?, ?)',
  )
    .bind(id, type, body, Date.now(), Date.now())
    .run();
}

const stored = (id: string) =>
  env.DB.prepare('SELECT handled_at, attempts, last_error FROM stripe_events WHERE id = ?')
    .bind(id)
    .first<{ handled_at: number | null; attempts: number; last_error: string | null }>();

it('an event that cannot be handled comes again from the queue, ends in the dead letters, and is handled once when they are replayed', async () => {
  const shopper = await Shopper.come();
  await shopper.buy({ buy: 'pack', pack: 'pack_20' });
  const event = (await shopper.events()).find(({ type }) => type === 'payment_intent.succeeded');
  if (event === undefined) throw new Error('no event');
  await store(event);

  const { config, ...rest } = context();
  if (config.stripe === undefined) throw new Error('no Stripe');
  // Nobody listens there: Stripe cannot be reached.
  const away = { ...rest, config: { ...config, stripe: { ...config.stripe, apiUrl: 'http://127.0.0.1:9' } } };
  const failing = message(event.id);
  await consumeStripe(away, [failing.one]);
  expect(failing.done).toEqual(['retry']);
  expect(await stored(event.id)).toMatchObject({
    handled_at: null,
    attempts: 1,
    last_error: expect.any(String),
  });
  expect((await shopper.standing()).usd).toBe(0);

  // After ten times the queue gives up.
  const dead = message(event.id);
  await keepDeadLetters(env.DB, 'stripe', [dead.one], rest.clock, rest.log);
  expect(dead.done).toEqual(['ack']);
  const asOperator = { bearer: OPERATOR_TOKEN };
  const { body: listed } = await call('GET', '/v1/operator/dead-letters?queue=stripe', asOperator);
  expect(JSON.stringify(listed)).toContain(event.id);
  const { body } = await call('POST', '/v1/operator/dead-letters/replay', {
    ...asOperator,
    body: { queue: 'stripe' },
  });
  expect(body).toMatchObject({ queue: 'stripe', replayed: 1, remaining: false });
  await expect.poll(async () => (await shopper.standing()).usd, { timeout: 30_000 }).toBe(20);
  await expect
    .poll(async () => (await stored(event.id))?.handled_at ?? null, { timeout: 30_000 })
    .not.toBeNull();
  await shopper.deliverAll();
  expect((await shopper.standing()).usd).toBe(20);
}, 60_000);
