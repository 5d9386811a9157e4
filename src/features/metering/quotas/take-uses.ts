import type { Clock } from '../../../platform/clock.ts';
import { unwrap } from '../../../platform/errors.ts';
import { callLedger } from '../tenant-ledger.ts';
import type { QuotaStanding, TakeUses, UseSettlement } from './quota-rpc.ts';
import { QuotaUses } from './quota-uses.ts';

type QuotaEnv = Pick<Env, 'TENANT_LEDGER'>;

/** What this isolate knows of quotas, shared by calls and runs. */
const isolate = new QuotaUses();

/**
 * Takes what a call or a run needs of its tenant's quotas; asks nobody where they are known to have no limit. Whether there is something to settle when it is
 * over. Throws `quota_exceeded`, or `unavailable` when the ledger cannot be reached.
 */
export function takeUses(env: QuotaEnv, clock: Clock, question: TakeUses): Promise<boolean> {
  return isolate.take(question, clock, (asked) =>
    callLedger(env, question.tenantId, (ledger) => ledger.takeUses(asked)),
  );
}

/** Keeps what a call came to, to be told with others by `reportUses`. */
export function settleUsesSoon(tenantId: string, settlement: UseSettlement): void {
  isolate.settle(tenantId, settlement);
}

/** Tells what calls came to. Each tenant whose ledger could not be told is given to `failed`, and told the next time. Never throws. */
export async function reportUses(
  env: QuotaEnv,
  failed: (tenantId: string, error: unknown) => void,
): Promise<void> {
  await Promise.all(
    isolate.waiting.map((tenantId) =>
      isolate
        .report(tenantId, (settlements) =>
          callLedger(env, tenantId, (ledger) => ledger.settleUses(tenantId, settlements)),
        )
        .catch((error: unknown) => failed(tenantId, error)),
    ),
  );
}

/** Says at once what a call or a run came to. May be repeated. Throws what `callLedger` throws. */
export async function settleUses(env: QuotaEnv, tenantId: string, settlement: UseSettlement): Promise<void> {
  unwrap(await callLedger(env, tenantId, (ledger) => ledger.settleUses(tenantId, [settlement])));
}

/** How a tenant's quotas stand: its month, and of each quota the limit and what is used. Throws `unavailable`. */
export async function readQuotas(env: QuotaEnv, tenantId: string): Promise<QuotaStanding> {
  return unwrap(await callLedger(env, tenantId, (ledger) => ledger.quotas(tenantId)));
}
