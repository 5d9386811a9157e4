import { findProvider } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledSource } from './bundled/source.ts';
import { editDistance, nameIndex } from './nearest.ts';

const { source } = bundledSource(findProvider, Date.parse('2026-11-20T12:00:00Z'));
const everyId = source.providers.flatMap((provider) => source.modelsOf(provider).map(({ id }) => id));
const index = nameIndex(everyId.map((id) => ({ id, usable: id.startsWith('openai/') })));

describe('the nearest names', () => {
  it.each([
    ['anthropic/claude-opus5', 'anthropic/claude-opus-5'],
    ['anthropic/cluade-opus-5', 'anthropic/claude-opus-5'],
    ['openai/gpt-6-sool', 'openai/gpt-6-sol'],
    ['gpt6-sol', 'openai/gpt-6-sol'],
    ['gemeni-2.5-pro', 'google/gemini-2.5-pro'],
    ['OPENAI/GPT-4.1-MINY', 'openai/gpt-4.1-mini'],
    ['deepseek/deepseek-v4-por', 'deepseek/deepseek-v4-pro'],
  ])('to %s have %s among the first three', (asked, meant) => {
    expect(index.nearest(asked, 3)).toContain(meant);
  });

  it('are none for a name that is like no other', () => {
    expect(index.nearest('zzzzqqqq', 3)).toEqual([]);
    expect(index.nearest('', 3)).toEqual([]);
  });

  it('prefer what can be used when two are as near', () => {
    const two = nameIndex([
      { id: 'a/model-x', usable: false },
      { id: 'b/model-x', usable: true },
    ]);
    expect(two.nearest('model-y', 1)).toEqual(['b/model-x']);
  });

  it('begin with the name itself, for any name there is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyId.filter((id) => id.startsWith('openai/'))), (id) => {
        expect(index.nearest(id, 1)).toEqual([id]);
      }),
    );
  });

  it('take any text, however long, in little time', () => {
    const started = performance.now();
    fc.assert(
      fc.property(fc.string({ maxLength: 5000 }), (text) => index.nearest(text, 3).length <= 3),
      { numRuns: 50 },
    );
    expect(index.nearest('gpt-'.repeat(100_000), 3).length).toBeLessThanOrEqual(3);
    expect((performance.now() - started) / 51).toBeLessThan(20);
  });
});

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('of "%s" and "%s" is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is the same both ways, zero only for equal texts, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
