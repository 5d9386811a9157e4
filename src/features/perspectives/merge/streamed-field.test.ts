import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamedField } from './streamed-field.ts';

function read(text: string, sizes: readonly number[]): { pieces: string[]; field: StreamedField } {
  const field = new StreamedField('conclusion');
  const pieces: string[] = [];
  let at = 0;
  for (const size of [...sizes, text.length]) {
    pieces.push(field.push(text.slice(at, at + size)));
    at += size;
  }
  return { pieces, field };
}

describe('a field read while its object streams', () => {
  it('gives the text as it comes, and what stood before it', () => {
    const field = new StreamedField('conclusion');
    expect(field.push('```json\n{"scores": [1], "conclu')).toBe('');
    expect(field.push('sion" : "It is so\\')).toBe('It is so');
    expect(field.prefix).toBe('{"scores": [1], "conclusion" : ');
    expect(field.push('n\\u00e9")}')).toBe('\né');
    expect(field.closed).toBe(true);
  });

  it('is not misled by the same name deeper down, or as a value', () => {
    const text =
      '{"a": {"conclusion": "no"}, "b": "conclusion", "c": ["conclusion", ":"], "conclusion": "yes"}';
    expect(read(text, []).field.value).toBe('yes');
  });

  it('gives any text exactly, split anywhere, and never half a character', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 80 });
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }),
        sizes,
        (conclusion, others, cuts) => {
          delete others.conclusion;
          const { pieces, field } = read(JSON.stringify({ ...others, conclusion, after: 1 }), cuts);
          expect(field.value).toBe(conclusion);
          expect(pieces.join('')).toBe(conclusion);
          for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  it('reads escaped characters outside the basic plane', () => {
    expect(read('{"conclusion": "\\ud83d\\ude00!"}', [18, 3, 3]).pieces.join('')).toBe('😀!');
  });
});
