import { env } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CheckoutRequest } from '../../src/contracts/billing.ts';
import { beginCheckout } from '../../src/features/billing/checkout.ts';
import { fetchMissedEvents } from '../../src/features/billing/index.ts';
import { differencesOfAll } from '../worker/reconcile-all.ts';
import { atStripe, context, deliver, flagsOf, handle, Shopper, send } from './stripe-hands.ts';

let shopper: Shopper;
beforeEach(async () => {
  shopper = await Shopper.come();
});

describe('a pack', () => {
  it('is credited by the webhook, and not by coming back', async () => {
    const before = (await shopper.standing()).usd;
    await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    expect((await shopper.standing()).usd).toBe(before);
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 20);
  });

  it('is credited once, whatever comes twice and backwards', async () => {
    const before = (await shopper.standing()).usd;
    await shopper.buy({ buy: 'pack', pack: 'pack_40' });
    const events = await shopper.events();
    await deliver([...events].reverse());
    await deliver(events);
    expect((await shopper.standing()).usd).toBe(before + 40);
  });

  it('that is bought twice is credited twice', async () => {
    const before = (await shopper.standing()).usd;
    await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 40);
  });

  it('whose webhooks were all lost is found by cron, once', async () => {
    const before = (await shopper.standing()).usd;
    await shopper.buy({ buy: 'credit', amount_cents: 1234 });
    expect(await fetchMissedEvents(context())).toBeGreaterThan(0);
    for (const { id } of await shopper.events()) await handle(id);
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBeCloseTo(before + 12.34, 9);
  });

  it('makes one customer, however many checkouts begin at once', async () => {
    await Promise.all([1, 2, 3].map(() => shopper.checkout({ buy: 'pack', pack: 'pack_20' })));
    const { results } = await env.DB.prepare('SELECT id FROM billing_customers WHERE tenant_id = ?')
      .bind(shopper.tenantId)
      .all();
    expect(results).toHaveLength(1);
  });

  it.each([
    { buy: 'credit', amount_cents: 499 },
    { buy: 'credit', amount_cents: -2000 },
    { buy: 'credit', amount_cents: 1000.5 },
    { buy: 'credit', amount_cents: 1_000_001 },
    { buy: 'pack', pack: 'pack_1' },
    { buy: 'plan', plan: 'enterprise' },
    { buy: 'plan', plan: 'team', seats: 0 },
    { buy: 'plan', plan: 'pro', seats: 2 },
  ])('is not sold as %o', async (body) => {
    expect((await shopper.ask('POST', '/v1/billing/checkout', body)).status).toBe(422);
  });
});

describe('where Stripe adds tax', () => {
  /** What a deployment with STRIPE_TAX begins; the webhooks are the same. */
  const taxed = (body: CheckoutRequest) => {
    const { config, ...rest } = context();
    if (config.stripe === undefined) throw new Error('no Stripe');
    const { tenantId, person } = shopper;
    return beginCheckout(
      { ...rest, config: { ...config, stripe: { ...config.stripe, tax: true } } },
      { tenantId, userId: person.userId },
      body,
      { origin: 'https://parallax.example', onceKey: crypto.randomUUID() },
    );
  };

  it('it is paid and buys no credit; of a part that goes back the credit goes in proportion', async () => {
    const before = (await shopper.standing()).usd;
    const session = await taxed({ buy: 'pack', pack: 'pack_20' });
    expect(session.amount_total).toBe(2_380);
    const { payment_intent: id = '' } = await atStripe<Record<string, string>>('pay', { id: session.id });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 20);
    await atStripe('refund', { id, amount: '1190' });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 10);
  });

  it('a plan gives what it gives without', async () => {
    const before = (await shopper.standing()).usd;
    const session = await taxed({ buy: 'plan', plan: 'pro', seats: 1 });
    expect(session.amount_total).toBe(2_380);
    await atStripe('pay', { id: session.id });
    await shopper.deliverAll();
    expect(await shopper.standing()).toMatchObject({ usd: before + 5, plan: 'pro' });
    const { body } = await shopper.ask('GET', '/v1/billing/invoices');
    expect(JSON.stringify(body)).toContain('2380');
  });
});

describe('money that goes back', () => {
  it('is taken from the credit, in parts and once each', async () => {
    const before = (await shopper.standing()).usd;
    const { payment_intent: id = '' } = await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    await atStripe('refund', { id, amount: '500' });
    await atStripe('refund', { id, amount: '700' });
    await shopper.deliverAll();
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 8);
    const { body } = await shopper.ask('GET', '/v1/billing/purchases');
    expect(JSON.stringify(body)).toContain('"status":"partly_refunded"');
  });

  it('that is more than was paid is flagged, and takes nothing', async () => {
    const before = (await shopper.standing()).usd;
    const { payment_intent: id = '' } = await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    const refund = await atStripe('refund', { id, amount: '5000', force: 'true' });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 20);
    expect(await flagsOf(refund.id)).toContain('refund_exceeds_purchase');
  });

  it('is frozen while disputed, comes back when the dispute is won, and stays away when it is lost', async () => {
    const before = (await shopper.standing()).usd;
    const first = await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    const second = await shopper.buy({ buy: 'pack', pack: 'pack_40' });
    const won = await atStripe('dispute', { id: first.payment_intent ?? '' });
    const lost = await atStripe('dispute', { id: second.payment_intent ?? '' });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before);
    expect((await shopper.ask('GET', '/v1/billing/subscription')).body).toMatchObject({ open_dispute: true });
    await atStripe('close-dispute', { id: won.id, status: 'won' });
    await atStripe('close-dispute', { id: lost.id, status: 'lost' });
    await deliver((await shopper.events()).reverse());
    // Events that were handled are left alone; the new ones came first.
    expect((await shopper.standing()).usd).toBe(before + 20);
  });
});

