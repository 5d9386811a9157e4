import type { Dropped, JsonObject, ReasoningOptions, ReasoningPart } from '../../conversation.ts';
import { isObject } from '../fields.ts';

/**
 * Thoughts on the chat wire. OpenAI's own format has no place for them; servers that speak it agreed on `reasoning_content` (DeepSeek, vLLM)
 * or `reasoning` (OpenRouter, newer vLLM) for the text, and OpenRouter's `reasoning_details` ("Reasoning tokens") carries signatures and encrypted
 * state besides. Parallax reads all of them, prefers the details, and writes `reasoning_content` plus, where there is state, the details.
 */
export interface ReasoningPiece {
  /** Pieces with the same number are one thought. */
  readonly index?: number;
  readonly text: string;
  readonly id?: string;
  readonly signature?: string;
  readonly encrypted?: string;
}

/**
 * What a message or a delta says of thoughts, in order; nothing of another shape is an error. Clients that put a streamed message together often
 * keep the text in one field and of the details only the last, which has the signature: the text then belongs to it.
 */
export function reasoningPieces(message: JsonObject): readonly ReasoningPiece[] {
  const plain = message.reasoning_content ?? message.reasoning;
  const text = typeof plain === 'string' ? plain : '';
  const pieces = Array.isArray(message.reasoning_details)
    ? message.reasoning_details.map(detailPiece).filter((piece) => piece !== undefined)
    : [];
  if (text === '' || pieces.some((piece) => piece.text !== '')) return pieces;
  const signed = pieces.findIndex((piece) => piece.signature !== undefined);
  return signed < 0
    ? [{ text }, ...pieces]
    : pieces.map((piece, at) => (at === signed ? { ...piece, text } : piece));
}

function detailPiece(detail: unknown): ReasoningPiece | undefined {
  if (!isObject(detail)) return undefined;
  const piece = {
    ...(typeof detail.index === 'number' ? { index: detail.index } : {}),
    ...(typeof detail.id === 'string' && detail.id !== '' ? { id: detail.id } : {}),
  };
  switch (detail.type) {
    case 'reasoning.text': {
      const text = typeof detail.text === 'string' ? detail.text : '';
      const signature = typeof detail.signature === 'string' ? detail.signature : '';
      if (text === '' && signature === '' && piece.id === undefined) return undefined;
      return { ...piece, text, ...(signature === '' ? {} : { signature }) };
    }
    case 'reasoning.summary':
      return typeof detail.summary === 'string' && detail.summary !== ''
        ? { ...piece, text: detail.summary }
        : undefined;
    case 'reasoning.encrypted':
      return typeof detail.data === 'string' && detail.data !== ''
        ? { ...piece, text: '', encrypted: detail.data }
        : undefined;
    default:
      return undefined;
  }
}

/** The thoughts of a whole message: pieces of one index are joined. */
export function reasoningParts(message: JsonObject): ReasoningPart[] {
  const parts: ReasoningPart[] = [];
  const places = new Map<number, number>();
  for (const { index, ...piece } of reasoningPieces(message)) {
    const place = index === undefined ? undefined : places.get(index);
    const earlier = place === undefined ? undefined : parts[place];
    if (place !== undefined && earlier !== undefined) {
      parts[place] = { ...earlier, ...piece, text: earlier.text + piece.text };
      continue;
    }
    if (index !== undefined) places.set(index, parts.length);
    parts.push({ type: 'reasoning', ...piece });
  }
  return parts;
}

/** One thought as entries of `reasoning_details`. */
export function reasoningDetails(piece: ReasoningPiece, index: number): JsonObject[] {
  const id = piece.id === undefined ? {} : { id: piece.id };
  const details: JsonObject[] = [];
  if (piece.text !== '' || piece.signature !== undefined || piece.encrypted === undefined) {
    const signature = piece.signature === undefined ? {} : { signature: piece.signature };
    details.push({ type: 'reasoning.text', text: piece.text, ...signature, ...id, index });
  }
  if (piece.encrypted !== undefined)
    details.push({ type: 'reasoning.encrypted', data: piece.encrypted, ...id, index });
  return details;
}

/** Whether a thought holds more than its text. */
export function hasState(piece: ReasoningPiece): boolean {
  return piece.id !== undefined || piece.signature !== undefined || piece.encrypted !== undefined;
}

/** The members of an answer's message that say its thoughts. */
export function encodeReasoningParts(parts: readonly ReasoningPart[]): JsonObject {
  if (parts.length === 0) return {};
  const text = parts.map((part) => part.text).join('');
  return {
    ...(text === '' ? {} : { reasoning_content: text }),
    ...(parts.length > 1 || parts.some(hasState)
      ? { reasoning_details: parts.flatMap((part, index) => reasoningDetails(part, index)) }
      : {}),
  };
}

/**
 * The effort that says a neutral request's reasoning. The formats of OpenAI take no token budget: one without an effort becomes the effort whose
 * usual budget is nearest above, and is named; 0 is `none`.
 */
export function effortOf(reasoning: ReasoningOptions, dropped: Dropped[]): string | undefined {
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens === undefined) return effort;
  if (effort !== undefined) {
    dropped.push({ path: 'reasoning.budgetTokens', reason: 'the format takes an effort, not a budget' });
    return effort;
  }
  if (budgetTokens === 0) return 'none';
  const word = budgetTokens <= 2_048 ? 'low' : budgetTokens <= 8_192 ? 'medium' : 'high';
  dropped.push({ path: 'reasoning', reason: `its budget is said as effort ${word}` });
  return word;
}
