import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopText } from './stop-text.ts';

/** A text through a `StopText` in pieces that end at these places. */
function through(text: string, stops: readonly string[], cuts: readonly number[]): [string, string | null] {
  const stop = new StopText(stops);
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  let said = '';
  let from = 0;
  for (const place of [...places, text.length]) {
    said += stop.push(text.slice(from, place));
    from = place;
  }
  return [said + stop.end(), stop.met];
}

describe('a text with stop sequences', () => {
  it('ends at the one that is complete first, wherever the pieces part it', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 24 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(letters, stops, fc.array(fc.nat(30)), (text, sequences, cuts) => {
        const [said, met] = through(text, sequences, cuts);
        const found = sequences
          .filter((sequence) => sequence !== '')
          .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
          .filter(({ at }) => at >= 0);
        const end = Math.min(...found.map(({ sequence, at }) => at + sequence.length));
        const first = Math.min(
          text.length,
          ...found.filter(({ sequence, at }) => at + sequence.length === end).map(({ at }) => at),
        );
        expect(said).toBe(text.slice(0, first));
        expect(met).toBe(found.length === 0 ? null : text.slice(first, end));
      }),
    );
  });

  it('ends where a model would have stopped, though a longer one began earlier', () => {
    expect(through('cbb', ['cbb', 'b'], [2])).toEqual(['c', 'b']);
    expect(through('cbb', ['cbb', 'b'], [])).toEqual(['c', 'b']);
  });

  it('holds back only what may still become one', () => {
    const stop = new StopText(['END']);
    expect(stop.push('to the E')).toBe('to the ');
    expect(stop.push('A')).toBe('EA');
    expect(stop.push(' EN')).toBe(' ');
    expect(stop.end()).toBe('EN');
  });

  it('without any passes everything on at once', () => {
    expect(new StopText(['']).push('all')).toBe('all');
  });
});
