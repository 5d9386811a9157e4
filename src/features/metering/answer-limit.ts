import { type Nano, nano } from '../../platform/money.ts';
import type { TokenUsage, UpstreamErrorInfo } from '../providers/index.ts';

/** How far an answer may cost beyond what is held for it when no more is to be had: a tenth. It is then ended. */
export const OVERRUN_BASIS_POINTS = 1_000;

/** How an answer is marked that was ended because the credit did not reach further, in its record and towards its client. */
export const CREDIT_LIMIT = 'credit_limit';

/** The same as the reason for which an answer was ended, or not asked for. */
export const CREDIT_ENDED: UpstreamErrorInfo = {
  kind: 'quota_exceeded',
  code: CREDIT_LIMIT,
  message: 'The credit did not reach further.',
};

/** The most that is charged for a call for which so much is held. */
export function payable(held: Nano): Nano {
  return nano(held + Math.floor((held * OVERRUN_BASIS_POINTS) / 10_000));
}

/** More is held when of what is held only so much is left: a fifth, within these. Tokens. */
const LEFT_SHARE = 0.2;
const LEAST_LEFT = 64;
const MOST_LEFT = 1_024;
/** For how many tokens of output more is held at a time: as many as were said, within these. */
const LEAST_STEP = 256;
const MOST_STEP = 4_096;
/** How often what is left is asked for, when others are quicker. */
const MOST_TRIES = 4;
/** No answer is longer. Tokens. */
const MOST_TOKENS = 2 ** 21;

/** What so many tokens of output cost, with what was asked. Grows with them. */
export type CostOf = (outputTokens: number) => Nano;

/**
 * The most tokens whose cost stays within an amount; -1 where even none does. Costs grow by the same with every token but for their rounding, so a straight line says it to
 * within a token or two; a price that does otherwise is searched. Pure.
 */
export function tokensWithin(costOf: CostOf, amount: Nano): number {
  const none = costOf(0);
  if (none > amount) return -1;
  const all = costOf(MOST_TOKENS);
  if (all <= amount) return MOST_TOKENS;
  const guess = Math.floor(((amount - none) / (all - none)) * MOST_TOKENS);
  for (const fits of [guess, guess - 1, guess + 1])
    if (fits >= 0 && costOf(fits) <= amount && costOf(fits + 1) > amount) return fits;
  let [fits, beyond] = [0, MOST_TOKENS];
  while (beyond - fits > 1) {
    const middle = Math.floor((fits + beyond) / 2);
    if (costOf(middle) <= amount) fits = middle;
    else beyond = middle;
  }
  return fits;
}

/** The credit that an answer goes on, at its provider's prices. */
export interface AnswerCredit {
  /** What is held for it. */
  readonly held: Nano;
  /** What could be held beyond, as last heard. */
  room(): Nano;
  /** Holds so much more, or nothing: then false. Never throws. */
  more(amount: Nano): Promise<boolean>;
}

/** What is charged of a cost for which so much is held: no more than that and the overrun. */
export function chargedOf(cost: Nano, held: Nano): Nano {
  return nano(Math.min(cost, payable(held)));
}

/** Holds so much for an answer in all, or as much of it as there is. */
export async function holdUpTo(credit: AnswerCredit, amount: Nano): Promise<void> {
  const missing = amount - credit.held;
  if (missing > 0 && !(await credit.more(nano(missing)))) await holdRest(credit, missing);
}

/** Holds what there is, where an amount was too much. Others may take of it meanwhile: then what is left after them. */
async function holdRest(credit: AnswerCredit, amount: number): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const rest = credit.room();
    if (rest <= 0 || rest >= amount || (await credit.more(rest))) return;
  }
}

/**
 * Follows what an answer costs while it comes. Asking costs one comparison of numbers; only near the end of what is held more is held, beside the answer, and only
 * when that is not there in time does the answer wait for it. When no more is to be had it may go on to `payable`, and no further.
 */
export class AnswerLimit {
  readonly #price: (usage: TokenUsage) => Nano;
  readonly #credit: AnswerCredit;
  /** What was asked; its provider's own count, once that has come. */
  #asked: TokenUsage;
  /** Below so many tokens nothing is to be done. */
  #moreAt: number;
  /** The most tokens that may stand; null until that matters. */
  #endAt: number | null = null;
  #refused = false;
  #asking: Promise<void> | null = null;

  /** `surelyWithin` is how many tokens of output what is held was meant for: up to there nothing needs to be worked out, which most answers never need. */
  constructor(asked: TokenUsage, price: (usage: TokenUsage) => Nano, credit: AnswerCredit, surelyWithin = 0) {
    this.#price = price;
    this.#credit = credit;
    this.#asked = asked;
    this.#moreAt = surelyWithin - leftAt(surelyWithin);
  }

  /** The most tokens of output that may stand now. */
  get most(): number {
    return this.#endAt ?? this.#measure();
  }

  /** The provider's own count of what was asked. */
  reported(usage: TokenUsage): void {
    if (usage.inputTokens === 0) return;
    const more = usage.inputTokens > this.#asked.inputTokens;
    this.#asked = usage;
    if (more || this.#endAt !== null) this.#measure();
  }

  /** Whether an answer of so many tokens may stand. Answers at once as long as it can. */
  admits(outputTokens: number): true | Promise<boolean> {
    if (outputTokens < this.#moreAt) return true;
    const most = this.most;
    if (outputTokens < this.#moreAt) return true;
    if (!this.#refused) this.#ask(outputTokens);
    return outputTokens <= most ? true : this.#whenAsked(outputTokens);
  }

  async #whenAsked(outputTokens: number): Promise<boolean> {
    while (outputTokens > this.most) {
      if (this.#asking !== null) await this.#asking;
      else if (this.#refused) return false;
      else await this.#ask(outputTokens);
    }
    return true;
  }

  /** One question at a time. */
  #ask(outputTokens: number): Promise<void> {
    this.#asking ??= this.#askFor(outputTokens).finally(() => {
      this.#asking = null;
      this.#measure();
    });
    return this.#asking;
  }

  async #askFor(outputTokens: number): Promise<void> {
    const step = Math.min(MOST_STEP, Math.max(LEAST_STEP, outputTokens));
    const wanted = this.#costOf(outputTokens + step) - this.#credit.held;
    if (wanted <= 0) {
      this.#refused = outputTokens > this.most;
      return;
    }
    if (await this.#credit.more(nano(wanted))) return;
    // Not so much: what there is.
    this.#refused = true;
    await holdRest(this.#credit, wanted);
  }

  readonly #costOf: CostOf = (outputTokens) =>
    this.#price({ ...this.#asked, outputTokens, reasoningTokens: 0 });

  #measure(): number {
    const { held } = this.#credit;
    const within = tokensWithin(this.#costOf, held);
    const most = tokensWithin(this.#costOf, payable(held));
    this.#endAt = most;
    // What costs nothing more with each token has no end.
    this.#moreAt = most >= MOST_TOKENS ? Number.POSITIVE_INFINITY : within - leftAt(within);
    return most;
  }
}

/** Of so many tokens that are held, how many are left when more is held. */
function leftAt(within: number): number {
  return Math.min(MOST_LEFT, Math.max(LEAST_LEFT, Math.floor(within * LEFT_SHARE)));
}
