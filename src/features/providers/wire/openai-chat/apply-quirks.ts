import type { Dropped, JsonObject } from '../../conversation.ts';
import type { OpenAiQuirks } from './quirks.ts';

/** Takes out what the server refuses (named as dropped) and renames what it calls otherwise. */
export function applyQuirks(body: JsonObject, quirks: OpenAiQuirks, dropped: Dropped[]): JsonObject {
  const { omit = [], rename } = quirks;
  if (omit.length === 0 && rename === undefined) return body;
  const members = new Map(Object.entries(body));
  for (const parameter of omit)
    if (members.delete(parameter))
      dropped.push({ path: parameter, reason: 'the provider refuses this parameter' });
  for (const [from, to] of Object.entries(rename ?? {})) {
    const value = members.get(from);
    if (value === undefined) continue;
    members.delete(from);
    members.set(to, value);
  }
  return Object.fromEntries(members);
}
