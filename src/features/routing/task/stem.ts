/** Shortest stem that is left: shorter words are their own. */
const MIN_STEM = 4;

/** Endings of English and German words by their last letter, longest first. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  d: ['end', 'ed'],
  e: ['e'],
  g: ['ing', 'ung'],
  m: ['em'],
  n: ['ungen', 'en', 'ern', 'n'],
  r: ['er'],
  s: ['ings', 'es', 'ers', 's'],
  t: ['est', 'et', 'st', 't'],
};

/**
 * A word in lower case without one ending, so that `summarize`, `summarizing` and `übersetzen`, `übersetzt`, `Übersetzung` are looked up alike. Much
 * cruder than a real stemmer (Porter, Snowball), which it need not be: the words it is compared with went through it too.
 */
export function stem(word: string): string {
  const endings = ENDINGS[word.charAt(word.length - 1)];
  if (endings === undefined) return word;
  for (const ending of endings) {
    if (word.length - ending.length >= MIN_STEM && word.endsWith(ending))
      return word.slice(0, -ending.length);
  }
  return word;
}
