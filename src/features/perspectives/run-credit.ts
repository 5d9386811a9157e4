import { USUAL_MARKUP_BASIS_POINTS } from '../../contracts/plans.ts';
import type { Clock } from '../../platform/clock.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { dollarsText, type Nano, nano, sum, withMarkup, ZERO } from '../../platform/money.ts';
import { callLimiter } from '../identity/index.ts';
import {
  boundBy,
  budgetExceeded,
  budgetsOf,
  type CreditAnswer,
  type CreditQuestion,
  callLedger,
  isUnreachable,
  readBudgets,
  type Settlement,
} from '../metering/index.ts';
import type { RunPlan } from './plan.ts';
import type { CostEstimate } from './quote.ts';
import { dueOf, type Lent, type RunHeld } from './run-holds.ts';
import type { ReceiptLine, RunHeader } from './run-store.ts';

/** How long a run's hold lives without a word: longer than any run takes, its merge included. Milliseconds. */
export const RUN_HOLD_MS = 30 * 60_000;

export type RunCreditEnv = Pick<Env, 'TENANT_LEDGER' | 'USER_LIMITER'>;

/** Who pays for a run: its tenant, and within the monthly limit of its key where that has one. */
export type RunPayer = Pick<
  RunHeader,
  'id' | 'tenantId' | 'userId' | 'keyId' | 'keyFamilyId' | 'spendLimited' | 'markupBasisPoints'
>;

/**
 * What of an estimate is paid with credit: what is expected of the models that the platform's keys ask. Throws `model_unpriced` for one whose price nobody
 * has told: it would be free. Pure.
 */
export function expectedCharge(
  { lines, unpriced }: Pick<CostEstimate, 'lines' | 'unpriced'>,
  paysWithCredit: (modelId: string) => boolean,
): Nano {
  const [unpayable] = unpriced.filter(paysWithCredit);
  if (unpayable !== undefined) {
    throw new ParallaxError(
      'model_unpriced',
      `The price of ${unpayable} is not known, so credit cannot pay it. Use your own key for its provider, choose another model, or ask the operator to set its price.`,
    );
  }
  return lines.reduce(
    (total, line) => (paysWithCredit(line.modelId) ? sum(total, line.expected) : total),
    ZERO,
  );
}

/** The same for each part of the run, as its calls go on it. Pure. */
export function expectedHeld(
  { perspectives }: Pick<RunPlan, 'perspectives'>,
  { lines }: Pick<CostEstimate, 'lines'>,
  paysWithCredit: (modelId: string) => boolean,
): RunHeld {
  const onCredit = lines.filter(({ modelId }) => paysWithCredit(modelId));
  const sumOf = (some: CostEstimate['lines']) =>
    some.reduce((total, line) => sum(total, line.expected), ZERO);
  const asked = onCredit.filter(({ purpose }) => purpose === 'perspective');
  return {
    total: sumOf(onCredit),
    perspectives: perspectives.map(({ index }) =>
      sumOf(asked.filter(({ perspective }) => perspective === index)),
    ),
    merge: sumOf(onCredit.filter(({ purpose }) => purpose !== 'perspective')),
    own: sumOf(lines.filter(({ modelId }) => !paysWithCredit(modelId))),
  };
}

/**
 * Holds credit for a run before anything of it is asked: what it is expected to cost at the providers' prices, with what the plan adds. Held again
 * under the same run, the second stands. Returns what the plan adds, in hundredths of a percent. Throws `insufficient_credit` with what is
 * needed and what there is; nothing is held then.
 */
export async function holdForRun(env: RunCreditEnv, payer: RunPayer, cost: Nano): Promise<number> {
  if (cost === ZERO) return USUAL_MARKUP_BASIS_POINTS;
  const answer = await askLedger(env, payer, {
    settlements: [],
    needed: cost,
    wanted: cost,
    beforeMarkup: true,
  });
  const { markupBasisPoints } = answer;
  const amount = withMarkup(cost, markupBasisPoints);
  try {
    if (answer.lent < amount) throw insufficient(amount, answer.lent + answer.available);
    if (payer.spendLimited !== true) return markupBasisPoints;
    const spend = await askKey(env, payer, { settlements: [], needed: amount, wanted: amount });
    if (spend.lent < amount) throw beyondKey(amount, spend.lent + spend.available);
    return markupBasisPoints;
  } catch (error) {
    await releaseRun(env, payer);
    throw error;
  }
}

