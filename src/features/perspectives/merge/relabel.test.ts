import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MergeAnswer } from './merge-input.ts';
import { memberOf, seatPanel } from './panel.ts';
import { createRelabeller, relabel } from './relabel.ts';

const answer = (index: number, modelId: string, content = 'text'): MergeAnswer => ({
  index,
  modelId,
  content,
});
const PANEL = {
  labels: ['A', 'B', 'C'],
  members: ['A', 'B', 'C'].map((label, index) => ({
    label,
    answer: answer(index, `m/${index}`),
    shown: '',
    cut: false,
  })),
};

describe('turning labels back into names', () => {
  it.each([
    ['[A] disagrees.', 'm/0 disagrees.'],
    ['As [A, C] say', 'As m/0, m/2 say'],
    ['Answer B alone adds', 'm/1 alone adds'],
    ['answers A, B and C agree', 'm/0, m/1 and m/2 agree'],
    ['answers A and B, then', 'm/0 and m/1, then'],
    ['the answer a person gives', 'the answer a person gives'],
    ['Vitamin A helps; plan B does not', 'Vitamin A helps; plan B does not'],
    ['[D] and answer D are nobody', '[D] and answer D are nobody'],
    ['array[A]', 'arraym/0'],
    ['answer Apples', 'answer Apples'],
  ])('%j reads %j', (written, read) => {
    expect(relabel(PANEL, written)).toBe(read);
  });

  it('gives the same however the text is split', () => {
    const piece = fc.constantFrom(
      'answer',
      'answers',
      ' ',
      'A',
      'B',
      'D',
      ', ',
      ' and ',
      '[',
      ']',
      'An',
      'sw',
      'er A',
      'x',
      '.',
      '\n',
      '😀',
      'é',
    );
    const text = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (whole, sizes) => {
        const rewriter = createRelabeller(PANEL);
        let joined = '';
        let at = 0;
        for (const size of sizes) {
          joined += rewriter.push(whole.slice(at, at + size));
          expect(joined.isWellFormed()).toBe(true);
          at += size;
        }
        joined += rewriter.push(whole.slice(at)) + rewriter.end();
        expect(joined).toBe(relabel(PANEL, whole));
      }),
      { numRuns: 500 },
    );
  });

  it('holds back little: plain prose comes out as it goes in', () => {
    const rewriter = createRelabeller(PANEL);
    expect(rewriter.push('The tide turns twice ')).toBe('The tide turns twice ');
  });
});

describe('seating a panel', () => {
  const three = [answer(0, 'm/x', 'one'), answer(1, 'm/y', 'two'), answer(2, 'm/z', 'three')];

  it('gives each answer a letter, in an order that the seed alone decides', () => {
    const first = seatPanel(three, 'q', 'run_1', 1000);
    expect(first.labels).toEqual(['A', 'B', 'C']);
    expect(seatPanel(three, 'q', 'run_1', 1000)).toEqual(first);
    const orders = Array.from({ length: 40 }, (_, n) =>
      seatPanel(three, 'q', `run_${n}`, 1000)
        .members.map((member) => member.answer.index)
        .join(''),
    );
    expect(new Set(orders).size).toBe(6);
  });

  it('takes other letters when the texts already mean something by the usual ones', () => {
    expect(seatPanel(three, 'Is answer A or answer B right?', 's', 1000).labels).toEqual(['M', 'N', 'P']);
    const both = [...three.slice(0, 2), answer(2, 'm/z', 'Option N, see [A].')];
    expect(seatPanel(both, 'Is answer A right?', 's', 1000).labels).toEqual(['AA', 'BB', 'CC']);
  });

  it('understands a label however a model writes it, and knows when it names nobody', () => {
    const panel = seatPanel(three, 'q', 's', 1000);
    for (const written of ['A', 'a', ' [A] ', 'Answer A', '"A".'])
      expect(memberOf(panel, written)?.label).toBe('A');
    for (const written of ['D', '', 'AB', 'constructor', '__proto__'])
      expect(memberOf(panel, written)).toBeUndefined();
  });

  it('says which perspective is meant where a model answered twice', () => {
    const twice = seatPanel([answer(0, 'm/x'), answer(3, 'm/x')], 'q', 's', 1000);
    const label = twice.members.find((member) => member.answer.index === 3)?.label;
    expect(relabel(twice, `[${label}] said so`)).toBe('m/x (perspective 3) said so');
  });
});
