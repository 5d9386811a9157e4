import { stem } from './stem.ts';
import { FUNCTION_WORDS, POLITE, WORD_GROUPS, type WordGroup } from './words.ts';

/** Characters looked at from the begin and from the end of a text: what is asked stands in one of the two. */
export const HEAD_CHARACTERS = 1_200;
export const TAIL_CHARACTERS = 600;
/** Words from either end that count as standing at the edge. */
const EDGE_WORDS = 14;

export const GROUPS = Object.keys(WORD_GROUPS) as readonly WordGroup[];

/** The words, ready to be looked up. */
interface Lexicon {
  /** Groups by stem, or by the stems of two words joined by `_`. */
  readonly groups: ReadonlyMap<string, number>;
  /** Stems that begin a pair: only after these is a pair looked up. */
  readonly pairBegins: ReadonlySet<string>;
}

let made: Lexicon | undefined;

/** Made when first asked for: a start-up does not pay for it. */
function lexicon(): Lexicon {
  if (made === undefined) {
    const groups = new Map(
      GROUPS.flatMap((group, index) =>
        WORD_GROUPS[group]
          .split(' ')
          .map((words): [string, number] => [words.split('_').map(stem).join('_'), index]),
      ),
    );
    const pairs = [...groups.keys()].filter((key) => key.includes('_'));
    made = { groups, pairBegins: new Set(pairs.map((key) => key.slice(0, key.indexOf('_')))) };
  }
  return made;
}

const LANGUAGE_GROUP = GROUPS.indexOf('language');
const TONGUE_GROUP = GROUPS.indexOf('tongue');
/** Words that make a tongue the goal or the source of a translation: `into German`, `auf Deutsch`. */
const TOWARDS = new Set('into to in from for ins auf aus im vom nach'.split(' '));
const EXTENSIONS = new Set(
  'ts tsx js jsx py java kt rs go rb php cs cpp hpp sh sql html css json yaml yml toml xml vue md ipynb'.split(
    ' ',
  ),
);

/** What one pass over a text finds. Counts, unless said otherwise. */
export interface Scan {
  readonly words: number;
  /** Hits of each group near either end, and elsewhere; by index of `GROUPS`. */
  readonly edge: Uint16Array;
  readonly body: Uint16Array;
  /** Group of the first word that is not a mere politeness; -1 when it has none. */
  readonly first: number;
  readonly functionWords: number;
  /** Words that belong to a group. */
  readonly grouped: number;
  /** Letters of the Latin script, and of any other. */
  readonly latin: number;
  readonly otherLetters: number;
  readonly codeSymbols: number;
  readonly codeLines: number;
  /** Names as programs have them: camelCase, snake_case, `app.py`. */
  readonly codeNames: number;
  readonly fences: number;
  readonly mathSymbols: number;
  readonly numbers: number;
  readonly newlines: number;
  readonly bullets: number;
  readonly quotes: number;
  readonly questions: number;
  /** Whether the last character is a question mark. */
  readonly endsAsQuestion: boolean;
  /** Whether a colon ends a line or stands before a quotation: something is attached. */
  readonly attached: boolean;
  readonly towardsTongue: number;
}

