/**
 * The nearest names to one that was not found. Trigrams find which names are worth comparing, so that thousands of names cost
 * about a millisecond; the edit distance with transpositions (Damerau-Levenshtein, optimal string alignment) then ranks them.
 */
export interface NameIndex {
  nearest(name: string, count: number): string[];
}

/** Names compared in full, at most. */
const SHORTLIST = 60;
/** Longer than any name; what is asked for is cut here, so that nonsense costs no more than a name. */
const MAX_LENGTH = 120;
/** Below this similarity (0 to 1) a name is no help. */
const MIN_SIMILARITY = 0.3;
/** How much a name that can be used is preferred to one that cannot. */
const USABLE_BONUS = 0.05;

interface IndexedName {
  readonly id: string;
  /** The whole id and what follows its provider, in lower case. */
  readonly forms: readonly string[];
  readonly usable: boolean;
}

/** Indexes ids of the form `provider/name`. */
export function nameIndex(models: readonly { readonly id: string; readonly usable: boolean }[]): NameIndex {
  const names: IndexedName[] = models.map(({ id, usable }) => ({ id, usable, forms: formsOf(id) }));
  const postings = new Map<string, number[]>();
  names.forEach(({ forms }, position) => {
    for (const trigram of trigramsOf(forms[0] ?? '')) {
      const list = postings.get(trigram);
      if (list === undefined) postings.set(trigram, [position]);
      else list.push(position);
    }
  });
  return {
    nearest(name, count) {
      const asked = formsOf(name.trim().slice(0, MAX_LENGTH));
      return shortlist(asked[0] ?? '', postings)
        .flatMap((position) => names[position] ?? [])
        .map((candidate) => ({
          id: candidate.id,
          score: similarityOf(asked, candidate) + (candidate.usable ? USABLE_BONUS : 0),
        }))
        .filter(({ score }) => score >= MIN_SIMILARITY)
        .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
        .slice(0, count)
        .map(({ id }) => id);
    },
  };
}

function formsOf(name: string): string[] {
  const whole = name.toLowerCase();
  const bare = whole.slice(whole.indexOf('/') + 1);
  return bare === whole ? [whole] : [whole, bare];
}

/** Trigrams of a name with its ends marked, each once. */
function trigramsOf(name: string): Set<string> {
  const padded = `^${name}$`;
  const trigrams = new Set<string>();
  for (let i = 0; i + 3 <= padded.length; i++) trigrams.add(padded.slice(i, i + 3));
  return trigrams;
}

function shortlist(asked: string, postings: ReadonlyMap<string, readonly number[]>): number[] {
  const shared = new Map<number, number>();
  for (const trigram of trigramsOf(asked)) {
    for (const position of postings.get(trigram) ?? []) shared.set(position, (shared.get(position) ?? 0) + 1);
  }
  return [...shared]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHORTLIST)
    .map(([position]) => position);
}

/** The better of the two ways to compare: whole ids, and names without their providers (worth a little less). */
function similarityOf(asked: readonly string[], candidate: IndexedName): number {
  const whole = similarity(asked[0] ?? '', candidate.forms[0] ?? '');
  const bare = similarity(asked.at(-1) ?? '', candidate.forms.at(-1) ?? '');
  return Math.max(whole, bare * 0.97);
}

/** 1 for equal names, 0 for names with nothing in common. */
function similarity(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 1 : 1 - editDistance(a, b) / longest;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, (before[column - 2] ?? 0) + 1);
      current.push(distance);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
