import type { PromptFeatures } from '../prompt-features.ts';
import { GROUPS, type Scan, scan } from './scan.ts';

/**
 * What the classifier's weights are multiplied with. A group of words gives three features: whether the prompt begins with it, how often
 * it stands near either end, and how often elsewhere. The others say what shape the text has and what the request holds besides it.
 */
const SHAPES = [
  'fence',
  'code symbols',
  'code lines',
  'code names',
  'math symbols',
  'numbers',
  'no text',
  'at most 3 words',
  'at most 12 words',
  'more than 40 words',
  'more than 120 words',
  'lines',
  'bullets',
  'quotes',
  'question',
  'questions',
  'attached',
  'towards a tongue',
  'words of no group',
  'no word of any group',
] as const;

const REQUEST = [
  'images',
  'images with little text',
  'audio',
  'files',
  'tools',
  'many tools',
  'json',
  'later turn',
  'turns',
  'system',
  'long system',
  'large input',
] as const;

export const FEATURE_NAMES: readonly string[] = [
  ...GROUPS.flatMap((group) => [`${group} first`, `${group} at the edge`, `${group} elsewhere`]),
  ...SHAPES,
  ...REQUEST,
];

/** Where the features begin that hold in any language: they say of a Chinese prompt what they say of an English one. */
const SHAPES_FROM = GROUPS.length * 3;
const REQUEST_FROM = SHAPES_FROM + SHAPES.length;
const SCRIPT_FREE = new Set<string>(['fence', 'code symbols', 'code lines', 'code names', 'math symbols']);

/** Whether a feature does not depend on the language of the text. */
export function isScriptFree(index: number): boolean {
  return index >= REQUEST_FROM || SCRIPT_FREE.has(FEATURE_NAMES[index] ?? '');
}

/** Features of one prompt that are not 0, as pairs of index and value, and how much of the text cannot be read. */
export interface Evidence {
  readonly indices: readonly number[];
  readonly values: readonly number[];
  /** 0 to 1: the share of the text in another script, or in a language of which hardly a small word is known. */
  readonly unreadable: number;
}

export function evidenceOf(prompt: PromptFeatures): Evidence {
  const found = scan(prompt.text);
  const indices: number[] = [];
  const values: number[] = [];
  const put = (index: number, value: number) => {
    if (value === 0) return;
    indices.push(index);
    values.push(value);
  };
  for (let group = 0; group < GROUPS.length; group++) {
    put(group * 3, found.first === group ? 1 : 0);
    put(group * 3 + 1, damped(found.edge[group] ?? 0));
    put(group * 3 + 2, damped(found.body[group] ?? 0) / 2);
  }
  shapeValues(found).forEach((value, index) => {
    put(SHAPES_FROM + index, value);
  });
  requestValues(prompt, found.words).forEach((value, index) => {
    put(REQUEST_FROM + index, value);
  });
  return { indices, values, unreadable: unreadableShare(found) };
}

/** The second word of a kind says less than the first, the tenth nothing. */
function damped(count: number): number {
  return Math.sqrt(Math.min(count, 6));
}

/** In the order of `SHAPES`. */
function shapeValues(found: Scan): number[] {
  const { words } = found;
  const characters = Math.max(40, found.latin + found.otherLetters + found.codeSymbols);
  return [
    Math.min(found.fences, 1),
    Math.min(1, (found.codeSymbols / characters) * 10),
    damped(found.codeLines) / 2,
    damped(found.codeNames) / 2,
    Math.min(1, (found.mathSymbols / characters) * 15),
    damped(found.numbers) / 2,
    words === 0 ? 1 : 0,
    words <= 3 ? 1 : 0,
    words <= 12 ? 1 : 0,
    words > 40 ? 1 : 0,
    words > 120 ? 1 : 0,
    damped(found.newlines) / 2,
    damped(found.bullets) / 2,
    damped(found.quotes) / 2,
    found.endsAsQuestion ? 1 : 0,
    found.questions > 0 ? 1 : 0,
    found.attached ? 1 : 0,
    Math.min(found.towardsTongue, 2),
    damped(Math.max(0, words - found.functionWords - found.grouped)) / 2,
    words > 0 && found.grouped === 0 ? 1 : 0,
  ];
}

/** In the order of `REQUEST`. */
function requestValues(prompt: PromptFeatures, words: number): number[] {
  return [
    prompt.hasImages ? 1 : 0,
    prompt.hasImages && words <= 12 ? 1 : 0,
    prompt.hasAudio ? 1 : 0,
    prompt.hasFiles ? 1 : 0,
    prompt.tools > 0 ? 1 : 0,
    prompt.tools > 9 ? 1 : 0,
    prompt.wantsJson ? 1 : 0,
    prompt.turns > 1 ? 1 : 0,
    Math.min(1, Math.log2(Math.max(1, prompt.turns)) / 4),
    prompt.systemLength > 300 ? 1 : 0,
    prompt.systemLength > 5_000 ? 1 : 0,
    prompt.inputTokens > 2_000 ? 1 : 0,
  ];
}

/** Words from which the share of small words says which language a text is in. */
const MIN_WORDS_TO_TELL = 6;

function unreadableShare({
  latin,
  otherLetters,
  words,
  functionWords,
  codeSymbols,
  codeNames,
}: Scan): number {
  const letters = latin + otherLetters;
  const otherScript = letters === 0 ? 0 : otherLetters / letters;
  if (words < MIN_WORDS_TO_TELL || codeSymbols > 4 || codeNames > 0) return otherScript;
  // A tenth is what even telegrams and lists have; without any small word it is another language.
  const unknown = 0.7 * Math.max(0, 1 - functionWords / words / 0.1);
  return Math.max(otherScript, unknown);
}
