import { env, evictDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { OPENING_CREDIT_DAYS, PLANS } from '../../src/contracts/plans.ts';
import { Browser, signedIn } from '../../src/features/identity/accounts/test-browser.ts';
import { somebody, tenantOf } from '../../src/features/identity/people-and-tenants.fixture.ts';
import { callLedger } from '../../src/features/metering/index.ts';
import { unwrap } from '../../src/platform/errors.ts';
import { newTenant } from '../worker/client.ts';

const ONE_DOLLAR = PLANS.free.openingCreditUsd * 1e9;

const standing = async (tenantId: string) =>
  unwrap(await callLedger(env, tenantId, (ledger) => ledger.standing(tenantId)));

/** Somebody's own tenant, which their first sign-in made. */
async function ownTenantOf(browser: Browser): Promise<string> {
  const { body } = await browser.get('/v1/session');
  return body.tenant.id;
}

describe('the credit that one begins with', () => {
  it('is a dollar, promotional, that ends, in a person’s own tenant', async () => {
    const { browser } = await somebody();
    const before = Date.now();
    const { body } = await browser.get('/v1/credits');
    expect(body).toMatchObject({
      balance_usd: PLANS.free.openingCreditUsd,
      buckets: [{ id: 'opening', kind: 'promotional', expires_at: expect.any(String) }],
    });
    const { buckets } = await standing(await ownTenantOf(browser));
    const days = ((buckets[0]?.expiresAt ?? 0) - before) / (24 * 60 * 60_000);
    expect(days).toBeGreaterThanOrEqual(OPENING_CREDIT_DAYS);
    expect(days).toBeLessThan(OPENING_CREDIT_DAYS + 1);
  });

  it('is there once, however many ask first at once, and after an eviction', async () => {
    const { browser } = await somebody();
    const tenantId = await ownTenantOf(browser);
    await Promise.all(Array.from({ length: 5 }, () => standing(tenantId)));
    await evictDurableObject(env.TENANT_LEDGER.getByName(tenantId));
    expect(await standing(tenantId)).toMatchObject({ balance: ONE_DOLLAR, seq: 1 });
  });
});

describe('threat: a person who wants it again', () => {
  it('with ten tenants', async () => {
    const person = await somebody();
    const own = await ownTenantOf(person.browser);
    const others: string[] = [];
    for (let i = 0; i < 9; i++) others.push(await tenantOf(person));
    // The others are asked first: which of them somebody opens first is theirs to choose.
    for (const id of others) expect((await standing(id)).balance).toBe(0);
    expect((await standing(own)).balance).toBe(ONE_DOLLAR);
  });

  it('with an address that leads to the same mailbox', async () => {
    const name = `ada${crypto.randomUUID().slice(0, 8)}`;
    const browsers = [new Browser(), new Browser()];
    const addresses = [`${name}@gmail.com`, `${name.slice(0, 3)}.${name.slice(3)}+two@googlemail.com`];
    const balances: number[] = [];
    for (const [i, browser] of browsers.entries()) {
      await signedIn(browser, addresses[i]);
      balances.push((await standing(await ownTenantOf(browser))).balance);
    }
    expect(balances).toEqual([ONE_DOLLAR, 0]);
  });

  it('with a new account at the same address, after the old one was deleted', async () => {
    const first = new Browser();
    const { email } = await signedIn(first);
    const { body } = await first.get('/v1/session');
    expect((await standing(body.tenant.id)).balance).toBe(ONE_DOLLAR);
    // What deleting an account leaves of it: nothing that carries the address.
    await env.DB.prepare('UPDATE users SET email = ? WHERE id = ?')
      .bind(`gone-${crypto.randomUUID()}@example.com`, body.person.id)
      .run();
    const second = new Browser();
    await signedIn(second, email);
    expect(await ownTenantOf(second)).not.toBe(body.tenant.id);
    expect((await standing(await ownTenantOf(second))).balance).toBe(0);
  });

  it('with an address that nobody has proven', async () => {
    // Tenants by the operator have an owner of whom only the address is known.
    const client = await newTenant();
    expect((await standing(client.tenantId)).balance).toBe(0);
  });
});
