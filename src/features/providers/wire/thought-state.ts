import { base64OfText, textOfBase64 } from './base64-text.ts';
import { isObject, jsonOrUndefined } from './fields.ts';

/**
 * What a provider wants back with a thought. A client of Anthropic's or Gemini's format returns one opaque signature with it, so state that is
 * more than a signature (an item's id and encrypted content of OpenAI's) travels packed into that, and is unpacked when it comes back.
 */
export interface ThoughtState {
  readonly id?: string;
  readonly signature?: string;
  readonly encrypted?: string;
}

const PREFIX = 'plx:';
/** The prefix and the brace behind it in base64. */
const PREFIX_BASE64 = btoa(`${PREFIX}{"`);

/** The signature to send to a client; `undefined` when there is no state. */
export function packedState({ id, signature, encrypted }: ThoughtState): string | undefined {
  if (id === undefined && encrypted === undefined) return signature;
  return PREFIX + JSON.stringify({ id, signature, encrypted });
}

/** The state in a signature; an empty signature has none. */
export function unpackedState(text: string): ThoughtState {
  if (text === '') return {};
  const state = text.startsWith(PREFIX) ? jsonOrUndefined(text.slice(PREFIX.length)) : undefined;
  if (!isObject(state)) return { signature: text };
  const members = ['id', 'signature', 'encrypted'].filter((key) => typeof state[key] === 'string');
  return Object.fromEntries(members.map((key) => [key, state[key]]));
}

/** Like `packedState`, as the base64 that Gemini's `thoughtSignature` is. */
export function packedStateBase64(state: ThoughtState): string | undefined {
  const packed = packedState(state);
  return packed === undefined || packed === state.signature ? packed : base64OfText(packed);
}

export function unpackedStateBase64(text: string): ThoughtState {
  if (!text.startsWith(PREFIX_BASE64)) return text === '' ? {} : { signature: text };
  return unpackedState(textOfBase64(text) ?? text);
}
