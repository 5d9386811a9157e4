import type { Clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { callLimiter, expectedTokens, type TokenState, takeTokens, usedTokens } from '../identity/index.ts';
import type { CostEstimate } from './quote.ts';
import type { ReceiptLine, RunHeader } from './run-store.ts';

type RunTokensEnv = Pick<Env, 'USER_LIMITER'>;
type Owner = Pick<RunHeader, 'tenantId' | 'userId'>;

/** Tokens of a user's minute that were taken for a run, or for a further merge of it. */
export interface RunTokens {
  /** Names what was taken. */
  readonly id: string;
  readonly taken: number;
  /** The lines of the receipt that it is for: from this one, */
  readonly from: number;
  /** to before this one, where more was taken later. */
  readonly to?: number;
  /** What was not used has gone back, and what was used beyond has been taken. */
  readonly settled?: true;
}

/** What a run or a merge is estimated to use of its user's tokens a minute: each call that it is expected to make, as a call by itself is. Pure. */
export function expectedTokensOf({ lines }: Pick<CostEstimate, 'lines'>): number {
  return lines
    .filter(({ inputTokens }) => inputTokens > 0)
    .reduce(
      (total, { inputTokens, output }) => total + expectedTokens({ inputTokens, maxTokens: output.maximum }),
      0,
    );
}

/** Takes so many tokens for what begins now. Throws `rate_limited`; nothing is taken then. */
export async function takeTokensForRun(
  env: RunTokensEnv,
  clock: Clock,
  owner: Owner,
  tokens: number,
): Promise<{ readonly id: string; readonly taken: number; readonly state: TokenState }> {
  // It is settled by the run, which outlives this isolate; nothing of it comes back here.
  const { state } = await takeTokens(owner, tokens, env, clock);
  return { id: newId('lease'), taken: tokens, state };
}

/** Gives back what was taken for what does not come about. Where the limiter cannot be reached, it flows back by itself. */
export async function giveBackTokens(
  env: RunTokensEnv,
  { tenantId, userId }: Owner,
  { id, taken }: Pick<RunTokens, 'id' | 'taken'>,
): Promise<void> {
  await callLimiter(env, userId, (limiter) => limiter.settleTokens(tenantId, { id, unused: taken })).catch(
    () => undefined,
  );
}

/** Says what was used of what was taken. May be repeated. Throws what the limiter throws: it is then told again. */
export function settleTokensOf(
  env: RunTokensEnv,
  { tenantId, userId }: Owner,
  { id, taken, from, to }: RunTokens,
  receipt: readonly ReceiptLine[],
): Promise<void> {
  const used = receipt.slice(from, to).reduce((total, { usage }) => total + usedTokens(usage), 0);
  return callLimiter(env, userId, (limiter) => limiter.settleTokens(tenantId, { id, unused: taken - used }));
}
