import type { FinishReason } from '../../conversation.ts';

const REASONS: ReadonlyMap<unknown, FinishReason> = new Map<unknown, FinishReason>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'refusal'],
  // Not OpenAI's: words of servers that speak its format.
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_use', 'tool_calls'],
  ['safety', 'refusal'],
  ['refusal', 'refusal'],
  ['error', 'error'],
]);

/**
 * `finish_reason` in neutral form ("The chat completion object"). OpenAI says `stop` when a named tool was forced and when the model
 * refused in words, and other servers when tools were called: what the answer holds decides then. An unknown word reads as `stop`.
 */
export function decodeFinishReason(
  wire: unknown,
  answer: { readonly calledTools: boolean; readonly refused: boolean },
): FinishReason {
  const reason = REASONS.get(wire) ?? 'stop';
  if (reason !== 'stop') return reason;
  if (answer.calledTools) return 'tool_calls';
  return answer.refused ? 'refusal' : 'stop';
}

/**
 * The word for a client. A refusal in words is `stop` beside `refusal`, one by a policy is `content_filter`. The format knows no
 * `pause`, which becomes `stop`, and no failure: `error` is the word that OpenRouter uses, so that nothing broken looks whole.
 */
export function encodeFinishReason(reason: FinishReason, refusedInWords: boolean): string {
  switch (reason) {
    case 'stop':
    case 'stop_sequence':
    case 'pause':
      return 'stop';
    case 'refusal':
      return refusedInWords ? 'stop' : 'content_filter';
    case 'length':
    case 'tool_calls':
    case 'error':
      return reason;
  }
}
