/** A text that matches a regular expression: best effort for the patterns that schemas use. */
import { hash32 } from '../digest.ts';

/** A generator of text; `turn` makes successive repeats differ a little. */
type Part = (turn: number) => string;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const CLASSES: { [letter: string]: string } = {
  d: '0123456789',
  w: `${LETTERS}0123456789_`,
  s: ' ',
  D: LETTERS,
  W: ' -',
  S: LETTERS,
};

/** Reads a pattern from left to right; throws a RangeError on what it does not know (look-around, back references). */
class PatternReader {
  readonly #source: string;
  readonly #seed: number;
  /** Repeats beyond the least that a quantifier asks for, where it allows more. */
  readonly #extra: number;
  #at = 0;

  constructor(source: string, extra: number) {
    this.#source = source;
    this.#extra = extra;
    this.#seed = hash32(source);
  }

  alternatives(): Part {
    const branches: Part[] = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      branches.push(this.#sequence());
    }
    return (turn) => branches[turn % branches.length]?.(turn) ?? '';
  }

  get finished(): boolean {
    return this.#at >= this.#source.length;
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (!this.finished && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const part = this.#atom();
      parts.push(this.#repeated(part));
    }
    return (turn) => parts.map((part) => part(turn)).join('');
  }

  #atom(): Part {
    const sign = this.#source[this.#at++] ?? '';
    if (sign === '^' || sign === '$') return () => '';
    if (sign === '.') return this.#anyOf(LETTERS);
    if (sign === '[') return this.#anyOf(this.#class());
    if (sign === '(') return this.#group();
    if (sign === '\\') return this.#escape();
    return () => sign;
  }

  #anyOf(letters: string): Part {
    const list = [...letters];
    if (list.length === 0) throw new RangeError('an empty class matches nothing');
    return (turn) => list[(this.#seed + turn) % list.length] ?? '';
  }

  #group(): Part {
    if (this.#source[this.#at] === '?') {
      const named = /^\?(?::|<[A-Za-z]\w*>)/.exec(this.#source.slice(this.#at));
      if (named === null) throw new RangeError('look-around is not supported');
      this.#at += named[0].length;
    }
    const inner = this.alternatives();
    if (this.#source[this.#at++] !== ')') throw new RangeError('a group is not closed');
    return inner;
  }

  #escape(): Part {
    const letter = this.#source[this.#at++] ?? '';
    if (letter === 'b' || letter === 'B') return () => '';
    if (/[1-9kpP]/.test(letter)) throw new RangeError('this escape is not supported');
    const letters = CLASSES[letter];
    return letters === undefined ? () => this.#literalEscape(letter) : this.#anyOf(letters);
  }

  #literalEscape(letter: string): string {
    return { n: '\n', t: '\t', r: '\r' }[letter] ?? letter;
  }

  #class(): string {
    const negated = this.#source[this.#at] === '^';
    if (negated) this.#at++;
    let letters = '';
    while (this.#source[this.#at] !== ']') {
      const from = this.#source[this.#at++];
      if (from === undefined) throw new RangeError('a class is not closed');
      if (from === '\\') {
        const sign = this.#source[this.#at++] ?? '';
        letters += CLASSES[sign] ?? this.#literalEscape(sign);
      } else if (this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']') {
        const to = this.#source[this.#at + 1] ?? from;
        this.#at += 2;
        for (let code = from.charCodeAt(0); code <= to.charCodeAt(0) && letters.length < 256; code++)
          letters += String.fromCharCode(code);
      } else letters += from;
    }
    this.#at++;
    if (!negated) return letters;
    return [...`${LETTERS}0123456789 -_`].filter((letter) => !letters.includes(letter)).join('');
  }

  #repeated(part: Part): Part {
    const match = /^(?:([*+?])|\{(\d+)(,)?(\d*)\})\??/.exec(this.#source.slice(this.#at));
    if (match === null) return part;
    this.#at += match[0].length;
    const least = match[1] === '+' ? 1 : match[1] === undefined ? Number(match[2]) : 0;
    const open = match[1] === '*' || match[1] === '+' || (match[3] !== undefined && match[4] === '');
    const most = match[1] === '?' ? 1 : open ? Number.POSITIVE_INFINITY : Number(match[4] || match[2]);
    const count = Math.min(most, least + this.#extra);
    return (turn) =>
      Array.from({ length: Math.min(count, 4096) }, (_unused, index) => part(turn + index)).join('');
  }
}

/**
 * A text that matches `pattern`, or undefined where this reader does not know the pattern's parts.
 * @param extra how far repeats go beyond the least that the pattern asks for
 */
export function matching(pattern: string, turn: number, extra = 3): string | undefined {
  try {
    const reader = new PatternReader(pattern, extra);
    const part = reader.alternatives();
    if (!reader.finished) return undefined;
    const text = part(turn);
    return new RegExp(pattern).test(text) ? text : undefined;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
