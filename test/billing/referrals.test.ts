import { env, evictDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { REFERRAL_TERMS } from '../../src/contracts/referrals.ts';
import { billingUpkeep, lookAtPayment } from '../../src/features/billing/index.ts';
import {
  Browser,
  mailTo,
  PASSWORD,
  signedIn,
  tokenIn,
} from '../../src/features/identity/accounts/test-browser.ts';
import { actFor, memberOf, somebody } from '../../src/features/identity/people-and-tenants.fixture.ts';
import { callLedger } from '../../src/features/metering/index.ts';
import { atStripe, context, deliver, Shopper } from './stripe-hands.ts';

interface Referrals {
  readonly code: string;
  readonly link: string;
  readonly earned_nano_usd: number;
  readonly earned_this_month: number;
  readonly data: readonly { readonly status: string; readonly earned_nano_usd: number }[];
  readonly claim: { readonly status: string } | null;
  readonly can_claim_until: string | null;
}

const DAY_MS = 24 * 60 * 60_000;
let referrer: Shopper;
let newcomer: Shopper;
beforeEach(async () => {
  [referrer, newcomer] = [await Shopper.come(), await Shopper.come()];
});

const referrals = async (of: Shopper): Promise<Referrals> =>
  (await of.ask('GET', '/v1/referrals')).body as unknown as Referrals;
const claim = async (who = newcomer, code?: string) =>
  who.ask('POST', '/v1/referrals/claim', { code: code ?? (await referrals(referrer)).code });
const pack = { buy: 'pack', pack: 'pack_20' };
const both = async () => [(await referrer.standing()).usd, (await newcomer.standing()).usd];

describe('a referral', () => {
  it('gives both sides their bonus with the first payment, once, and tells the referrer nothing of who it was', async () => {
    expect((await claim()).status).toBe(200);
    expect(await both()).toEqual([0, 0]);
    expect((await referrals(referrer)).data).toMatchObject([{ status: 'waiting', earned_nano_usd: 0 }]);
    await newcomer.buy(pack);
    expect(await both()).toEqual([0, 0]);
    await newcomer.deliverAll();
    expect(await both()).toEqual([REFERRAL_TERMS.referrerUsd, 20 + REFERRAL_TERMS.referredUsd]);
    await newcomer.buy(pack);
    await newcomer.deliverAll();
    await newcomer.deliverAll();
    expect(await both()).toEqual([REFERRAL_TERMS.referrerUsd, 40 + REFERRAL_TERMS.referredUsd]);
    const told = await referrals(referrer);
    expect(told).toMatchObject({ earned_nano_usd: 5e9, earned_this_month: 1, data: [{ status: 'earned' }] });
    const transactions = await referrer.ask('GET', '/v1/credits/transactions');
    const seen = JSON.stringify([told, transactions.body]);
    expect(seen).toContain('somebody who came with your code');
    expect(seen).not.toContain(newcomer.tenantId);
    expect(seen).not.toContain(newcomer.person.email);
    const credits = await newcomer.ask('GET', '/v1/credits');
    expect((credits.body as unknown as { buckets: object[] }).buckets).toContainEqual(
      expect.objectContaining({ kind: 'bonus', left_usd: 5, expires_at: expect.any(String) }),
    );
  });

  it('of a plan counts as well, and its events in the wrong order', async () => {
    await claim();
    await newcomer.buy({ buy: 'plan', plan: 'pro' });
    const events = await newcomer.events();
    await deliver([...events].reverse());
    await deliver(events);
    expect(await both()).toEqual([5, 5 + 5]);
  });

  it('is taken back with the payment, and comes back when the dispute is won', async () => {
    await claim();
    const { payment_intent: id = '' } = await newcomer.buy(pack);
    await newcomer.deliverAll();
    const dispute = await atStripe('dispute', { id });
    await newcomer.deliverAll();
    expect(await both()).toEqual([0, 0]);
    expect((await referrals(referrer)).data).toMatchObject([{ status: 'taken_back', earned_nano_usd: 0 }]);
    await atStripe('close-dispute', { id: dispute.id, status: 'won' });
    await newcomer.deliverAll();
    expect(await both()).toEqual([5, 25]);
  });

  it('that was spent makes no debt when the payment is refunded, and no other payment brings another', async () => {
    await claim();
    const { payment_intent: id = '' } = await newcomer.buy(pack);
    await newcomer.deliverAll();
    const { tenantId } = referrer;
    const spent = { id: 'spent', cost: 3e9, reference: { type: 'run', id: 'spent' }, reason: 'Run' };
    await callLedger(env, tenantId, (ledger) => ledger.settle({ tenantId, ...spent }));
    await atStripe('refund', { id });
    await newcomer.deliverAll();
    expect(await referrer.standing()).toMatchObject({ usd: 0, owed: 0 });
    expect(await newcomer.standing()).toMatchObject({ usd: 0, owed: 0 });
    // Another payment is not the first.
    await newcomer.buy(pack);
    await newcomer.deliverAll();
    expect(await both()).toEqual([0, 20]);
  });

  it('survives a machine that stops after it was decided: cron tells the ledgers', async () => {
    await claim();
    await newcomer.buy(pack);
    await newcomer.deliverAll();
    // As it is when the machine stopped before the ledgers heard of it.
    await env.DB.prepare('UPDATE referral_claims SET told = 0 WHERE tenant_id = ?')
      .bind(newcomer.tenantId)
      .run();
    await evictDurableObject(env.TENANT_LEDGER.getByName(referrer.tenantId));
    await billingUpkeep(context());
    expect(await both()).toEqual([5, 25]);
    const row = await env.DB.prepare('SELECT told, step FROM referral_claims WHERE tenant_id = ?')
      .bind(newcomer.tenantId)
      .first();
    expect(row).toEqual({ told: 1, step: 1 });
  });

  it('is decided once by ten looks at the same moment', async () => {
    await claim();
    const { payment_intent: id = '' } = await newcomer.buy(pack);
    await Promise.allSettled(Array.from({ length: 10 }, () => lookAtPayment(context(), id)));
    await lookAtPayment(context(), id);
    expect(await both()).toEqual([5, 25]);
  });
});

describe('a code', () => {
  it('of a sign-up is taken with the account, also when nobody looked before the payment', async () => {
    const { code, link } = await referrals(referrer);
    expect(link).toContain(`/sign-up?ref=${code}`);
    const browser = new Browser();
    const email = `grace-${crypto.randomUUID()}@example.com`;
    const signUp = { name: 'Grace', email, password: PASSWORD, referral: code.toLowerCase() };
    expect((await browser.post('/auth/sign-up', signUp)).status).toBe(202);
    await browser.post('/auth/verify-email', { token: tokenIn(await mailTo(email, /Confirm/)) });
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    const { body } = await browser.get('/v1/session');
    const grace = new Shopper({ browser, email, userId: body.person.id }, body.tenant.id);
    const before = (await grace.standing()).usd;
    await grace.buy(pack);
    await grace.deliverAll();
    expect((await grace.standing()).usd).toBe(before + 25);
    expect((await referrer.standing()).usd).toBe(5);
    expect(await referrals(grace)).toMatchObject({ claim: { status: 'earned' }, can_claim_until: null });
  });

  it('of a sign-up is shown to its referrer by cron, and one that is nobody’s is forgotten', async () => {
    const { code } = await referrals(referrer);
    for (const [name, given] of [
      ['Grace', code],
      ['Hedy', '2222222222'],
    ] as const) {
      const browser = new Browser();
      const email = `${name.toLowerCase()}-${crypto.randomUUID()}@example.com`;
      await browser.post('/auth/sign-up', { name, email, password: PASSWORD, referral: given });
      await browser.post('/auth/verify-email', { token: tokenIn(await mailTo(email, /Confirm/)) });
      await browser.post('/auth/sign-in', { email, password: PASSWORD });
    }
    await billingUpkeep(context());
    expect((await referrals(referrer)).data).toMatchObject([{ status: 'waiting' }]);
    const left = await env.DB.prepare('SELECT count(*) AS n FROM sign_up_codes').first<{ n: number }>();
    expect(left?.n).toBe(0);
  });

  it('is given once: the same again changes nothing, another is refused', async () => {
    expect((await claim()).status).toBe(200);
    expect((await claim()).status).toBe(200);
    const third = await Shopper.come();
    const { body, status } = await claim(newcomer, (await referrals(third)).code);
    expect([status, body.code]).toEqual([409, 'conflict']);
    expect((await referrals(third)).data).toEqual([]);
  });

  it.each([
    ['nobody has', '2222222222', 404],
    ['is none', 'x', 422],
    ['is markup', '<script>', 422],
  ])('that %s is refused', async (_, code, status) => {
    expect((await claim(newcomer, code)).status).toBe(status);
  });

  it('is given before the first payment, and within the days of the terms', async () => {
    await env.DB.prepare('UPDATE tenants SET created_at = created_at - ? WHERE id = ?')
      .bind((REFERRAL_TERMS.claimDays + 1) * DAY_MS, newcomer.tenantId)
      .run();
    expect((await claim()).body).toMatchObject({ code: 'conflict', reason: 'too_late' });
    expect((await referrals(newcomer)).can_claim_until).toBeNull();
    const third = await Shopper.come();
    await third.buy(pack);
    await third.deliverAll();
    expect((await claim(third)).body).toMatchObject({ code: 'conflict', reason: 'paid' });
  });
});

describe('threat: a bonus for oneself', () => {
  it('with one’s own code, or that of another tenant that one is in', async () => {
    expect((await claim(referrer)).body).toMatchObject({ code: 'conflict', reason: 'own' });
    const person = await memberOf(referrer.person, referrer.tenantId);
    const { body } = await person.browser.post('/v1/tenants', { name: 'Another' });
    await actFor(person, body.id);
    expect((await claim(new Shopper(person, body.id))).body).toMatchObject({
      code: 'conflict',
      reason: 'own',
    });
  });

  it('with an address that leads to the same mailbox', async () => {
    const twin = new Browser();
    await signedIn(twin, referrer.person.email.replace('@', '+twin@'));
    const session = (await twin.get('/v1/session')).body;
    const other = new Shopper({ browser: twin, email: '', userId: session.person.id }, session.tenant.id);
    expect((await claim(other)).body).toMatchObject({ code: 'conflict', reason: 'own' });
  });

  it('by joining each other only after the code was given', async () => {
    await claim();
    const guest = await somebody();
    for (const { tenantId } of [referrer, newcomer])
      await env.DB.prepare("INSERT INTO members VALUES (?, ?, 'member', ?)")
        .bind(tenantId, guest.userId, Date.now())
        .run();
    await newcomer.buy(pack);
    await newcomer.deliverAll();
    expect(await both()).toEqual([0, 20]);
    expect((await referrals(referrer)).data).toMatchObject([{ status: 'not_counted' }]);
  });

  it('with the same card', async () => {
    const card = `card-${crypto.randomUUID()}`;
    await claim();
    await referrer.buy(pack, { card });
    await referrer.deliverAll();
    await newcomer.buy(pack, { card });
    await newcomer.deliverAll();
    expect(await both()).toEqual([20, 20]);
  });

  it('with tenant after tenant of one person', async () => {
    await claim();
    await newcomer.buy(pack);
    await newcomer.deliverAll();
    const { body } = await newcomer.ask('POST', '/v1/tenants', { name: 'Second' });
    await actFor(newcomer.person, body.id);
    const second = new Shopper(newcomer.person, body.id);
    expect((await claim(second)).status).toBe(200);
    await second.buy(pack, { card: `card-${crypto.randomUUID()}` });
    await second.deliverAll();
    expect((await second.standing()).usd).toBe(20);
    expect((await referrer.standing()).usd).toBe(5);
  });

  it('with a payment that is too small: the first that is not counts', async () => {
    await claim();
    await newcomer.buy({ buy: 'credit', amount_cents: REFERRAL_TERMS.leastPaymentCents - 1 });
    await newcomer.deliverAll();
    expect((await both())[0]).toBe(0);
    await newcomer.buy({ buy: 'credit', amount_cents: REFERRAL_TERMS.leastPaymentCents });
    await newcomer.deliverAll();
    expect((await both())[0]).toBe(5);
  });

  it('more often in a month than the terms say: who comes still gets theirs', async () => {
    const { code } = await referrals(referrer);
    await env.DB.batch(
      Array.from({ length: REFERRAL_TERMS.mostAMonth }, (_, n) =>
        env.DB.prepare(
          'INSERT INTO referral_claims (tenant_id, id, referrer_id, claimed_at, step, told, referrer_nano, earned_at) VALUES (?, ?, ?, ?, 1, 1, 1, ?)',
        ).bind(`ten_${crypto.randomUUID()}`, `ref_${n}`, referrer.tenantId, Date.now(), Date.now()),
      ),
    );
    await claim(newcomer, code);
    await newcomer.buy(pack);
    await newcomer.deliverAll();
    expect(await both()).toEqual([0, 25]);
  });
});
