import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hueOf } from '../hue.ts';
import { coloursOf, labelled, piled, type Series } from './series.ts';

const series = (id: string, values: (number | null)[]): Series => ({
  id,
  name: id,
  colour: '',
  values,
  whole: null,
});

describe('colours', () => {
  it('are those of the names, and the rest has none of its own', () => {
    expect(coloursOf(['openai/gpt-5', null])).toEqual([
      `var(--hue-${hueOf('openai/gpt-5')})`,
      'var(--line-3)',
    ]);
  });

  it('tell apart up to three names that share a hue', () => {
    const same = Array.from({ length: 400 }, (_, at) => `model-${at}`)
      .filter((name) => hueOf(name) === 3)
      .slice(0, 3);
    expect(new Set(coloursOf(same)).size).toBe(3);
  });
});

describe('a pile', () => {
  it('has the sum of all at its top and the first series at its bottom, whatever the figures', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.option(fc.nat(1_000)), { minLength: 4, maxLength: 4 }), {
          minLength: 1,
          maxLength: 6,
        }),
        (values) => {
          const tops = piled(values.map((own, at) => series(String(at), own)));
          for (let at = 0; at < 4; at++) {
            expect(tops[0]?.tops[at]).toBe(values.reduce((sum, own) => sum + (own[at] ?? 0), 0));
            expect(tops.at(-1)?.tops[at]).toBe(values[0]?.[at] ?? 0);
            for (let of = 1; of < tops.length; of++)
              expect(tops[of]?.tops[at]).toBeLessThanOrEqual(tops[of - 1]?.tops[at] ?? 0);
          }
        },
      ),
    );
  });
});

it('labels are evenly spaced and no more than fit', () => {
  expect(labelled(30, 10)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  expect(labelled(3, 10)).toEqual([0, 1, 2]);
  expect(labelled(0, 10)).toEqual([]);
});
