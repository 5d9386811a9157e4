import { type Nano, nano, ZERO } from '../../platform/money.ts';
import { TokenCount } from '../../platform/tokens.ts';
import {
  type AnswerCredit,
  AnswerLimit,
  type CostOf,
  CREDIT_ENDED,
  countSaid,
  holdUpTo,
  payable,
  tokensWithin,
} from '../metering/index.ts';
import {
  type ConversationEvent,
  type KeyStrategy,
  NO_USAGE,
  type TargetLeave,
  type TokenUsage,
} from '../providers/index.ts';

/** Output for which credit is held before a model is asked, where its own bound is not less. Tokens. */
const FIRST_TOKENS = 256;
/** A part of what is left for it that an answer may hold that comes whole: a quarter. */
const SHARE = 4;

export interface FollowedCall {
  /** What the call goes on, if the platform's key makes it. */
  readonly credit: AnswerCredit;
  /** What so much usage costs; null where no price is known. */
  readonly price: (usage: TokenUsage) => Nano | null;
  /** Estimated tokens of what is asked; counted only where credit pays. */
  readonly inputTokens: () => number;
  /** The bound of the answer. Tokens. */
  readonly maxTokens: number;
}

/**
 * What credit lets one answer of a run cost, as for a call of its own: it is not asked for when nothing is left to pay its beginning; one that streams is followed and ended, one
 * that comes whole is bounded beforehand. On other keys than the platform's it does nothing.
 */
export class FollowedAnswer {
  readonly #call: FollowedCall;
  readonly #said = new TokenCount();
  #asked: TokenUsage | null = null;
  #limit: AnswerLimit | null = null;
  #paid = false;
  #reported = false;
  #stands = 0;

  constructor(call: FollowedCall) {
    this.#call = call;
  }

  /** Before a target is asked whose answer streams. */
  readonly beforeStream = async (_target: unknown, keyStrategy: KeyStrategy): Promise<TargetLeave> => {
    if (!(await this.#begins(keyStrategy))) return this.#paid ? { refusal: CREDIT_ENDED } : {};
    const { credit, price } = this.#call;
    this.#limit = new AnswerLimit(this.#usage(), (usage) => price(usage) ?? ZERO, credit);
    return {};
  };

  /** Before a target is asked whose answer comes whole: what is not well covered is given the bound that credit pays. `hear` asks what is left. */
  readonly beforeWhole =
    (hear: () => Promise<void>) =>
    async (_target: unknown, keyStrategy: KeyStrategy): Promise<TargetLeave> => {
      if (!(await this.#begins(keyStrategy))) return this.#paid ? { refusal: CREDIT_ENDED } : {};
      const { credit, maxTokens } = this.#call;
      const missing = this.#costOf(maxTokens) - payable(credit.held);
      if (missing <= 0) return {};
      await hear();
      const share = () => nano(Math.min(missing, Math.floor(credit.room() / SHARE)));
      // Others may have been lent it meanwhile: then a part of what there is now.
      if (!(await credit.more(share()))) await credit.more(share());
      const within = Math.max(1, tokensWithin(this.#costOf, payable(credit.held)));
      return within >= maxTokens ? {} : { maxTokens: within };
    };

  /** Whether what the event says may stand. */
  admits(event: ConversationEvent): true | Promise<boolean> {
    const limit = this.#limit;
    if (limit === null) return true;
    if (event.type === 'usage') {
      if (!this.#reported) limit.reported(event.usage);
      this.#reported = true;
      return true;
    }
    const before = this.#said.tokens;
    countSaid(event, this.#said);
    if (this.#said.tokens === before) return true;
    this.#stands = before;
    return limit.admits(this.#said.tokens);
  }

  /** Estimated tokens of all that was said before the event that may not stand, thoughts included. */
  get stands(): number {
    return this.#stands;
  }

  /** Holds what an answer cost beyond what was held for it, as far as there is credit. */
  async cover(usage: TokenUsage): Promise<void> {
    if (this.#paid) await holdUpTo(this.#call.credit, this.#call.price(usage) ?? ZERO);
  }

  /** Holds what the call costs at its beginning; false where no credit pays it, and where too little is left. */
  async #begins(keyStrategy: KeyStrategy): Promise<boolean> {
    this.#limit = null;
    this.#paid = keyStrategy === 'platform';
    if (!this.#paid) return false;
    const { credit, maxTokens } = this.#call;
    await holdUpTo(credit, this.#costOf(Math.min(FIRST_TOKENS, maxTokens)));
    return tokensWithin(this.#costOf, payable(credit.held)) >= 1;
  }

  #usage(): TokenUsage {
    this.#asked ??= { ...NO_USAGE, inputTokens: this.#call.inputTokens() };
    return this.#asked;
  }

  readonly #costOf: CostOf = (outputTokens) => this.#call.price({ ...this.#usage(), outputTokens }) ?? ZERO;
}
