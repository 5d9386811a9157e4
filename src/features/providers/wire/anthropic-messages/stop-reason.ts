import type { FinishReason } from '../../conversation.ts';

const FINISH_OF_STOP: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  stop_sequence: 'stop_sequence',
  tool_use: 'tool_calls',
  pause_turn: 'pause',
  refusal: 'refusal',
};

const STOP_OF_FINISH: Readonly<Record<FinishReason, string | null>> = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  refusal: 'refusal',
  pause: 'pause_turn',
  error: null,
};

/**
 * `stop_reason` ("Handling stop reasons"). A finished message always has one: `null` says that it was broken off. A reason that we do not
 * know counts as a plain stop, because the API may add some.
 */
export function decodeStopReason(value: unknown): FinishReason {
  if (value === null || value === undefined) return 'error';
  return (
    (typeof value === 'string' && Object.hasOwn(FINISH_OF_STOP, value) && FINISH_OF_STOP[value]) || 'stop'
  );
}

export function encodeStopReason(reason: FinishReason): string | null {
  return STOP_OF_FINISH[reason];
}
