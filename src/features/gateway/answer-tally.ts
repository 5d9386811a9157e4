import { estimateTokens } from '../../platform/tokens.ts';
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
  #saidTokens = 0;
  #whole = false;
  #error: UpstreamErrorInfo | null = null;

  add(events: readonly ConversationEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'text':
        case 'refusal':
        case 'reasoning':
          this.#saidTokens += estimateTokens(event.text);
          break;
        case 'tool_call_start':
          this.#saidTokens += estimateTokens(event.name);
          break;
        case 'tool_call_arguments':
          this.#saidTokens += estimateTokens(event.fragment);
          break;
        case 'usage':
          this.#reported = event.usage;
          break;
        case 'error':
          this.#error = event.error;
          break;
        case 'end':
          this.#whole = true;
          break;
        default:
          break;
      }
    }
  }

  summary(): AnswerSummary {
    return {
      reported: this.#reported,
      saidTokens: this.#saidTokens,
      whole: this.#whole,
      error: this.#error,
    };
  }
}