/** One pass over the begin and the end of a text. Its time has a bound whatever the text's length. */
export function scan(text: string): Scan {
  const whole = text.length <= HEAD_CHARACTERS + TAIL_CHARACTERS;
  const window = whole ? text : `${text.slice(0, HEAD_CHARACTERS)}\n${text.slice(-TAIL_CHARACTERS)}`;
  const lowered = window.toLowerCase();
  // A few letters have a longer form in lower case; then the case is not looked at.
  const cased = lowered.length === window.length ? window : lowered;

  const { groups: groupOf, pairBegins } = lexicon();
  /** Group of each word in turn, -1 for none. */
  const groups: number[] = [];
  let first: number | undefined;
  let previous = '';
  let functionWords = 0;
  let latin = 0;
  let otherLetters = 0;
  let codeSymbols = 0;
  let codeLines = 0;
  let codeNames = 0;
  let fences = 0;
  let mathSymbols = 0;
  let numbers = 0;
  let newlines = 0;
  let bullets = 0;
  let quotes = 0;
  let questions = 0;
  let attached = false;
  let towardsTongue = 0;
  /** Last character before this one that is no space, and first one of this line. */
  let lastSeen = 0;
  let lineStart = -1;
  let indent = 0;

  let at = 0;
  while (at < lowered.length) {
    const code = lowered.charCodeAt(at);
    if (isLatin(code)) {
      const begin = at;
      let humps = 0;
      for (at += 1; at < lowered.length; at++) {
        const next = lowered.charCodeAt(at);
        if (next === UNDERSCORE) humps += 1;
        else if (!isLatin(next)) break;
        else if (isUpper(cased.charCodeAt(at)) && !isUpper(cased.charCodeAt(at - 1))) humps += 1;
      }
      latin += at - begin;
      const word = lowered.slice(begin, at);
      if (lineStart < 0) lineStart = code;
      if (humps > 0) codeNames += 1;
      else if (lastSeen === DOT && lowered.charCodeAt(begin - 1) === DOT && EXTENSIONS.has(word))
        codeNames += 1;
      if (FUNCTION_WORDS.has(word)) functionWords += 1;
      const symbolic = word === 'c' && isLanguageC(lowered, at);
      const root = stem(word);
      const pair = pairBegins.has(previous) ? groupOf.get(`${previous}_${root}`) : undefined;
      const group = symbolic ? LANGUAGE_GROUP : (pair ?? groupOf.get(root) ?? -1);
      if (group === TONGUE_GROUP && TOWARDS.has(previous)) towardsTongue += 1;
      if (first === undefined && !POLITE.has(word)) first = group;
      groups.push(group);
      previous = root;
      lastSeen = lowered.charCodeAt(at - 1);
      continue;
    }
    if (code >= ZERO && code <= NINE) {
      for (at += 1; at < lowered.length; at++) {
        const next = lowered.charCodeAt(at);
        if ((next < ZERO || next > NINE) && next !== DOT && next !== COMMA) break;
      }
      numbers += 1;
      if (lineStart < 0) lineStart = code;
      lastSeen = ZERO;
      continue;
    }
    at += 1;
    if (code === NEWLINE) {
      newlines += 1;
      if (endsCodeLine(lastSeen) || (indent >= 2 && lineStart >= 0)) codeLines += 1;
      if (lastSeen === COLON) attached = true;
      lineStart = -1;
      indent = 0;
      lastSeen = 0;
      continue;
    }
    if (code === SPACE || code === TAB) {
      if (lineStart < 0) indent += code === TAB ? 2 : 1;
      continue;
    }
    if (lineStart < 0) {
      lineStart = code;
      if (code === HYPHEN || code === ASTERISK || code === BULLET) bullets += 1;
    }
    if (code >= FIRST_OTHER_LETTER && (code < SYMBOLS_FROM || code >= SYMBOLS_TO) && !isSurrogate(code))
      otherLetters += 1;
    else if (CODE_SYMBOLS.has(code)) {
      codeSymbols += 1;
      if (code === BACKTICK && lastSeen === BACKTICK && lowered.charCodeAt(at) === BACKTICK) fences += 1;
    } else if (MATH_SYMBOLS.has(code)) mathSymbols += 1;
    if (QUOTES.has(code)) {
      quotes += 1;
      if (lastSeen === COLON) attached = true;
    }
    if (code === QUESTION || code === WIDE_QUESTION) questions += 1;
    lastSeen = code;
  }
  if (endsCodeLine(lastSeen)) codeLines += 1;

  const edge = new Uint16Array(GROUPS.length);
  const body = new Uint16Array(GROUPS.length);
  let grouped = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? -1;
    if (group < 0) continue;
    grouped += 1;
    const hits = i < EDGE_WORDS || i >= groups.length - EDGE_WORDS ? edge : body;
    hits[group] = (hits[group] ?? 0) + 1;
  }
  return {
    words: groups.length,
    edge,
    body,
    first: first ?? -1,
    functionWords,
    grouped,
    latin,
    otherLetters,
    codeSymbols,
    codeLines,
    codeNames,
    fences,
    mathSymbols,
    numbers,
    newlines,
    bullets,
    quotes,
    questions,
    endsAsQuestion: lastSeen === QUESTION || lastSeen === WIDE_QUESTION,
    attached,
    towardsTongue,
  };
}

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;
const COMMA = 44;
const HYPHEN = 45;
const DOT = 46;
const COLON = 58;
const QUESTION = 63;
const WIDE_QUESTION = 0xff1f;
const ASTERISK = 42;
const BULLET = 0x2022;
const UNDERSCORE = 95;
const BACKTICK = 96;
/** Greek begins here; between the two other marks stand punctuation, arrows and mathematical signs. */
const FIRST_OTHER_LETTER = 0x370;
const SYMBOLS_FROM = 0x2000;
const SYMBOLS_TO = 0x2c00;

const codesOf = (characters: string): ReadonlySet<number> =>
  new Set([...characters].map((character) => character.charCodeAt(0)));
const CODE_SYMBOLS = codesOf('{}[]();<>|&`#@$\\/');
const MATH_SYMBOLS = codesOf('=+*^%×÷√∫∑∏≤≥≠±π∞²³°');
const QUOTES = codesOf('"“”„«»');

function isLatin(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 0xdf && code <= 0x24f && code !== 0xf7);
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** What lines of programs end with: `;` `{` `}` `)`. */
function endsCodeLine(code: number): boolean {
  return code === 59 || code === 123 || code === 125 || code === 41;
}

/** `c++` or `c#`. */
function isLanguageC(text: string, at: number): boolean {
  const next = text.charCodeAt(at);
  return next === 35 || (next === 43 && text.charCodeAt(at + 1) === 43);
}
