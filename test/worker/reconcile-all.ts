import { env } from 'cloudflare:test';
import { reconcile } from '../../src/features/reconciliation/index.ts';
import { createLogger } from '../../src/platform/log.ts';

/** What differs in the money of all tenants of this test file's database, looked at as if two hours had passed: kind and amount of each. */
export async function differencesOfAll(): Promise<[kind: string, amountNano: number][]> {
  const context = {
    env,
    clock: { now: () => Date.now() + 2 * 60 * 60_000 },
    log: createLogger({}, () => undefined),
    retentionDays: 400,
  };
  const bounds = { tenants: 10_000, rows: 1_000_000, ms: 60_000 };
  const { differences, failed, transactions, place } = await reconcile(
    context,
    { from: null, after: null },
    bounds,
  );
  if (failed > 0 || place !== null || transactions === 0) throw new Error('not everything was compared');
  return differences.map(({ kind, amountNano }) => [kind, amountNano]);
}
