/** Lexical embeddings: hashed words and letter trigrams, so that texts with common words get near vectors. */
import { hash32 } from './digest.ts';
import { contentWords, stem, words } from './reading/words.ts';

/** Dimensions when a request does not say. */
export const USUAL_DIMENSIONS = 256;
export const MOST_DIMENSIONS = 4096;

/** What a word weighs beside a trigram, and a common word beside one with meaning. */
const WORD_WEIGHT = 2;
const COMMON_WEIGHT = 0.2;
const TRIGRAM_WEIGHT = 0.5;

/**
 * A text's vector, of unit length (L2). Feature hashing with a sign bit (Weinberger et al. 2009, “Feature Hashing for
 * Large Scale Multitask Learning”). A text without a word gets the first axis, so the length is 1 for every text.
 */
export function embed(text: string, dimensions: number): Float32Array {
  const sums = new Float64Array(dimensions);
  const add = (feature: string, weight: number) => {
    const hash = hash32(feature);
    const at = hash % dimensions;
    const sign = hash32(`${feature}±`) % 2 === 0 ? 1 : -1;
    sums[at] = (sums[at] ?? 0) + sign * weight;
  };
  const meaning = new Set(contentWords(text));
  const counts = new Map<string, number>();
  for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const [word, count] of counts) {
    const factor = (1 + Math.log(count)) * (meaning.has(word) ? 1 : COMMON_WEIGHT);
    add(`w:${stem(word)}`, WORD_WEIGHT * factor);
    const letters = [...`^${word}$`];
    for (let i = 0; i + 3 <= letters.length; i++)
      add(`g:${letters.slice(i, i + 3).join('')}`, TRIGRAM_WEIGHT * factor);
  }
  let square = 0;
  for (const sum of sums) square += sum * sum;
  const vector = new Float32Array(dimensions);
  if (square === 0) vector[0] = 1;
  else for (let i = 0; i < dimensions; i++) vector[i] = (sums[i] ?? 0) / Math.sqrt(square);
  return vector;
}

/** A vector as OpenAI's `encoding_format: "base64"` has it: little-endian float32. */
export function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, i * 4);
  return bytes.toString('base64');
}
