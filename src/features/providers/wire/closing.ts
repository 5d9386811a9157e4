import type { StreamEncoderOptions } from '../codec.ts';
import type { TokenUsage } from '../conversation.ts';

/** The caller's members for the event that tells the usage, as JSON text to stand behind a member that is there: `,"a":1`, or nothing. */
export function closingMembers({ closing }: StreamEncoderOptions, usage: TokenUsage): string {
  const members = closing === undefined ? '{}' : JSON.stringify(closing(usage));
  return members === '{}' ? '' : `,${members.slice(1, -1)}`;
}
