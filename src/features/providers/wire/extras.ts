import type { ConversationRequest, Dropped, JsonObject, WireFormat } from '../conversation.ts';
import { isObject } from './fields.ts';

/**
 * Lays the parameters that have no neutral form under an encoded body: objects are joined member by member, arrays are appended (tools
 * of the provider's own behind the functions), and what the body says itself wins. Parameters of another format are named as dropped.
 */
export function withExtra(
  body: JsonObject,
  request: ConversationRequest,
  format: WireFormat,
  dropped: Dropped[],
): JsonObject {
  if (request.extra === undefined) return body;
  if (request.extraFormat === format) return joined(request.extra, body);
  for (const key of Object.keys(request.extra))
    dropped.push({
      path: `extra.${key}`,
      reason: `a parameter of ${request.extraFormat ?? 'another format'}`,
    });
  return body;
}

function joined(under: JsonObject, over: JsonObject): JsonObject {
  const members = new Map<string, unknown>(Object.entries(over));
  for (const [key, value] of Object.entries(under)) {
    const own = members.get(key);
    if (own === undefined) members.set(key, value);
    else if (isObject(own) && isObject(value)) members.set(key, joined(value, own));
    else if (Array.isArray(own) && Array.isArray(value)) members.set(key, [...own, ...value]);
  }
  return Object.fromEntries(members);
}
