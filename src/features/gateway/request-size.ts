import { estimateTokens } from '../../platform/tokens.ts';

/** Tokens that a picture, a page or a sound is counted as: what providers bill for a picture of usual size, rounded up. */
const MEDIA_TOKENS = 1_600;
/** A text that begins with this much base64 is data, whatever its name. */
const DATA = /^[A-Za-z0-9+/_=-]{1024}/;

/**
 * An estimate of a request's input in tokens, from its JSON body alone, whatever the format: every text in it is counted, schemas and tool
 * names among them, because models are given those too; inlined media count as one thing each. Bounded by the body, never by recursion: a
 * body nests at most as deep as `readJson` lets it.
 */
export function requestTokens(body: unknown): number {
  if (typeof body === 'string') return textTokens(body);
  if (typeof body === 'number' || typeof body === 'boolean') return 1;
  if (typeof body !== 'object' || body === null) return 0;
  let tokens = 0;
  if (Array.isArray(body)) {
    for (const item of body) tokens += requestTokens(item);
    return tokens;
  }
  for (const [name, value] of Object.entries(body)) {
    // Names and marks of the JSON itself; about what the formats' own framing comes to.
    tokens += name.length > 24 ? 4 : 1;
    tokens += requestTokens(value);
  }
  return tokens;
}

function textTokens(text: string): number {
  return text.startsWith('data:') || DATA.test(text) ? MEDIA_TOKENS : estimateTokens(text);
}
