/**
 * Gemini's calls have an id only in newer versions of the API, and even there it may be missing. The neutral form and the other formats need
 * one, so the codec makes it, always the same for the same place; it is never sent to Gemini.
 */
const PREFIX = 'gcall_';

/** The id of a call without one: `seed` is unique for the answer or turn, `index` within it. At most 40 characters, as OpenAI's are. */
export function madeCallId(seed: string, index: number): string {
  return `${PREFIX}${seed.replace(/[^a-zA-Z0-9_-]/g, '').slice(-27)}_${index}`;
}

/** Whether an id was made by `madeCallId`. */
export function isMadeCallId(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** FNV-1a of a text in base 36: the seed for answers that carry no id themselves. */
export function seedOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
