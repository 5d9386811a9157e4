import { env } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { billingUpkeep } from '../../src/features/billing/index.ts';
import { call, OPERATOR_TOKEN } from '../../src/features/identity/test-support.ts';
import { context, Shopper } from './stripe-hands.ts';

const DAY_MS = 24 * 60 * 60_000;
let shopper: Shopper;
beforeEach(async () => {
  shopper = await Shopper.come();
});

const agree = (body: object, key?: string) => shopper.agree(body, key);
const atTime = (now: number) => billingUpkeep({ ...context(), clock: { now: () => now } });

describe('a plan by agreement', () => {
  it('holds at once for a tenant that never bought anything, and until it is ended', async () => {
    const agreed = await agree({ plan: 'enterprise', seats: 40 });
    expect(agreed).toMatchObject({
      status: 200,
      body: {
        plan: 'enterprise',
        seats: 40,
        agreement: { plan: 'enterprise', ends_at: null, reason: 'Contract 42' },
        subscription: null,
      },
    });
    expect(await shopper.standing()).toMatchObject({ plan: 'enterprise', seats: 40 });
    expect((await shopper.ask('GET', '/v1/billing/subscription')).body).toMatchObject({
      plan: 'enterprise',
      agreed: true,
    });
    expect((await agree({ plan: null })).body).toMatchObject({ plan: 'free', seats: 1, agreement: null });
    expect(await shopper.standing()).toMatchObject({ plan: 'free', seats: 1 });
    const { body } = await shopper.ask('GET', '/v1/audit?limit=100');
    const actions = body.data.map(({ action }) => action);
    expect(actions).toContain('plan.agreed');
    expect(actions).toContain('plan.agreement_ended');
  });

  it('ends by itself on its day: cron sees to it', async () => {
    const end = Date.now() + 30 * DAY_MS;
    await agree({ plan: 'team', seats: 3, ends_at: new Date(end).toISOString() });
    await atTime(end - 1);
    expect(await shopper.standing()).toMatchObject({ plan: 'team', seats: 3 });
    await atTime(end);
    expect(await shopper.standing()).toMatchObject({ plan: 'free', seats: 1 });
  });

  it('that a machine wrote down before it stopped is told to the ledger by cron', async () => {
    await env.DB.prepare(
      "INSERT INTO billing_agreements VALUES (?, ?, 'enterprise', 5, NULL, 'Stopped', ?, ?)",
    )
      .bind(crypto.randomUUID(), shopper.tenantId, Date.now(), Date.now())
      .run();
    expect(await shopper.standing()).toMatchObject({ plan: 'free' });
    await atTime(Date.now() + 1);
    expect(await shopper.standing()).toMatchObject({ plan: 'enterprise', seats: 5 });
  });

  it('changes nothing when it is told again late, and is refused with other content', async () => {
    await agree({ plan: 'enterprise' }, 'first');
    await agree({ plan: 'team', seats: 2 }, 'second');
    expect((await agree({ plan: 'enterprise' }, 'first')).status).toBe(200);
    expect(await shopper.standing()).toMatchObject({ plan: 'team', seats: 2 });
    const other = await agree({ plan: 'pro' }, 'first');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_mismatch']);
  });

  it.each([
    { plan: 'free' },
    { plan: 'gold' },
    { plan: 'pro', seats: 2 },
    { plan: 'team', seats: 0 },
    { plan: 'team', ends_at: '2020-01-01T00:00:00Z' },
    { plan: null, ends_at: '2090-01-01T00:00:00Z' },
    { plan: 'team', reason: '' },
  ])('is not made as %o', async (body) => {
    expect((await agree(body)).status).toBe(422);
    expect(await shopper.standing()).toMatchObject({ plan: 'free' });
  });

  it('is nobody’s to make but the operator’s, and of no tenant that is not there', async () => {
    const path = `/v1/operator/tenants/${shopper.tenantId}/plan`;
    const own = await shopper.ask('POST', path, { plan: 'enterprise', reason: 'Mine' });
    expect([401, 403]).toContain(own.status);
    const nobody = await call('POST', '/v1/operator/tenants/ten_none/plan', {
      bearer: OPERATOR_TOKEN,
      body: { plan: 'enterprise', reason: 'Nobody' },
    });
    expect(nobody.status).toBe(404);
  });
});
