import { env, runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { consumeStripe } from '../../src/features/billing/index.ts';
import { mailsTo } from '../../src/features/identity/accounts/test-browser.ts';
import { callLedger } from '../../src/features/metering/index.ts';
import { unwrap } from '../../src/platform/errors.ts';
import { atStripe, context, Shopper } from './stripe-hands.ts';

const HOUR = 60 * 60_000;
const SETTINGS = { enabled: true, threshold_cents: 500, amount_cents: 2_000, monthly_cap_cents: 5_000 };
let shopper: Shopper;

beforeEach(async () => {
  shopper = await Shopper.come();
  await shopper.buy({ buy: 'credit', amount_cents: 500, save_card: true });
  await shopper.deliverAll();
});

/** Spends all but so many dollars. */
let spent = 0;
async function leave(usd: number): Promise<void> {
  const { tenantId } = shopper;
  const amount = Math.round(((await shopper.standing()).usd - usd) * 1e9);
  if (amount <= 0) return;
  spent += 1;
  const reference = { type: 'test', id: `spent-${spent}` };
  unwrap(
    await callLedger(env, tenantId, (ledger) =>
      ledger.debit({ tenantId, id: `spent-${spent}`, amount, reference, reason: 'Spent' }),
    ),
  );
}

/** Tells billing that credit is low, as the ledger does; how many messages were taken. */
async function tell(times = 1, now = Date.now()): Promise<number> {
  let taken = 0;
  const message = () => ({
    id: crypto.randomUUID(),
    body: { version: 1, lowCredit: shopper.tenantId },
    ack: () => {
      taken += 1;
    },
    retry: () => undefined,
  });
  const at = { ...context(), clock: { now: () => now } };
  await Promise.all(Array.from({ length: times }, () => consumeStripe(at, [message()])));
  return taken;
}

/** Payments at Stripe that were begun automatically, by how they ended. */
async function payments(): Promise<string[]> {
  const events = await shopper.events();
  return events
    .filter(({ type, body }) => type.startsWith('payment_intent.') && body.includes('parallax_top_up'))
    .map(({ type }) => type.replace('payment_intent.', ''));
}

const turnOn = (changes: object = {}) =>
  shopper.ask('PUT', '/v1/billing/top-up', { ...SETTINGS, ...changes });
const settings = async () => (await shopper.ask('GET', '/v1/billing/top-up')).body;

describe('an automatic top-up', () => {
  it('charges the saved card once, however often and at once it is told, and credits by the webhook alone', async () => {
    expect((await turnOn()).body).toMatchObject({ enabled: true, under_way: false });
    await tell();
    expect(await payments()).toEqual([]);
    await leave(4);
    await tell(8);
    await tell(3);
    expect(await payments()).toEqual(['succeeded']);
    expect((await shopper.standing()).usd).toBeCloseTo(4, 6);
    expect(await settings()).toMatchObject({ under_way: true, charged_this_month_cents: 2_000 });
    await shopper.deliverAll();
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBeCloseTo(24, 6);
    expect(await settings()).toMatchObject({ under_way: false, charged_this_month_cents: 2_000 });
    await tell(3);
    expect(await payments()).toEqual(['succeeded']);
  });

  it('is begun by the ledger’s own alarm, with no request that could be cut', async () => {
    await turnOn();
    await leave(4);
    const stub = env.TENANT_LEDGER.getByName(shopper.tenantId);
    await runDurableObjectAlarm(stub);
    for (let look = 0; look < 100 && (await payments()).length === 0; look++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await payments()).toEqual(['succeeded']);
  });

  it('never charges more than the cap in a month', async () => {
    await turnOn();
    for (let i = 0; i < 4; i++) {
      await leave(1);
      await tell(2);
      await shopper.deliverAll();
    }
    expect(await payments()).toEqual(['succeeded', 'succeeded']);
    expect(await settings()).toMatchObject({ charged_this_month_cents: 4_000, enabled: true });
  });

  it('that a machine left half-way is gone on with, under the same key: one payment', async () => {
    await turnOn();
    await leave(4);
    await tell();
    // As if it had stopped after Stripe was asked and before the answer was written down.
    await env.DB.prepare('UPDATE billing_top_up_charges SET payment_id = NULL WHERE tenant_id = ?')
      .bind(shopper.tenantId)
      .run();
    await tell(2);
    expect(await payments()).toEqual(['succeeded']);
    // No webhook ever came: what became of the payment is asked.
    await tell(2, Date.now() + HOUR / 6);
    expect((await shopper.standing()).usd).toBeCloseTo(24, 6);
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBeCloseTo(24, 6);
  });

  it('that the bank refuses is tried again after one hour and six, then it is off and the owner is told', async () => {
    await turnOn();
    await leave(4);
    await atStripe('card', { id: await shopper.customer(), refused: 'true' });
    const now = Date.now();
    await tell(3, now);
    expect(await payments()).toEqual(['payment_failed']);
    await tell(2, now + HOUR - 1);
    expect(await payments()).toHaveLength(1);
    await tell(2, now + HOUR);
    await tell(2, now + 7 * HOUR);
    await tell(2, now + 30 * HOUR);
    expect(await payments()).toEqual(['payment_failed', 'payment_failed', 'payment_failed']);
    expect(await settings()).toMatchObject({
      enabled: false,
      stopped: 'payment_refused',
      charged_this_month_cents: 0,
    });
    await expect
      .poll(
        async () =>
          (await mailsTo(shopper.person.email)).filter(({ subject }) => /top-ups are off/.test(subject))
            .length,
        { timeout: 20_000 },
      )
      .toBe(1);
    const { body } = await shopper.ask('GET', '/v1/audit?action=top_up.*');
    expect(body.data.map(({ action }) => action)).toEqual([
      'top_up.stopped',
      'top_up.refused',
      'top_up.refused',
      'top_up.refused',
      'top_up.set',
    ]);
  });

  it('needs a saved card, sane figures, and the owner', async () => {
    const other = await Shopper.come();
    const answer = await other.ask('PUT', '/v1/billing/top-up', SETTINGS);
    expect([answer.status, answer.body.reason]).toEqual([409, 'no_card']);
    for (const bad of [
      { amount_cents: 499 },
      { amount_cents: 1000.5 },
      { threshold_cents: -1 },
      { monthly_cap_cents: 1_999 },
    ])
      expect((await turnOn(bad)).status).toBe(422);
    expect(await settings()).toMatchObject({ enabled: false });
  });

  it('is refunded like any purchase', async () => {
    await turnOn();
    await leave(4);
    await tell();
    await shopper.deliverAll();
    const { body } = await shopper.ask('GET', '/v1/billing/purchases');
    const bought = body.data.find(({ paid_cents }) => paid_cents === 2_000);
    await atStripe('refund', { id: String(bought?.id) });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBeCloseTo(4, 6);
  });
});
