import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonCandidates } from './read-json.ts';

const first = (reply: string): unknown => jsonCandidates(reply).next().value;

describe('reading JSON out of a reply', () => {
  it.each([
    ['{"a": 1}'],
    ['```json\n{"a": 1}\n```'],
    ['Here it is:\n```\n{"a": 1}\n```\nDone.'],
    ['Sure! {"a": 1} I hope that helps.'],
    ['<think>{"b": 2} or so</think>\n{"a": 1}'],
    ['\uFEFF{"a": 1}'],
    ['The set {x} is empty. {"a": 1}'],
  ])('finds it in %j', (reply) => {
    expect(first(reply)).toEqual({ a: 1 });
  });

  it('is not misled by braces and quotes inside strings', () => {
    const value = { text: 'a } and a { and a \\" quote', more: ['}', '"'] };
    expect(first(`Well: ${JSON.stringify(value)} – that is it`)).toEqual(value);
  });

  it('offers every object, since the first may not be the one', () => {
    expect([...jsonCandidates('{"draft": 1} better: {"a": 1}')]).toEqual([{ draft: 1 }, { a: 1 }]);
  });

  it.each(['', 'no JSON here', '{"a": ', '{'.repeat(5000), `{"a":${'['.repeat(50_000)}`, '"text"', '42'])(
    'finds nothing in %#',
    (reply) => {
      expect(first(reply)).toBeUndefined();
    },
  );

  it('finds any object again, whatever prose stands around it', () => {
    const prose = fc.string().filter((text) => !/[{}`"\\<]/.test(text));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), prose, prose, (value, before, after) => {
        expect(first(`${before} ${JSON.stringify(value)} ${after}`)).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });
});
