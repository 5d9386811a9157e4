import { inArray } from 'drizzle-orm';
import { configOf } from './env.ts';
import { callAuditChain } from './features/audit/index.ts';
import { endBilling } from './features/billing/index.ts';
import { openDeletions, sweepTenant } from './features/identity/index.ts';
import { runs } from './features/perspectives/index.ts';
import type { Clock } from './platform/clock.ts';
import { tenantDb } from './platform/db.ts';
import { callDurable } from './platform/durable-call.ts';
import type { Logger } from './platform/log.ts';

/** Runs erased before their rows go, so that a sweep that stops finds the rest again. */
const RUNS_AT_ONCE = 50;

/**
 * What a tenant has in each kind of Durable Object, and how that goes. A test compares this with the bindings of wrangler.toml: a new object must
 * say what becomes of it.
 */
const ERASED: Readonly<Record<string, ((env: Env, tenantId: string) => Promise<void>) | string>> = {
  TENANT_LEDGER: (env, tenantId) =>
    callDurable({
      stub: () => env.TENANT_LEDGER.getByName(tenantId),
      call: (ledger) => ledger.erase(tenantId),
      repeatable: true,
      unreachable: 'The tenant’s credit cannot be reached at the moment.',
    }),
  AUDIT_CHAIN: (env, tenantId) => callAuditChain(env, tenantId, (chain) => chain.erase(tenantId)),
  PERSPECTIVE_RUN: eraseRuns,
  USER_LIMITER: 'a person’s; what it knows of a tenant goes before, with each member',
  PROVIDER_HEALTH: 'how providers do, of all tenants together',
};

/** The bindings that are spoken for, for the test. */
export const ERASED_OBJECTS: readonly string[] = Object.keys(ERASED);

/** Goes on with all deletions of tenants that are not done. Each may fail by itself, and is tried again the next time. */
export async function continueDeletions(env: Env, clock: Clock, log: Logger): Promise<void> {
  for (const deletion of await openDeletions(env.DB)) {
    try {
      await sweepTenant(env, clock, deletion, async (tenantId) => {
        // First what still costs them money: its rows, which say what that is, go with the rest.
        await endBilling({ env, config: configOf(env), clock, log }, tenantId);
        await eraseObjects(env, tenantId);
      });
    } catch (error) {
      log.error('a tenant could not be deleted yet; it will be tried again', { tenant: deletion.id, error });
    }
  }
}

async function eraseObjects(env: Env, tenantId: string): Promise<void> {
  for (const erase of Object.values(ERASED)) if (typeof erase !== 'string') await erase(env, tenantId);
}

async function eraseRuns(env: Env, tenantId: string): Promise<void> {
  const db = tenantDb(env.DB, { tenantId });
  for (;;) {
    const some = (await db.select(runs, { where: undefined, limit: RUNS_AT_ONCE })).map(({ id }) => id);
    if (some.length === 0) return;
    for (const id of some)
      await callDurable({
        stub: () => env.PERSPECTIVE_RUN.getByName(id),
        call: (run) => run.erase(tenantId),
        repeatable: true,
        unreachable: 'A run cannot be reached at the moment.',
      });
    await db.delete(runs, inArray(runs.id, some));
  }
}
