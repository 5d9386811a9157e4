import { estimateTokens } from '../../platform/tokens.ts';
import { NO_USAGE, type TokenUsage } from '../providers/index.ts';

export interface Produced {
  /** The provider's last figures, if it sent any. */
  readonly reported: TokenUsage | null;
  /** What the model said, refusals included. */
  readonly text: string;
  /** Whether the answer came to its proper end. */
  readonly whole: boolean;
  /** Estimated tokens of what the model was asked; counted only when they are needed. */
  readonly promptTokens: () => number;
}

/**
 * What a call is charged for: the provider's own figures when it sent them. A stream that was cut has at best those of its beginning, so its
 * output is counted from what it said; a provider that sends none is counted whole, and the receipt says `estimated`.
 * A call that produced nothing has used nothing.
 */
export function producedUsage(produced: Produced): {
  readonly usage: TokenUsage;
  readonly estimated: boolean;
} {
  const { reported, text, whole } = produced;
  if (reported !== null && whole) return { usage: reported, estimated: false };
  const said = estimateTokens(text);
  if (reported !== null && reported.outputTokens >= said) {
    return reported.outputTokens === 0
      ? { usage: NO_USAGE, estimated: false }
      : { usage: reported, estimated: false };
  }
  if (said === 0) return { usage: NO_USAGE, estimated: false };
  const inputTokens = reported?.inputTokens ?? produced.promptTokens();
  return { usage: { ...(reported ?? NO_USAGE), inputTokens, outputTokens: said }, estimated: true };
}