/** What of an estimate a tenant spends: the charge for what credit pays, the providers' prices where its own keys do. Pure. */
export function expectedSpend(
  { lines }: Pick<CostEstimate, 'lines'>,
  paysWithCredit: (modelId: string) => boolean,
): Nano {
  return lines.reduce(
    (total, { modelId, expected }) =>
      sum(total, paysWithCredit(modelId) ? withMarkup(expected, USUAL_MARKUP_BASIS_POINTS) : expected),
    ZERO,
  );
}

/**
 * Holds what a run is expected to cost in the hard budgets that bound it: those of its tenant, member and API key. Which provider keys will be asked is not known
 * before; what they cost is counted with their budgets afterwards. Throws `budget_exceeded`; something may be held then, which `releaseRun` gives
 * back. Where the ledger cannot be reached nothing is held: what credit is to pay is refused by the credit's own hold, the rest goes on.
 */
export async function holdBudgetsForRun(
  env: RunCreditEnv,
  clock: Clock,
  payer: RunPayer,
  amount: Nano,
): Promise<void> {
  if (amount === ZERO) return;
  try {
    const bounding = await budgetsOf(env, clock, payer, () => undefined);
    await Promise.all(
      bounding
        .filter(({ hard }) => hard)
        .map(async (budget) => {
          const { lent, available } = await askBudget(env, payer, budget.id, {
            settlements: [],
            needed: amount,
            wanted: amount,
          });
          if (lent < amount)
            throw budgetExceeded(budget, { needed: amount, available: lent + available }, clock.now());
        }),
    );
  } catch (error) {
    if (!isUnreachable(error)) throw error;
  }
}

/**
 * Holds more for a run that is under way, at the providers' prices: `total` in all in place of `before`, with all that lend for it. Where one of them has not so much the others may hold
 * it; the next question says anew what is. Throws what they throw, as when one cannot be reached.
 */
export async function holdMoreForRun(
  env: RunCreditEnv,
  clock: Clock,
  payer: RunPayer,
  { before, total, own }: { readonly before: Nano; readonly total: Nano; readonly own: Nano },
): Promise<Lent> {
  const rate = payer.markupBasisPoints ?? USUAL_MARKUP_BASIS_POINTS;
  const wishOf = (more: Nano) => {
    const needed = nano(withMarkup(total, rate) + more);
    return { settlements: [], held: nano(withMarkup(before, rate) + more), needed, wanted: needed };
  };
  const budgets = await budgetsOf(env, clock, payer, () => undefined);
  const answers = await Promise.all([
    askFor(wishOf(ZERO), (wish) => askLedger(env, payer, wish)),
    ...(payer.spendLimited === true ? [askFor(wishOf(ZERO), (wish) => askKey(env, payer, wish))] : []),
    ...budgets
      .filter(({ hard }) => hard)
      .map(({ id }) => askFor(wishOf(own), (wish) => askBudget(env, payer, id, wish))),
  ]);
  const left = Math.min(...answers.map(({ room }) => room));
  return {
    granted: answers.every(({ granted }) => granted),
    // What is held carries what the plan adds.
    room: nano(Math.max(0, Math.floor((left * 10_000) / (10_000 + rate)) - 1)),
  };
}

async function askFor(
  wish: Wish & { readonly held: number },
  ask: (wish: Wish) => Promise<Pick<CreditAnswer, 'lent' | 'available'>>,
): Promise<{ readonly granted: boolean; readonly room: number }> {
  const { lent, available } = await ask(wish);
  return { granted: lent >= wish.needed, room: lent + available - wish.held };
}

/** Gives back what is held for a run that does not come about. */
export async function releaseRun(env: RunCreditEnv, payer: RunPayer): Promise<void> {
  await chargeRun(env, payer, []);
}

/**
 * Charges a run's lines, each once by its name, and gives back what was held beyond. May be repeated, also after more lines have come. Throws what the ledger
 * throws: it is then told again.
 */
export async function chargeRun(
  env: RunCreditEnv,
  payer: RunPayer,
  lines: readonly ReceiptLine[],
): Promise<void> {
  const settlements = settlementsOf(payer, lines);
  await askLedger(env, payer, { settlements, needed: 0, wanted: 0 });
  if (payer.spendLimited === true) await askKey(env, payer, { settlements, needed: 0, wanted: 0 });
  await countInBudgets(env, payer, lines);
}

