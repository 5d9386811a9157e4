/**
 * How far two texts say the same in the same words: an agreement measure that needs no model and knows no language. It stands in where a
 * judge cannot be had, breaks ties, and says whether a position still moves. It cannot see a negation or a paraphrase, so it never
 * overrides a judge.
 */

/** Sentences of a text that are looked at; more would cost quadratic time and say little more. */
const MAX_SENTENCES = 80;
const MAX_CHARACTERS = 24_000;
/** Words up to this length are mostly function words in the languages that have them, and count for less. */
const SHORT_WORD = 3;
const SHORT_WORD_WEIGHT = 0.25;

const SENTENCE_END = /(?<=[.!?…])\s+|(?<=[。！？])|\n+/u;
const WORD = /[\p{L}\p{N}]+/gu;
/** Scripts that write without spaces: their runs are compared by pairs of characters. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

interface Sentence {
  readonly words: ReadonlySet<string>;
  readonly weight: number;
}

/** A text made ready for comparison. */
export type LexicalProfile = readonly Sentence[];

/** Prepares a text, so that comparing it with many others splits it once. */
export function lexicalProfile(text: string): LexicalProfile {
  const profile: Sentence[] = [];
  for (const sentence of text.slice(0, MAX_CHARACTERS).normalize('NFKC').toLowerCase().split(SENTENCE_END)) {
    const words = new Set<string>();
    for (const [run] of sentence.matchAll(WORD)) for (const word of wordsOf(run)) words.add(word);
    if (words.size > 0) profile.push({ words, weight: weightOf(words) });
    if (profile.length === MAX_SENTENCES) break;
  }
  return profile;
}

function wordsOf(run: string): string[] {
  if (!UNSPACED.test(run)) return [run];
  const characters = [...run];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

function weightOf(words: Iterable<string>): number {
  let total = 0;
  for (const word of words) total += wordWeight(word);
  return total;
}

function wordWeight(word: string): number {
  return word.length <= SHORT_WORD && !UNSPACED.test(word) && !/\p{N}/u.test(word) ? SHORT_WORD_WEIGHT : 1;
}

/** Weighted Jaccard index of two sentences' words, 0 to 1. */
function overlap(a: Sentence, b: Sentence): number {
  const [small, large] = a.words.size <= b.words.size ? [a, b] : [b, a];
  let shared = 0;
  for (const word of small.words) if (large.words.has(word)) shared += wordWeight(word);
  return shared / (a.weight + b.weight - shared);
}

/**
 * Agreement of two profiles, 0 to 1: for each sentence its best overlap with a sentence of the other text, averaged by weight, both ways.
 * Symmetric; 1 for texts of the same sentences in any order; 0 when either is empty.
 */
export function profileAgreement(a: LexicalProfile, b: LexicalProfile): number {
  if (a.length === 0 || b.length === 0) return 0;
  const bestOfB = new Array<number>(b.length).fill(0);
  let forward = 0;
  let weightA = 0;
  for (const own of a) {
    let best = 0;
    b.forEach((other, index) => {
      const value = overlap(own, other);
      if (value > best) best = value;
      if (value > (bestOfB[index] ?? 0)) bestOfB[index] = value;
    });
    forward += best * own.weight;
    weightA += own.weight;
  }
  let backward = 0;
  let weightB = 0;
  b.forEach((other, index) => {
    backward += (bestOfB[index] ?? 0) * other.weight;
    weightB += other.weight;
  });
  return (forward / weightA + backward / weightB) / 2;
}

/** Agreement of two texts, 0 to 1. */
export function lexicalAgreement(a: string, b: string): number {
  return profileAgreement(lexicalProfile(a), lexicalProfile(b));
}

/** For each text its mean agreement with the others, 0 to 1; a text that stands alone has 1. */
export function centralities(texts: readonly string[]): number[] {
  if (texts.length === 1) return [1];
  const profiles = texts.map(lexicalProfile);
  const totals = new Array<number>(texts.length).fill(0);
  for (let i = 0; i < profiles.length; i++) {
    for (let j = i + 1; j < profiles.length; j++) {
      const value = profileAgreement(profiles[i] ?? [], profiles[j] ?? []);
      totals[i] = (totals[i] ?? 0) + value;
      totals[j] = (totals[j] ?? 0) + value;
    }
  }
  return totals.map((total) => total / (texts.length - 1));
}

/**
 * The position of the most central text: the one that says most of what the others say. Nearly equal ones are told apart by length (the
 * longer one says more), then by the text itself, so that the order in which they are given never decides.
 */
export function mostCentral(texts: readonly string[]): number {
  const values = centralities(texts).map((value) => Math.round(value * 1000));
  const order = texts.map((_, index) => index);
  order.sort((a, b) => {
    const byValue = (values[b] ?? 0) - (values[a] ?? 0);
    return byValue === 0 ? compareTexts(texts[a] ?? '', texts[b] ?? '') : byValue;
  });
  return order[0] ?? 0;
}

/** Longer first, then by code units: an order that depends on the texts alone. */
export function compareTexts(a: string, b: string): number {
  if (a.length !== b.length) return b.length - a.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
