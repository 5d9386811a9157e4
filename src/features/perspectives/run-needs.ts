import type { Clock } from '../../platform/clock.ts';
import type { Catalog } from '../catalog/index.ts';
import type { TokenState } from '../identity/index.ts';
import type { RunPlan } from './plan.ts';
import type { CostEstimate } from './quote.ts';
import {
  expectedCharge,
  expectedHeld,
  expectedSpend,
  holdBudgetsForRun,
  holdForRun,
  type RunCreditEnv,
  type RunPayer,
  releaseRun,
} from './run-credit.ts';
import type { RunHeld } from './run-holds.ts';
import { expectedUses, settleForRun, takeForRun } from './run-quota.ts';
import { expectedTokensOf, giveBackTokens, type RunTokens, takeTokensForRun } from './run-tokens.ts';

/** What begins: a run, or a merge of a finished one. */
export interface Beginning {
  /** Under whose name it is taken, and the run's. */
  readonly payer: RunPayer;
  readonly plan: RunPlan;
  readonly estimate: CostEstimate;
  readonly catalog: Pick<Catalog, 'find'>;
  readonly paysWithCredit: (modelId: string) => boolean;
  /** False where its user's tokens a minute are not counted. */
  readonly countsTokens: boolean;
}

/** What was taken before anything is asked. The run's object charges and settles all of it. */
export interface TakenForRun {
  readonly markupBasisPoints: number;
  readonly held: RunHeld;
  /** Uses of the tenant's quotas were taken. */
  readonly counted: boolean;
  readonly tokens: Pick<RunTokens, 'id' | 'taken'> | null;
  /** How the limit of tokens stands then. */
  readonly tokenState: TokenState | null;
}

/**
 * Takes what a run or a merge needs, all or nothing: its user's tokens of the minute, then credit, budgets and uses. Throws `rate_limited`,
 * `insufficient_credit`, `budget_exceeded` and `quota_exceeded`.
 */
export async function takeNeeds(
  env: RunCreditEnv,
  clock: Clock,
  { payer, plan, estimate, catalog, paysWithCredit, countsTokens }: Beginning,
): Promise<TakenForRun> {
  const tokens = countsTokens ? await takeTokensForRun(env, clock, payer, expectedTokensOf(estimate)) : null;
  const [held, taken, budgeted] = await Promise.allSettled([
    holdForRun(env, payer, expectedCharge(estimate, paysWithCredit)),
    takeForRun(env, clock, payer, expectedUses(estimate, catalog, paysWithCredit)),
    holdBudgetsForRun(env, clock, payer, expectedSpend(estimate, paysWithCredit)),
  ]);
  if (held.status === 'fulfilled' && taken.status === 'fulfilled' && budgeted.status === 'fulfilled')
    return {
      markupBasisPoints: held.value,
      held: expectedHeld(plan, estimate, paysWithCredit),
      counted: taken.value,
      tokens: tokens === null ? null : { id: tokens.id, taken: tokens.taken },
      tokenState: tokens?.state ?? null,
    };
  if (tokens !== null) await giveBackTokens(env, payer, tokens);
  if (held.status === 'fulfilled' || budgeted.status === 'fulfilled') await releaseRun(env, payer);
  if (taken.status === 'fulfilled' && taken.value) await settleForRun(env, payer, {});
  const refusal = [taken, held, budgeted].find(({ status }) => status === 'rejected');
  throw (refusal as PromiseRejectedResult).reason;
}

/** Gives back what was taken for what does not come about. */
export async function giveNeedsBack(
  env: RunCreditEnv,
  payer: RunPayer,
  { counted, tokens }: Pick<TakenForRun, 'counted' | 'tokens'>,
): Promise<void> {
  // Where a merge had begun its run has settled them: they count once.
  if (tokens !== null) await giveBackTokens(env, payer, tokens);
  await releaseRun(env, payer);
  if (counted) await settleForRun(env, payer, {});
}
