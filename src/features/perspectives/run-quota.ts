import type { QuotaId } from '../../contracts/plans.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Catalog } from '../catalog/index.ts';
import { settleUses, takeUses, type Uses } from '../metering/index.ts';
import type { CostEstimate } from './quote.ts';
import type { ReceiptLine, RunHeader } from './run-store.ts';

type RunQuotaEnv = Pick<Env, 'TENANT_LEDGER'>;

/**
 * What a run is expected to use of the quotas: one of the tier of its model for each call that the platform's keys are expected to make. Calls that are made
 * only when something goes wrong are not among them. Pure.
 */
export function expectedUses(
  { lines }: Pick<CostEstimate, 'lines'>,
  catalog: Pick<Catalog, 'find'>,
  paysWithCredit: (modelId: string) => boolean,
): Uses {
  const expected = lines.filter(({ inputTokens, modelId }) => inputTokens > 0 && paysWithCredit(modelId));
  return usesOf(expected, catalog);
}

/** What a run used: its receipt's lines that a platform key paid for, as they are what it got. Pure. */
export function usesOfReceipt(receipt: readonly ReceiptLine[], catalog: Pick<Catalog, 'find'>): Uses {
  return usesOf(
    receipt.filter(({ keyStrategy }) => keyStrategy === 'platform'),
    catalog,
  );
}

/** Takes what a run or a merge needs, all or nothing. Whether there is something to settle when it has ended. Throws `quota_exceeded`. */
export function takeForRun(
  env: RunQuotaEnv,
  clock: Clock,
  { id, tenantId }: Pick<RunHeader, 'id' | 'tenantId'>,
  uses: Uses,
): Promise<boolean> {
  return takeUses(env, clock, { tenantId, id, uses });
}

/** Counts what a run used of what it took, and gives the rest back. May be repeated, also after a further merge. Throws what the ledger throws. */
export function settleForRun(
  env: RunQuotaEnv,
  { id, tenantId }: Pick<RunHeader, 'id' | 'tenantId'>,
  used: Uses,
): Promise<void> {
  return settleUses(env, tenantId, { id, used });
}

function usesOf(calls: readonly { readonly modelId: string }[], catalog: Pick<Catalog, 'find'>): Uses {
  const uses: Partial<Record<QuotaId, number>> = {};
  for (const { modelId } of calls) {
    const model = catalog.find(modelId);
    // One that has left the catalog since has no tier any more: its use goes back.
    if (model === undefined) continue;
    const quota = `perspectives_${model.tier}` as const;
    uses[quota] = (uses[quota] ?? 0) + 1;
  }
  return uses;
}
