import type { TokenCount } from '../../platform/tokens.ts';
import type { ConversationEvent } from '../providers/index.ts';

/** Adds what an event says to a count: its text, its thoughts, the arguments of its calls. */
export function countSaid(event: ConversationEvent, count: TokenCount): void {
  switch (event.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      count.add(event.text);
      break;
    case 'tool_call_start':
      count.add(event.name);
      break;
    case 'tool_call_arguments':
      count.add(event.fragment);
      break;
    default:
      break;
  }
}
