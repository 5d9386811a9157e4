import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieces, textTokens } from './tokens.ts';

describe('the token rule', () => {
  it('cuts any text into pieces that join to it again, and never inside a code point', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const cut = pieces(text);
        expect(cut.join('')).toBe(text);
        expect(cut.every((piece) => piece.isWellFormed())).toBe(true);
      }),
    );
  });

  it('takes a word with the space before it as one piece, and long words as several', () => {
    expect(pieces('one two\n\nthree ')).toEqual(['one', ' two', '\n\nthree', ' ']);
    expect(pieces('x'.repeat(40))).toHaveLength(3);
  });

  it('counts four characters a token', () => {
    expect([textTokens(''), textTokens('abcd'), textTokens('abcde')]).toEqual([0, 1, 2]);
  });
});
