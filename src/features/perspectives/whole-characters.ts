/**
 * Where a text can be cut, at `at` or one before it, so that no character outside the basic plane is parted. Half of one is no character: written
 * to a database it comes back as U+FFFD. At the text's own end this leaves out a first half whose second is still to come.
 */
export function wholeUntil(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff ? at - 1 : at;
}

/** A text in parts of at most `length` UTF-16 units, none of which begins or ends within a character. An empty text has no part. */
export function* wholeParts(text: string, length: number): Generator<{ at: number; part: string }> {
  let at = 0;
  while (at < text.length) {
    const end = at + length >= text.length ? text.length : wholeUntil(text, at + length);
    yield { at, part: text.slice(at, end) };
    at = end;
  }
}
