import { eq } from 'drizzle-orm';
import { configOf } from '../../src/env.ts';
import type { UsageMessage } from '../../src/features/metering/index.ts';
import {
  chargeRun,
  runs,
  type StoredRun,
  settleForRun,
  settleTokensOf,
  totalCost,
  usageOfRun,
  usesOfReceipt,
  wholeUntil,
} from '../../src/features/perspectives/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import type { Logger } from '../../src/platform/log.ts';
import { callingFor } from './calling.ts';
import type { RunStorage } from './storage.ts';

const PREVIEW_LENGTH = 200;

/**
 * Writes a finished run into the index in D1 and its calls into the usage queue, charges it, and settles what was taken for it: once, by its id; again only after another merge.
 * Never throws: a failure is left to the alarm.
 */
export async function recordRun(env: Env, store: RunStorage, log: Logger): Promise<void> {
  if (store.recorded()) return;
  const run = store.load();
  if (run.status === 'running' || run.completedAt === null) return;
  const db = tenantDb(env.DB, run.header);
  const strategy = run.merge?.strategy ?? null;
  const costNano = totalCost(run.receipt);
  const settled = settleTokens(env, store, run, log);
  try {
    await db.insert(runs, [
      {
        id: run.header.id,
        userId: run.header.userId,
        keyId: run.header.keyId,
        origin: run.header.origin,
        status: run.status,
        promptPreview: run.plan.prompt.slice(0, wholeUntil(run.plan.prompt, PREVIEW_LENGTH)),
        models: run.plan.perspectives.map((perspective) => perspective.modelId),
        strategy,
        costNano,
        createdAt: run.header.createdAt,
        completedAt: run.completedAt,
      },
    ]);
    await db.update(runs, { strategy, costNano }, eq(runs.id, run.header.id));
    await chargeRun(env, run.header, run.receipt);
    if (run.header.counted === true) {
      const { catalog } = await callingFor(env, configOf(env), run.header, log);
      await settleForRun(env, run.header, usesOfReceipt(run.receipt, catalog));
    }
    await env.USAGE_QUEUE.send({ version: 1, events: usageOfRun(run) } satisfies UsageMessage, {
      contentType: 'json',
    });
    if (await settled) store.markRecorded();
  } catch (error) {
    log.warn('a finished run could not be recorded and will be again', { error });
  }
}

/** Says what was used of the tokens that were taken. False where that could not be told; it then is again. Never throws. */
async function settleTokens(
  env: Env,
  store: RunStorage,
  { header, receipt }: StoredRun,
  log: Logger,
): Promise<boolean> {
  const open = (header.tokens ?? []).filter(({ settled }) => settled !== true);
  if (open.length === 0) return true;
  try {
    await Promise.all(open.map((tokens) => settleTokensOf(env, header, tokens, receipt)));
    store.kept.markSettled(open.map(({ id }) => id));
    return true;
  } catch (error) {
    log.warn('what a run used of its user’s tokens could not be told and will be again', { error });
    return false;
  }
}