/** Counts a run's lines with the budgets that bound them now, each line once, and gives back what was held. */
async function countInBudgets(
  env: RunCreditEnv,
  payer: RunPayer,
  lines: readonly ReceiptLine[],
): Promise<void> {
  const all = await readBudgets(env, payer.tenantId);
  await Promise.all(
    all.map(async (budget) => {
      const counted = lines.filter(
        ({ providerKeyId }) => boundBy([budget], { ...payer, providerKeyId }).length > 0,
      );
      if (counted.length === 0 && boundBy([budget], payer).length === 0) return;
      await askBudget(env, payer, budget.id, {
        settlements: linesAs(payer, counted, (line) => spentOnLine(payer, line)),
        needed: 0,
        wanted: 0,
      });
    }),
  );
}

/** What of a receipt is charged: lines that a platform key paid for. Pure. */
export function settlementsOf(
  run: Pick<RunHeader, 'id' | 'markupBasisPoints'>,
  lines: readonly ReceiptLine[],
): Settlement[] {
  return linesAs(run, lines, (line) => chargeOfLine(run, line));
}

function linesAs(
  { id }: Pick<RunHeader, 'id'>,
  lines: readonly ReceiptLine[],
  costOf: (line: ReceiptLine) => Nano,
): Settlement[] {
  return lines
    .map((line) => ({ callId: `${id}/${line.id}`.slice(0, 120), cost: costOf(line) }))
    .filter(({ cost }) => cost > 0);
}

/** What a line costs its tenant: what credit is charged for it, or the provider's price where the tenant's own key paid. Pure. */
function spentOnLine(run: Pick<RunHeader, 'markupBasisPoints'>, line: ReceiptLine): Nano {
  return line.keyStrategy === 'tenant' ? nano(line.costNano) : chargeOfLine(run, line);
}

/** What credit is charged for a line: what is due at the provider's price and what the plan adds, where a platform key paid. Pure. */
export function chargeOfLine(
  { markupBasisPoints = USUAL_MARKUP_BASIS_POINTS }: Pick<RunHeader, 'markupBasisPoints'>,
  line: Pick<ReceiptLine, 'keyStrategy' | 'costNano' | 'dueNano'>,
): Nano {
  return line.keyStrategy === 'platform' ? withMarkup(dueOf(line), markupBasisPoints) : ZERO;
}

type Wish = Pick<CreditQuestion, 'settlements' | 'needed' | 'wanted' | 'beforeMarkup'> & {
  /** What of it is held already and stays lent; nothing when absent. */
  readonly held?: number;
};

async function askLedger(env: RunCreditEnv, { id, tenantId }: RunPayer, wish: Wish): Promise<CreditAnswer> {
  const question = { held: 0, ...wish, tenantId, leaseId: id, leaseMs: RUN_HOLD_MS };
  return unwrap(await callLedger(env, tenantId, (ledger) => ledger.sync(question)));
}

async function askBudget(
  env: RunCreditEnv,
  { id, tenantId }: RunPayer,
  budgetId: string,
  wish: Omit<Wish, 'beforeMarkup'>,
): Promise<Pick<CreditAnswer, 'lent' | 'available'>> {
  const question = { held: 0, ...wish, tenantId, budgetId, leaseId: id, leaseMs: RUN_HOLD_MS };
  return unwrap(await callLedger(env, tenantId, (ledger) => ledger.lendBudget(question)));
}

async function askKey(
  env: RunCreditEnv,
  payer: RunPayer,
  wish: Wish,
): Promise<Pick<CreditAnswer, 'lent' | 'available'>> {
  const { id, tenantId, userId, keyId } = payer;
  if (keyId === null) throw new Error('a limit of spending without a key');
  const question = { held: 0, ...wish, tenantId, leaseId: id, keyId };
  return unwrap(await callLimiter(env, userId, (limiter) => limiter.spend(question)));
}

function insufficient(needed: number, available: number): ParallaxError {
  return new ParallaxError(
    'insufficient_credit',
    `This run may cost ${dollarsText(needed)}, and ${dollarsText(available)} of credit is free. Ask fewer or cheaper models, lower max_tokens, or add credit.`,
    { details: amounts(needed, available) },
  );
}

function beyondKey(needed: number, available: number): ParallaxError {
  return new ParallaxError(
    'insufficient_credit',
    `This run may cost ${dollarsText(needed)}, and the API key may spend ${dollarsText(available)} more this month. Raise the key’s limit, or use another key.`,
    { details: { ...amounts(needed, available), limit: 'key' } },
  );
}

const amounts = (needed: number, available: number) => ({
  needed_nano_usd: needed,
  available_nano_usd: Math.max(0, available),
});
