import type { DocSection } from './sections.ts';

export interface DocHit {
  readonly section: DocSection;
  /** BM25 score; comparable within one search only. */
  readonly score: number;
  /** The part of the section that answers best, as Markdown. */
  readonly excerpt: string;
}

export interface DocSearch {
  /** The sections nearest to the query, best first; none when no word of it occurs. */
  find(query: string, limit: number): DocHit[];
}

/** BM25's usual constants: how soon a repeated word stops counting, and how much a long section is held back. */
const K1 = 1.2;
const B = 0.75;
/** A word in a heading or title counts as so many in the text. */
const HEADING_WEIGHT = 4;
const TITLE_WEIGHT = 2;
const EXCERPT_LENGTH = 700;
const MAX_QUERY_WORDS = 32;

interface IndexedSection {
  readonly section: DocSection;
  readonly frequencies: ReadonlyMap<string, number>;
  readonly length: number;
}

/**
 * Ranks sections by BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, equation 3.15), with headings weighted as
 * repeated words. Small enough to be built when first asked.
 */
export function createDocSearch(sections: readonly DocSection[]): DocSearch {
  const indexed = sections.map(indexSection);
  const averageLength = indexed.reduce((sum, { length }) => sum + length, 0) / Math.max(1, indexed.length);
  const documentCounts = new Map<string, number>();
  for (const { frequencies } of indexed) {
    for (const word of frequencies.keys()) documentCounts.set(word, (documentCounts.get(word) ?? 0) + 1);
  }
  const rarity = (word: string) => {
    const containing = documentCounts.get(word) ?? 0;
    return Math.log(1 + (indexed.length - containing + 0.5) / (containing + 0.5));
  };

  return {
    find(query, limit) {
      const words = [...new Set(wordsOf(query))].slice(0, MAX_QUERY_WORDS);
      const scored = indexed.flatMap(({ section, frequencies, length }) => {
        let score = 0;
        for (const word of words) {
          const frequency = frequencies.get(word) ?? 0;
          const norm = K1 * (1 - B + (B * length) / averageLength);
          score += (rarity(word) * frequency * (K1 + 1)) / (frequency + norm);
        }
        return score > 0 ? [{ section, score }] : [];
      });
      return scored
        .sort((a, b) => b.score - a.score)
        .slice(0, limit)
        .map(({ section, score }) => ({ section, score, excerpt: excerptOf(section.text, words) }));
    },
  };
}

function indexSection(section: DocSection): IndexedSection {
  const frequencies = new Map<string, number>();
  let length = 0;
  const add = (text: string, weight: number) => {
    for (const word of wordsOf(text)) {
      frequencies.set(word, (frequencies.get(word) ?? 0) + weight);
      length += weight;
    }
  };
  add(section.text, 1);
  add(section.heading, HEADING_WEIGHT);
  add(section.title, TITLE_WEIGHT);
  return { section, frequencies, length };
}

/** Words in lower case without a plural `s`; a name with underscores counts whole and in its parts. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [whole] of text.toLowerCase().matchAll(/[\p{L}\p{N}_]+/gu)) {
    words.push(stem(whole));
    if (whole.includes('_'))
      words.push(
        ...whole
          .split('_')
          .filter((part) => part !== '')
          .map(stem),
      );
  }
  return words;
}

function stem(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** The paragraphs from the one that holds most of the words on, as many as fit. */
function excerptOf(text: string, words: readonly string[]): string {
  if (text.length <= EXCERPT_LENGTH) return text;
  const paragraphs = text.split(/\n{2,}/);
  const matches = paragraphs.map((paragraph) => {
    const present = new Set(wordsOf(paragraph));
    return words.filter((word) => present.has(word)).length;
  });
  const best = matches.indexOf(Math.max(...matches));
  let excerpt = '';
  for (const paragraph of paragraphs.slice(best)) {
    if (excerpt !== '' && excerpt.length + paragraph.length > EXCERPT_LENGTH) break;
    excerpt += excerpt === '' ? paragraph : `\n\n${paragraph}`;
  }
  const before = best === 0 ? '' : '[…] ';
  if (excerpt.length <= EXCERPT_LENGTH * 1.5)
    return before + excerpt + (excerpt.length < text.length ? ' […]' : '');
  return `${before}${excerpt.slice(0, EXCERPT_LENGTH).replace(/\s+\S*$/, '')} […]`;
}
