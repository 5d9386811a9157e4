import { NO_USAGE, type TokenUsage } from '../providers/index.ts';

export interface Produced {
  /** The provider's last figures, if it sent any. */
  readonly reported: TokenUsage | null;
  /** Estimated tokens of what the model said: text, refusals, thoughts, arguments of tools. */
  readonly saidTokens: number;
  /** Whether the answer came to its proper end. */
  readonly whole: boolean;
  /** Estimated tokens of what the model was asked; counted only when they are needed. */
  readonly promptTokens: () => number;
}

/**
 * What a call is charged for: the provider's own figures when it sent them. A stream that was cut has at best those of its beginning, so its
 * output is counted from what it said; a provider that sends none is counted whole, and the record says `estimated`.
 * A call that produced nothing has used nothing.
 */
export function producedUsage({ reported, saidTokens, whole, promptTokens }: Produced): {
  readonly usage: TokenUsage;
  readonly estimated: boolean;
} {
  if (reported !== null && (whole || reported.outputTokens >= saidTokens)) {
    const nothing = !whole && reported.outputTokens === 0;
    return { usage: nothing ? NO_USAGE : reported, estimated: false };
  }
  if (saidTokens === 0) return { usage: NO_USAGE, estimated: false };
  const inputTokens = reported?.inputTokens ?? promptTokens();
  return {
    usage: { ...(reported ?? NO_USAGE), inputTokens, outputTokens: saidTokens },
    estimated: true,
  };
}
