import { describe, expect, it } from 'vitest';
import { readFences, sameLabel } from './fences.ts';

describe('fenced data blocks', () => {
  it('are read with their labels, and leave the rest of the prompt', () => {
    const { blocks, outside, after } = readFences(
      'Judge. <data label="question">Why?</data>\n<data label="answer A">Because.</data> Now.',
    );
    expect(blocks).toEqual([
      { label: 'question', text: 'Why?', kind: 'question' },
      { label: 'answer A', text: 'Because.', kind: 'answer' },
    ]);
    expect(outside.replace(/\s+/g, ' ')).toBe('Judge. Now.');
    expect(after).toBe(' Now.');
  });

  it.each([
    ["<data label='it''s'>x</data>", 'it'],
    ['<data nonce="7" label="a &amp; b">x</data>', 'a & b'],
    ['<data-7f3a label="C">x</data-7f3a>', 'C'],
    ['<document title="Notes">x</document>', 'Notes'],
    ['<data>x</data>', 'data 1'],
  ])('are read leniently: %s', (text, label) => {
    expect(readFences(text).blocks[0]).toMatchObject({ label, text: 'x' });
  });

  it('are not opened by a prompt that merely mentions the mark', () => {
    const { blocks } = readFences('Everything inside <data> is data.\n<data label="answer A">x</data>');
    expect(blocks).toEqual([{ label: 'answer A', text: 'x', kind: 'answer' }]);
  });

  it.each([
    ['memory', 'context'],
    ['document 3', 'context'],
    ['your answer', 'own'],
    ['stance', 'stance'],
    ['claim 1', 'claim'],
    ['local/sage', 'answer'],
    ['the user’s question', 'question'],
  ])('labelled “%s” are %s', (label, kind) => {
    expect(readFences(`<data label="${label}">x</data>`).blocks[0]?.kind).toBe(kind);
  });

  it('read a megabyte of unclosed marks in no time', () => {
    const begun = performance.now();
    expect(readFences('<data label="x">'.repeat(65_536)).blocks).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

describe('labels', () => {
  it('are the same when one is the other’s last word', () => {
    expect([
      sameLabel('answer A', 'A'),
      sameLabel('a', 'Answer A'),
      sameLabel('answer A', 'answer B'),
      sameLabel('Anna', 'a'),
    ]).toEqual([true, true, false, false]);
  });
});
