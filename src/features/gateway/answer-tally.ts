import { TokenCount } from '../../platform/tokens.ts';
import { countSaid } from '../metering/index.ts';
import type { ConversationEvent, TokenUsage, UpstreamErrorInfo } from '../providers/index.ts';

/** What a streamed answer came to, as far as charging and recording it goes. Plain data: it travels between invocations. */
export interface AnswerSummary {
  /** The provider's last figures. */
  readonly reported: TokenUsage | null;
  /** Estimated tokens of what was said. */
  readonly saidTokens: number;
  /** It came to its proper end. */
  readonly whole: boolean;
  readonly error: UpstreamErrorInfo | null;
}

/** Counts a streamed answer while it passes. */
export class AnswerTally {
  #reported: TokenUsage | null = null;
  readonly #said = new TokenCount();
  #whole = false;
  #error: UpstreamErrorInfo | null = null;

  add(events: readonly ConversationEvent[]): void {
    for (const event of events) {
      if (event.type === 'usage') this.#reported = event.usage;
      else if (event.type === 'error') this.#error = event.error;
      else if (event.type === 'end') this.#whole = true;
      else countSaid(event, this.#said);
    }
  }

  get reported(): TokenUsage | null {
    return this.#reported;
  }

  /** What was said until now. */
  get said(): TokenCount {
    return this.#said;
  }

  summary(): AnswerSummary {
    return {
      reported: this.#reported,
      saidTokens: this.#said.tokens,
      whole: this.#whole,
      error: this.#error,
    };
  }
}
