import type { JsonObject, ReasoningPart } from '../../conversation.ts';
import { isObject, jsonOrUndefined } from '../fields.ts';

/**
 * `reasoning` items ("Reasoning models", encrypted reasoning). A client sends them back as they came, so what other makers want back with a
 * thought travels in them too: an item without an id of OpenAI's gets one of ours, and a signature is written into `encrypted_content`.
 */
const OWN_ID = 'rs_plx_';
const OWN_STATE = 'plx:';

export interface Thought {
  readonly text: string;
  readonly signature?: string;
  readonly encrypted?: string;
  /** The maker's id, when it came after the item had begun under one of ours. */
  readonly lateId?: string;
}

/** An item for a client. */
export function reasoningItem(id: string, thought: Thought): JsonObject {
  const encrypted = encryptedContent(thought);
  return {
    type: 'reasoning',
    id,
    summary: thought.text === '' ? [] : [{ type: 'summary_text', text: thought.text }],
    ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
  };
}

/** The id of an item; `key` makes that of a thought that has none. */
export function reasoningItemId(id: string | undefined, key: string): string {
  return id ?? `${OWN_ID}${key}`;
}

/** `encrypted_content` of a thought's state; `undefined` when it has none. */
function encryptedContent(thought: Thought): string | undefined {
  const { signature, encrypted, lateId } = thought;
  if (signature === undefined && lateId === undefined) return encrypted;
  return OWN_STATE + JSON.stringify({ signature, encrypted, id: lateId });
}

/** The neutral thought of an item's members, from a client or a provider. Empty texts and our own ids say nothing. */
export function reasoningPart(
  text: string,
  id: string | undefined,
  encrypted: string | undefined,
): ReasoningPart {
  return {
    type: 'reasoning',
    text,
    ...(id === undefined || id === '' || id.startsWith(OWN_ID) ? {} : { id }),
    ...stateOf(encrypted),
  };
}

/** What a thought's `encrypted_content` says: the maker's own state, or what we wrote into it. */
export function stateOf(encrypted: string | undefined): {
  id?: string;
  signature?: string;
  encrypted?: string;
} {
  if (encrypted === undefined || encrypted === '') return {};
  const own = encrypted.startsWith(OWN_STATE)
    ? jsonOrUndefined(encrypted.slice(OWN_STATE.length))
    : undefined;
  if (!isObject(own)) return { encrypted };
  return {
    ...(typeof own.id === 'string' ? { id: own.id } : {}),
    ...(typeof own.signature === 'string' ? { signature: own.signature } : {}),
    ...(typeof own.encrypted === 'string' ? { encrypted: own.encrypted } : {}),
  };
}

/** Between the parts of a summary, which the neutral form keeps as one text. */
export const SUMMARY_BREAK = '\n\n';
