/** Sentences of a text, as claims that can be compared. */
import { contentWords } from './words.ts';

/** Characters beyond which a text without a full stop is no claim. */
const LONGEST_CLAIM = 1000;

/** Talk about the speaker or the text itself is never a claim about the question. */
const SELF = /\bstand-in\b|\bI(?:['’](?:d|m|ve|ll))?\b(?![/.])|\b(?:me|my)\b/;

/** A sentence that quotes five words or more reports what somebody else says. */
const QUOTING = /“[^”]*(?:\s[^”\s]+){4}[^”]*”/;

/** A lead-in that ends in a colon, such as “On caching:” or “Arguing against:”. */
const LEAD_IN = /^[^.!?]{0,160}:\s+(?=["'“‘]?\p{Lu})/u;

/** Trimmed sentences; list marks, headings' marks and lead-ins are left out. */
export function sentences(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split(/\n+/)) {
    const bare = line.replace(/^\s*(?:[-*•>]|#{1,6}|\d{1,3}[.)])\s+/, '').replace(/\*\*/g, '');
    for (const sentence of bare.split(/(?<=[.!?]["'”’)]?)\s+(?=["'“‘(]?[\p{Lu}\p{N}])/u)) {
      const trimmed = sentence.trim().replace(LEAD_IN, '');
      if (trimmed !== '') found.push(trimmed);
    }
  }
  return found;
}

/** The sentences that claim something: two words of meaning or more, no heading, nothing about the speaker. */
export function claimSentences(text: string): string[] {
  return sentences(text).filter(
    (sentence) =>
      sentence.length <= LONGEST_CLAIM &&
      /[.!?]["'”’)]?$/.test(sentence) &&
      !SELF.test(sentence) &&
      !QUOTING.test(sentence) &&
      contentWords(sentence).length >= 2,
  );
}