describe('a refund that fails later', () => {
  it('gives the credit back, once, and the next refund takes it again, in whatever order that is told', async () => {
    const before = (await shopper.standing()).usd;
    const { payment_intent: id = '' } = await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    const first = await atStripe('refund', { id });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before);
    await atStripe('fail-refund', { id: first.id });
    await deliver((await shopper.events()).reverse());
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 20);
    await atStripe('refund', { id });
    await shopper.deliverAll();
    expect(await shopper.standing()).toMatchObject({ usd: before, owed: 0 });
  });

  it('changes nothing when it was never seen to succeed', async () => {
    const before = (await shopper.standing()).usd;
    const { payment_intent: id = '' } = await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    const refund = await atStripe('refund', { id, amount: '700' });
    await atStripe('fail-refund', { id: refund.id });
    await shopper.deliverAll();
    expect(await shopper.standing()).toMatchObject({ usd: before + 20, owed: 0 });
  });
});

describe('the list of purchases', () => {
  it('leaves none out that were seen in the same millisecond', async () => {
    for (let i = 0; i < 3; i++) await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    await shopper.deliverAll();
    await env.DB.prepare('UPDATE billing_purchases SET created_at = 1800000000000 WHERE tenant_id = ?')
      .bind(shopper.tenantId)
      .run();
    const ids: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 3; page++) {
      const { body } = await shopper.ask('GET', `/v1/billing/purchases?limit=1${cursor}`);
      ids.push(...body.data.map(({ id }) => id));
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(new Set(ids).size).toBe(3);
    expect(cursor).toBe('&cursor=null');
  });
});

describe('a customer that was deleted at Stripe', () => {
  it('loses the plan, keeps the credit, and buys again as another', async () => {
    const old = await (async () => {
      await shopper.buy({ buy: 'plan', plan: 'pro' });
      await shopper.buy({ buy: 'pack', pack: 'pack_20' });
      await shopper.deliverAll();
      return shopper.customer();
    })();
    const before = await shopper.standing();
    await atStripe('delete-customer', { id: old });
    await deliver(await atStripe('events', { customer: old }));
    expect(await shopper.standing()).toMatchObject({ usd: before.usd, plan: 'free' });
    await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    expect(await shopper.customer()).not.toBe(old);
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before.usd + 20);
  });
});

describe('threat', () => {
  it('a forged, stale or missing signature, or another body under a good one', async () => {
    await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    const [event] = await shopper.events();
    if (event === undefined) throw new Error('no event');
    const { body, signature } = event;
    expect((await send(body, null)).status).toBe(400);
    expect((await send(body, signature.replace(/v1=.{4}/, 'v1=0000'))).status).toBe(400);
    expect((await send(body.replace('"livemode":false', '"livemode":true'), signature)).status).toBe(400);
    const customer = await shopper.customer();
    const at = String(Math.floor(Date.now() / 1000) - 3600);
    const [stale] = await atStripe<{ body: string; signature: string }[]>('events', { customer, at });
    expect((await send(stale?.body ?? '', stale?.signature ?? '')).status).toBe(400);
    expect((await send('x'.repeat(600_000), signature)).status).toBe(413);
  });

  it('a payment in a currency that we do not sell in', async () => {
    const before = (await shopper.standing()).usd;
    const { payment_intent: id = '' } = await shopper.buy(
      { buy: 'pack', pack: 'pack_20' },
      { currency: 'jpy' },
    );
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before);
    expect(await flagsOf(id)).toEqual(['currency']);
  });

  it('a payment of somebody else’s customer for one’s own checkout', async () => {
    const other = await Shopper.come();
    const before = [(await shopper.standing()).usd, (await other.standing()).usd];
    const mine = await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    await env.DB.prepare('UPDATE billing_checkouts SET tenant_id = ? WHERE id = ?')
      .bind(other.tenantId, mine.id ?? '')
      .run();
    await shopper.deliverAll();
    expect([(await shopper.standing()).usd, (await other.standing()).usd]).toEqual(before);
    expect(await flagsOf(mine.payment_intent ?? '')).toEqual(['unknown_payer']);
  });

  it('an event of a type that nobody knows is kept, and changes nothing', async () => {
    const body = JSON.stringify({
      id: `evt_${crypto.randomUUID()}`,
      object: 'event',
      type: 'planet.aligned',
      created: 1,
      data: { object: { id: 'planet_1' } },
    });
    const { signature } = await atStripe<{ signature: string }>('sign', { body });
    expect((await send(body, signature)).status).toBe(200);
    expect(await handle((JSON.parse(body) as { id: string }).id)).toBe(true);
  });
});

it('all of this leaves ledgers and purchases that agree, but for what was refunded beyond what was paid', async () => {
  // 50 dollars went back of 20 that were paid: flagged above, and nothing was taken.
  await expect
    .poll(differencesOfAll, { timeout: 15_000, interval: 1_000 })
    .toEqual([['refunds_differ', 50e9]]);
});
