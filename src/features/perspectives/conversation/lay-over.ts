import type { Message, TextPart } from '../../providers/index.ts';

/**
 * A conversation with a text laid behind the client's own system text, where it adds to what the application says rather than replacing it. It joins the last of
 * the leading system messages, because some servers take only one; a cache breakpoint there stays where it was, before what differs from model to model.
 */
export function layOver(messages: readonly Message[], text: string | null): readonly Message[] {
  if (text === null || text === '') return messages;
  const leading = messages.findIndex(({ role }) => role !== 'system');
  const at = (leading < 0 ? messages.length : leading) - 1;
  const last = messages[at];
  if (last?.role !== 'system') return [{ role: 'system', parts: [{ type: 'text', text }] }, ...messages];
  return messages.with(at, { role: 'system', parts: withText(last.parts, text) });
}

function withText(parts: readonly TextPart[], text: string): readonly TextPart[] {
  const last = parts.at(-1);
  if (last === undefined || last.cache !== undefined) return [...parts, { type: 'text', text }];
  return parts.with(-1, { type: 'text', text: `${last.text}\n\n${text}` });
}
