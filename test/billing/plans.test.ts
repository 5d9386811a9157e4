import { env } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { billingUpkeep, endBilling } from '../../src/features/billing/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { atStripe, context, deliver, Shopper } from './stripe-hands.ts';

const MONTH_S = String(30 * 24 * 60 * 60 + 60);
let shopper: Shopper;
beforeEach(async () => {
  shopper = await Shopper.come();
});

const subscribe = async (body: object) => {
  const session = await shopper.buy({ buy: 'plan', ...body });
  await shopper.deliverAll();
  return session.subscription ?? '';
};

describe('a plan', () => {
  it('holds with its credit as soon as its invoice is paid, in whatever order that is told', async () => {
    const before = (await shopper.standing()).usd;
    await shopper.buy({ buy: 'plan', plan: 'team', seats: 3 });
    const events = await shopper.events();
    await deliver([...events].reverse());
    await deliver(events);
    expect(await shopper.standing()).toMatchObject({ usd: before + 15, plan: 'team', seats: 3 });
    const second = await shopper.ask('POST', '/v1/billing/checkout', { buy: 'plan', plan: 'pro' });
    expect(second.status).toBe(409);
  });

  it('that two checkouts bought at the same moment is had once: the second is refunded and ended, with its credit', async () => {
    const before = (await shopper.standing()).usd;
    const [first = '', second = ''] = await Promise.all([
      shopper.checkout({ buy: 'plan', plan: 'pro' }),
      shopper.checkout({ buy: 'plan', plan: 'pro' }),
    ]);
    await atStripe('pay', { id: first });
    await atStripe('pay', { id: second });
    await shopper.deliverAll();
    // What we did at Stripe comes back as events.
    await shopper.deliverAll();
    expect(await shopper.standing()).toMatchObject({ usd: before + 5, owed: 0, plan: 'pro' });
    const kinds = (await shopper.events()).map(({ type }) => type);
    expect(kinds.filter((type) => type === 'refund.created')).toHaveLength(1);
    expect(kinds.filter((type) => type === 'customer.subscription.deleted')).toHaveLength(1);
    const { body } = await shopper.ask('GET', '/v1/audit?action=subscription.surplus_ended');
    expect(body.data).toHaveLength(1);
  });

  it('that is refunded takes its month’s credit back, but makes no debt of credit that has ended', async () => {
    await subscribe({ plan: 'pro' });
    const { body } = await shopper.ask('GET', '/v1/billing/purchases');
    const [paid] = (await shopper.events())
      .filter(({ type }) => type === 'payment_intent.succeeded')
      .map(({ body: text }) => (JSON.parse(text) as { data: { object: { id: string } } }).data.object.id);
    expect(body.data).toMatchObject([{ kind: 'plan', status: 'paid' }]);
    const before = (await shopper.standing()).usd;
    await atStripe('refund', { id: paid ?? '', amount: '1000' });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBeCloseTo(before - 2.5, 6);
    await atStripe('advance', { seconds: MONTH_S });
    await atStripe('refund', { id: paid ?? '' });
    const seen = await shopper.standing();
    await shopper.deliverAll();
    // The renewal brought five dollars; the late refund took none of them.
    expect(await shopper.standing()).toMatchObject({ usd: seen.usd + 5, owed: 0 });
  });

  it('takes more seats at once, with credit for what is left of the month, or none when the bank refuses', async () => {
    const id = await subscribe({ plan: 'team', seats: 1 });
    const before = (await shopper.standing()).usd;
    const changed = await shopper.ask('PATCH', '/v1/billing/subscription', { seats: 2 });
    expect(changed.body).toMatchObject({ plan: 'team', seats: 2 });
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBeCloseTo(before + 5, 1);
    await atStripe('card', { id, refused: 'true' });
    const refused = await shopper.ask('PATCH', '/v1/billing/subscription', { seats: 9 });
    expect([refused.status, refused.body.code]).toEqual([402, 'payment_refused']);
    expect(await shopper.standing()).toMatchObject({ seats: 2 });
  });

  it('that is cancelled holds to the end of what was paid, and then becomes the free one', async () => {
    await subscribe({ plan: 'pro' });
    await shopper.ask('PATCH', '/v1/billing/subscription', { cancel_at_period_end: true });
    expect(await shopper.standing()).toMatchObject({ plan: 'pro' });
    await atStripe('advance', { seconds: MONTH_S });
    await shopper.deliverAll();
    expect(await shopper.standing()).toMatchObject({ plan: 'free' });
  });

  it('holds for a week after a payment failed, and again once it is paid', async () => {
    const id = await subscribe({ plan: 'pro' });
    await atStripe('card', { id, refused: 'true' });
    await atStripe('advance', { seconds: MONTH_S });
    await shopper.deliverAll();
    const { body } = await shopper.ask('GET', '/v1/billing/subscription');
    expect(body).toMatchObject({ plan: 'pro', status: 'past_due', grace_until: expect.any(String) });
    await atStripe('pay-open', { id });
    await shopper.deliverAll();
    expect((await shopper.ask('GET', '/v1/billing/subscription')).body).toMatchObject({
      status: 'active',
      grace_until: null,
    });
  });

  it('is the free one when the week is over and nothing was paid: cron sees to it, with no event', async () => {
    const id = await subscribe({ plan: 'pro' });
    await atStripe('card', { id, refused: 'true' });
    await atStripe('advance', { seconds: MONTH_S });
    await shopper.deliverAll();
    const { body } = await shopper.ask('GET', '/v1/billing/subscription');
    const end = Date.parse(String(body.grace_until));
    await billingUpkeep({ ...context(), clock: { now: () => end - 1 } });
    expect(await shopper.standing()).toMatchObject({ plan: 'pro' });
    await billingUpkeep({ ...context(), clock: { now: () => end + 1 } });
    expect(await shopper.standing()).toMatchObject({ plan: 'free' });
  });

  it('is managed in the portal, and has invoices', async () => {
    await subscribe({ plan: 'pro' });
    const opened = await shopper.ask('POST', '/v1/billing/portal', {});
    const page = await (await fetch(String(opened.body.url))).text();
    expect(page).toContain('Your subscription');
    const invoices = await shopper.ask('GET', '/v1/billing/invoices');
    expect(invoices.body).toMatchObject({ data: [{ status: 'paid', total_cents: 2_000 }] });
  });

  it('ends at Stripe when its tenant is deleted', async () => {
    await subscribe({ plan: 'pro' });
    await endBilling({ ...context(), env, clock: systemClock }, shopper.tenantId);
    await shopper.deliverAll();
    expect(await shopper.standing()).toMatchObject({ plan: 'free' });
  });
});

