import { describe, expect, it } from 'vitest';
import { forgetTenantRouting, loadTenantRouting, TENANT_MAX_AGE_MS } from './load-tenant.ts';
import { configWith, NO_DATABASE } from './routing-fixture.ts';

/** A database that has no rows and counts what it is asked. */
function emptyDatabase() {
  let asked = 0;
  const statement = {
    bind: () => statement,
    all: async () => ({ results: [], success: true, meta: {} }),
    raw: async () => [],
  };
  const DB = {
    prepare() {
      asked += 1;
      return statement;
    },
  } as unknown as D1Database;
  return { env: { DB }, reads: () => asked / 3 };
}

const at = (now: number) => ({ now: () => now });
const tenant = (id: string) => ({ tenantId: id });

describe('what a tenant has set', () => {
  it('is read once in half a minute, for each tenant and each deployment by itself', async () => {
    const { env, reads } = emptyDatabase();
    const config = configWith();
    await loadTenantRouting(env, config, at(0), tenant('a'));
    await loadTenantRouting(env, config, at(TENANT_MAX_AGE_MS - 1), tenant('a'));
    expect(reads()).toBe(1);
    await loadTenantRouting(env, config, at(1), tenant('b'));
    await loadTenantRouting(env, configWith(), at(1), tenant('a'));
    expect(reads()).toBe(3);
    await loadTenantRouting(env, config, at(TENANT_MAX_AGE_MS), tenant('a'));
    expect(reads()).toBe(4);
  });

  it('is read again at once after it was written here', async () => {
    const { env, reads } = emptyDatabase();
    const config = configWith();
    await loadTenantRouting(env, config, at(0), tenant('a'));
    forgetTenantRouting(config, 'a');
    await loadTenantRouting(env, config, at(1), tenant('a'));
    expect(reads()).toBe(2);
  });

  it('is kept for a bounded number of tenants, the latest', async () => {
    const { env, reads } = emptyDatabase();
    const config = configWith();
    for (let i = 0; i < 10_000; i++) await loadTenantRouting(env, config, at(0), tenant(`t${i}`));
    const before = reads();
    await loadTenantRouting(env, config, at(1), tenant('t9999'));
    expect(reads()).toBe(before);
    await loadTenantRouting(env, config, at(1), tenant('t0'));
    expect(reads()).toBe(before + 1);
  });

  it('is the defaults, marked as such, when the database was never reached', async () => {
    const set = await loadTenantRouting(NO_DATABASE, configWith(), at(0), tenant('a'));
    expect(set).toMatchObject({ read: false, rules: [], exploration: 0.02 });
  });
});
