import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeParts, wholeUntil } from './whole-characters.ts';

describe('cutting a text', () => {
  it('never parts a character, loses nothing and keeps to the length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 2, max: 9 }),
        (text, length) => {
          const parts = [...wholeParts(text, length)];
          expect(parts.map(({ part }) => part).join('')).toBe(text);
          for (const { part } of parts) {
            expect(part.length).toBeLessThanOrEqual(length);
            expect(part.isWellFormed()).toBe(true);
          }
        },
      ),
    );
  });

  it('leaves the first half of a character at the end for later', () => {
    expect(wholeUntil('a\uD83D', 2)).toBe(1);
    expect(wholeUntil('a🙂', 3)).toBe(3);
    expect(wholeUntil('', 0)).toBe(0);
  });
});
