import { estimateTokens } from '../../platform/tokens.ts';
import type { Message, Part } from '../providers/index.ts';

/** Tokens that an image, a sound or a file is counted as. Providers count from 258 an image to 1,600; this serves only where they do not say. */
const ATTACHMENT_TOKENS = 1_000;

/** Estimated tokens of a conversation's messages. */
export function messageTokens(messages: readonly Message[]): number {
  let tokens = 0;
  for (const message of messages) for (const part of message.parts) tokens += partTokens(part);
  return tokens;
}

function partTokens(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return estimateTokens(part.text);
    case 'tool_call':
      return estimateTokens(part.name) + estimateTokens(part.arguments);
    case 'tool_result':
      return part.content.reduce((tokens, item) => tokens + partTokens(item), 0);
    case 'image':
    case 'audio':
    case 'file':
      return ATTACHMENT_TOKENS;
  }
}
