/** Words of a text, as the stand-ins compare them. */

const COMMON = new Set(
  `a about above after again all also am an and another any are as at be because been before being below best better between both but by
  can could did do does doing done down each either else ever every few first for from further get give given go had has have having he
  her here hers him his how i if in into is it its itself just know least less let like made make makes many may me might mine more most
  much must my need needs never no nor not now of off often on once one only or other others our out over own per please quite rather
  really same say says second shall she should since so some still such take tell than that the their theirs them then there these they
  thing things this those three through to too two under until up upon us use used using very want was way we well were what when where
  whether which while who whom whose why will with within without word words would yes yet you your yours answer question explain
  describe short brief reply write`.split(/\s+/),
);

/** Characters beyond which something is no word: data, or an attempt to be long. */
const LONGEST_WORD = 60;

/** Every word of a text, lower case, letters and digits only. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** The words that carry meaning, in the order of their first use, each once. */
export function contentWords(text: string): string[] {
  return [...new Set(words(text))].filter(
    (word) => word.length > 1 && word.length <= LONGEST_WORD && !COMMON.has(word),
  );
}

/** A crude stem, so that plurals and verb forms meet: `caches`, `cached`, `caching` give `cach`. */
export function stem(word: string): string {
  const cut = word.replace(/(?:ing|ed|es|s|e)$/, '');
  return cut.length >= 3 ? cut : word;
}

/** Stems of a text's content words. */
export function stems(text: string): Set<string> {
  return new Set(contentWords(text).map(stem));
}

/** Shared members over all members, 0 to 1; two empty sets have nothing in common. */
export function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const member of a) if (b.has(member)) shared++;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : shared / all;
}

/** The share of `wanted` that `offered` has, 0 to 1. */
export function coverage(wanted: ReadonlySet<string>, offered: ReadonlySet<string>): number {
  if (wanted.size === 0) return 0;
  let found = 0;
  for (const member of wanted) if (offered.has(member)) found++;
  return found / wanted.size;
}

/** Names in a text: runs of capitalized words that do not start a sentence, such as `Paris` or `New York`. */
export function properNames(text: string): string[] {
  const found = text.matchAll(/(?<=[\p{Ll}\p{N},;:]\s+)\p{Lu}[\p{L}\p{N}-]*(?:\s+\p{Lu}[\p{L}\p{N}-]*)*/gu);
  return [...new Set([...found].map((match) => match[0]).filter((name) => name.length > 1))];
}

/** Numbers in a text, in order. */
export function numbers(text: string): number[] {
  return (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number).filter(Number.isFinite);
}

/** At most `count` words of a text, none of them longer than a word can be, without a trailing full stop or comma. */
export function firstWords(text: string, count: number): string {
  const found = text.trim().match(/\S+/gu) ?? [];
  const kept = found.slice(0, count).map((word) => word.slice(0, LONGEST_WORD).toWellFormed());
  return kept.join(' ').replace(/[\s.,;:!?]+$/, '');
}
