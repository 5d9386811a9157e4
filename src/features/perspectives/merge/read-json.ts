/** Objects tried in one reply; a reply that needs more is not an answer. */
const MAX_CANDIDATES = 24;
const MAX_CHARACTERS = 2_000_000;

/**
 * The JSON values that a model's reply may have meant, likeliest first: the whole reply, what stands in code fences, and each object in
 * the prose from its opening brace to the brace that closes it. Thoughts that some open models write before (`<think>…</think>`) are left out.
 */
export function* jsonCandidates(reply: string): Generator<unknown, void, void> {
  const text = reply
    .slice(0, MAX_CHARACTERS)
    .replace(/^\s*<think>[\s\S]*?<\/think>/, '')
    .replace(/^\uFEFF/, '')
    .trim();
  const whole = parsed(text);
  if (whole !== undefined) yield whole;
  for (const [, inside] of text.matchAll(/```[A-Za-z]*\s*\n([\s\S]*?)```/g)) {
    const value = parsed((inside ?? '').trim());
    if (value !== undefined) yield value;
  }
  let from = 0;
  for (let tried = 0; tried < MAX_CANDIDATES; tried++) {
    const open = text.indexOf('{', from);
    if (open < 0) return;
    const close = closingBrace(text, open);
    if (close < 0) {
      from = open + 1;
      continue;
    }
    const value = parsed(text.slice(open, close + 1));
    if (value !== undefined) yield value;
    from = value === undefined ? open + 1 : close + 1;
  }
}

function parsed(text: string): unknown {
  if (!/^[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // Not JSON, or nested beyond what the parser takes: either way not an answer.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Where the object that opens at `open` closes, or -1. Braces inside strings do not count. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  let inString = false;
  for (let at = open; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at++;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x7b) depth++;
    else if (character === 0x7d && --depth === 0) return at;
  }
  return -1;
}
