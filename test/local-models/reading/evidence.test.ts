import { describe, expect, it } from 'vitest';
import { gatherEvidence, ranked, weights } from './evidence.ts';
import type { Block } from './fences.ts';
import { claimSentences } from './sentences.ts';

const block = (label: string, text: string): Block => ({ label, text, kind: 'answer' });
const shared = 'An index that no query uses makes every write slower.';
const a = block('A', `On indexes: ${shared} Measure the slow queries before adding one.`);
const b = block(
  'B',
  `- An index no query uses makes each write slower.\n- Backups matter more than indexes do.`,
);
const c = block('C', 'Nothing.');

describe('evidence of several answers', () => {
  it('finds what two answers say in nearly the same words, and what one says alone', () => {
    const { agreements, disagreements } = gatherEvidence('Which index should we add?', [a, b], []);
    expect(agreements.map((claim) => [claim.text, claim.holders.length])).toEqual([[shared, 2]]);
    expect(disagreements.map((claim) => claim.text)).toEqual([
      'Measure the slow queries before adding one.',
      'Backups matter more than indexes do.',
    ]);
  });

  it('scores by the texts, so that neither order nor labels change who is best', () => {
    const question = 'Which index should we add for slow queries?';
    const one = gatherEvidence(question, [a, b, c], []);
    const other = gatherEvidence(question, [block('Z', c.text), block('Y', b.text), block('X', a.text)], []);
    expect(ranked(one).map((each) => each.text)).toEqual(ranked(other).map((each) => each.text));
    expect(ranked(one).at(-1)).toBe(c);
  });

  it('orders equal scores by the text and not by the place', () => {
    const twins = [block('A', 'Tea is warm.'), block('B', 'Tea is cold.')];
    const first = ranked(gatherEvidence('tea', twins, []))[0]?.text;
    expect(ranked(gatherEvidence('tea', [...twins].reverse(), []))[0]?.text).toBe(first);
  });

  it('gives weights that add up to one', () => {
    const sum = [...weights(gatherEvidence('Which index?', [a, b, c], [])).values()].reduce(
      (all, each) => all + each,
      0,
    );
    expect(sum).toBeCloseTo(1, 9);
  });
});

describe('hostile text', () => {
  it('of 20,000 different sentences is compared in no time', () => {
    const many = Array.from(
      { length: 20_000 },
      (_unused, index) => `Claim w${index} x${index * 7} holds.`,
    ).join(' ');
    const begun = performance.now();
    gatherEvidence('Why?', [block('A', many), block('B', many)], []);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe('claims', () => {
  it('leave out lead-ins, headings, questions about nothing, and talk about the speaker', () => {
    expect(
      claimSentences(
        '# Heading\nArguing against: On “caches”: Stale answers hide for weeks. I think so too, really. It depends. This comes from a local stand-in model.',
      ),
    ).toEqual(['Stale answers hide for weeks.']);
  });
});
