import type { AssistantPart, Message, ToolResultPart } from '../conversation.ts';

/**
 * Adds tool results to decoded messages in normal form. Anthropic and Gemini send them inside user turns, before or after what the
 * person wrote, and a client may spread one round over several turns; the neutral form has them in one `tool` message right behind the
 * assistant's calls, because OpenAI's formats refuse anything between the two.
 */
export function addToolResults(messages: Message[], results: readonly ToolResultPart[]): void {
  if (results.length === 0) return;
  let at = messages.length;
  while (at > 0 && (messages[at - 1]?.role === 'user' || messages[at - 1]?.role === 'system')) at -= 1;
  const before = messages[at - 1];
  if (before === undefined) messages.push({ role: 'tool', parts: results });
  else if (before.role === 'tool') messages[at - 1] = { role: 'tool', parts: [...before.parts, ...results] };
  else messages.splice(at, 0, { role: 'tool', parts: results });
}

/**
 * Adds an assistant's decoded turn. Both formats take several in a row as one turn ("Create a Message", `messages`), and clients that keep a
 * stream's chunks as they came send such; other formats want one message. `joined` may join the parts that meet.
 */
export function addAssistantTurn(
  messages: Message[],
  parts: readonly AssistantPart[],
  joined: (before: readonly AssistantPart[], after: readonly AssistantPart[]) => readonly AssistantPart[],
): void {
  if (parts.length === 0) return;
  const before = messages.at(-1);
  if (before?.role === 'assistant')
    messages[messages.length - 1] = { ...before, parts: joined(before.parts, parts) };
  else messages.push({ role: 'assistant', parts });
}

/** The index of the first message that is not one of the leading system messages. */
export function leadingSystemCount(messages: readonly Message[]): number {
  let count = 0;
  while (messages[count]?.role === 'system') count += 1;
  return count;
}