describe('an agreement beside a subscription', () => {
  // In this file, because its tests move the time of the Stripe that they all share.
  const atCron = (now: number) => billingUpkeep({ ...context(), clock: { now: () => now } });

  it('stands above it, leaves it as it is, and gives way to it at its end', async () => {
    await subscribe({ plan: 'pro' });
    const before = (await shopper.standing()).usd;
    expect((await shopper.agree({ plan: 'enterprise', seats: 9 })).body).toMatchObject({
      plan: 'enterprise',
      subscription: { plan: 'pro', status: 'active' },
    });
    // Whatever Stripe tells of the subscription again does not take the agreement's place.
    await shopper.deliverAll();
    await atStripe('advance', { seconds: String(31 * 24 * 60 * 60) });
    await shopper.deliverAll();
    // The subscription goes on, is paid, and brings its credit.
    expect(await shopper.standing()).toMatchObject({ plan: 'enterprise', seats: 9, usd: before + 5 });
    await shopper.agree({ plan: null });
    expect(await shopper.standing()).toMatchObject({ plan: 'pro', seats: 1 });
  });

  it('is not ended by the end of the subscription or a payment that failed', async () => {
    const id = await subscribe({ plan: 'pro' });
    const end = Date.now() + 300 * 24 * 60 * 60_000;
    await shopper.agree({ plan: 'team', seats: 4, ends_at: new Date(end).toISOString() });
    await atStripe('card', { id, refused: 'true' });
    await atStripe('advance', { seconds: String(31 * 24 * 60 * 60) });
    await shopper.deliverAll();
    const { body } = await shopper.ask('GET', '/v1/billing/subscription');
    const { grace_until } = body as unknown as { grace_until: string };
    await atCron(Date.parse(grace_until) + 1);
    expect(await shopper.standing()).toMatchObject({ plan: 'team', seats: 4 });
    // By then nothing is paid for any more.
    await atCron(end);
    expect(await shopper.standing()).toMatchObject({ plan: 'free', seats: 1 });
  });

  it('sells no other plan and no more seats meanwhile, but lets the subscription end, and credit be bought', async () => {
    await subscribe({ plan: 'pro' });
    await shopper.agree({ plan: 'enterprise' });
    const bought = await shopper.ask('POST', '/v1/billing/checkout', { buy: 'plan', plan: 'team' });
    expect([bought.status, bought.body.code]).toEqual([409, 'conflict']);
    expect((await shopper.ask('PATCH', '/v1/billing/subscription', { plan: 'team' })).status).toBe(409);
    expect(
      (await shopper.ask('PATCH', '/v1/billing/subscription', { cancel_at_period_end: true })).body,
    ).toMatchObject({ cancel_at_period_end: true, plan: 'enterprise' });
    await shopper.buy({ buy: 'pack', pack: 'pack_20' });
    const before = (await shopper.standing()).usd;
    await shopper.deliverAll();
    expect((await shopper.standing()).usd).toBe(before + 20);
  });
});
