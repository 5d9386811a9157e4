import { estimateTokens } from '../../platform/tokens.ts';

/**
 * Tokens that a text takes inside a JSON string, its quotes and escapes included. Everything that bounds a tool's result is counted by this one
 * function, so that a text and its structured twin obey the same figure.
 */
export function jsonTokens(value: unknown): number {
  return estimateTokens(JSON.stringify(value) ?? '');
}

/** What a cut text ends with. */
const CUT = ' […]';
/** How much of a cut text's end may be given up to stop at a paragraph, a sentence or a word. */
const TIDY_SHARE = 0.2;

export interface Clipped {
  readonly text: string;
  readonly cut: boolean;
}

/** The beginning of a text within a bound of tokens, ended where it reads best and marked as cut. A bound too small even for the mark gives nothing. */
export function clip(text: string, tokens: number): Clipped {
  if (text === '' || jsonTokens(text) <= tokens) return { text, cut: false };
  if (jsonTokens(CUT) > tokens) return { text: '', cut: true };
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (jsonTokens(text.slice(0, middle) + CUT) <= tokens) low = middle;
    else high = middle - 1;
  }
  return { text: tidyEnd(text.slice(0, wholeCharacters(text, low))) + CUT, cut: true };
}

/** `end`, or one less where it would split a surrogate pair. */
function wholeCharacters(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}

function tidyEnd(text: string): string {
  const least = Math.floor(text.length * (1 - TIDY_SHARE));
  for (const border of ['\n\n', '\n', '. ', ' ']) {
    const at = text.lastIndexOf(border);
    if (at >= least && at > 0) return text.slice(0, border === '. ' ? at + 1 : at).trimEnd();
  }
  return text;
}

/**
 * Shares a total among wants, as evenly as they can use it: what a small want leaves goes to the larger ones. Returns whole numbers, each at
 * most its want, whose sum is at most the total.
 */
export function share(wants: readonly number[], total: number): number[] {
  const shares = wants.map(() => 0);
  let left = Math.max(0, Math.floor(total));
  let open = wants.map((_, index) => index).sort((a, b) => (wants[a] ?? 0) - (wants[b] ?? 0));
  while (open.length > 0) {
    const [smallest, ...rest] = open;
    const want = wants[smallest ?? 0] ?? 0;
    const given = Math.min(want, Math.floor(left / open.length));
    shares[smallest ?? 0] = given;
    left -= given;
    open = rest;
  }
  return shares;
}
