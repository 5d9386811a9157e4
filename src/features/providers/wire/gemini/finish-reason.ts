import type { FinishReason } from '../../conversation.ts';

const REFUSALS: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

/**
 * A candidate's `finishReason` ("Generating content", FinishReason). `STOP` covers calls and stop sequences too: calls are told by the parts,
 * stop sequences cannot be. What remains (`MALFORMED_FUNCTION_CALL`, `OTHER`, …) is an answer broken off.
 */
export function decodeFinishReason(value: unknown, calledTools: boolean): FinishReason {
  if (value === undefined || value === null || value === 'STOP') return calledTools ? 'tool_calls' : 'stop';
  if (value === 'MAX_TOKENS') return 'length';
  if (value === 'CONTINUATION') return 'pause';
  return typeof value === 'string' && REFUSALS.has(value) ? 'refusal' : 'error';
}

/** `pause` has no reason to be told by: `CONTINUATION` comes with a token to go on with, which other providers do not give. */
export function encodeFinishReason(reason: FinishReason): string {
  switch (reason) {
    case 'stop':
    case 'stop_sequence':
    case 'tool_calls':
      return 'STOP';
    case 'length':
      return 'MAX_TOKENS';
    case 'refusal':
      return 'SAFETY';
    case 'pause':
    case 'error':
      return 'OTHER';
  }
}
