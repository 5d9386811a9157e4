import { estimateTokens } from '../../platform/tokens.ts';
import type { Message } from '../providers/index.ts';

/** Estimated tokens of the text in a conversation. */
export function messageTokens(messages: readonly Message[]): number {
  let tokens = 0;
  for (const message of messages) {
    for (const part of message.parts) if (part.type === 'text') tokens += estimateTokens(part.text);
  }
  return tokens;
}
