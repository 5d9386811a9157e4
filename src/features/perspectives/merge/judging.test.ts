import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agreementsOf,
  conclusionQuality,
  contributionsOf,
  disagreementsOf,
  scoresOf,
  weightsOf,
} from './judging.ts';
import type { MergeAnswer } from './merge-input.ts';
import type { Panel } from './panel.ts';
import { answersOf, scoreRow } from './scripted-model.ts';

/** A panel whose labels stand in the order of the answers, so that a test can name them. */
function panelOf(answers: readonly MergeAnswer[]): Panel {
  const members = answers.map((answer, position) => ({
    label: 'ABCDEFGHIJKL'.charAt(position),
    answer,
    shown: answer.content,
    cut: false,
  }));
  return { members, labels: members.map((member) => member.label) };
}

const ANSWERS = answersOf('Sand moves downstream.', 'Sand moves. Dams block it.', 'Fish migrate.');
const PANEL = panelOf(ANSWERS);

describe('scores', () => {
  it('weigh the criteria as the rubric says', () => {
    const row = { label: 'A', reason: '', accuracy: 10, relevance: 0, completeness: 5, clarity: 10 };
    expect(scoresOf(PANEL, [row]).get(0)).toBeCloseTo(0.4 + 0 + 0.1 + 0.15, 12);
  });

  it('take the first of two rows for one answer, and none for an answer that does not exist', () => {
    const scores = scoresOf(PANEL, [scoreRow('answer b', 8), scoreRow('B', 1), scoreRow('Z', 10)]);
    expect([...scores]).toEqual([[1, 0.8]]);
  });
});

describe('agreements', () => {
  it('name perspectives and models, and drop labels of nobody and claims of fewer than two', () => {
    const agreements = agreementsOf(PANEL, [
      { claim: 'Sand moves, as [A] says', held_by: ['B', 'A', 'a', 'Q'] },
      { claim: 'Only one', held_by: ['C', 'C'] },
      { claim: 'Nobody', held_by: ['X', 'Y'] },
    ]);
    expect(agreements).toEqual([
      { claim: 'Sand moves, as m/0 says', perspectives: [0, 1], models: ['m/0', 'm/1'] },
    ]);
  });
});

describe('disagreements', () => {
  it('say claim by claim who holds what, and drop positions of nobody', () => {
    const disagreements = disagreementsOf(PANEL, [
      {
        claim: 'Dams\n should go',
        positions: [
          { label: 'C', holds: null, says: 'Does not commit.' },
          { label: 'A', holds: true, says: 'They block the sand.' },
          { label: 'B', holds: false, says: 'They give power.' },
          { label: 'B', holds: true, says: 'A second thought.' },
          { label: 'Z', holds: true, says: 'A ghost.' },
        ],
      },
    ]);
    expect(disagreements).toEqual([
      {
        claim: 'Dams should go',
        positions: [
          { perspective: 0, model: 'm/0', holds: 'yes', statement: 'They block the sand.' },
          { perspective: 1, model: 'm/1', holds: 'no', statement: 'They give power.' },
          { perspective: 2, model: 'm/2', holds: 'unclear', statement: 'Does not commit.' },
        ],
      },
    ]);
  });

  it('are none where all hold the same, or one stands alone', () => {
    const says = 'Yes.';
    const same = [
      { label: 'A', holds: true, says },
      { label: 'B', holds: true, says },
    ];
    expect(disagreementsOf(PANEL, [{ claim: 'x', positions: same }])).toEqual([]);
    expect(disagreementsOf(PANEL, [{ claim: 'x', positions: same.slice(0, 1) }])).toEqual([]);
  });
});

describe('weights', () => {
  it('grow with the score and with the share of the claims that an answer makes', () => {
    const scores = new Map([
      [0, 0.8],
      [1, 0.8],
      [2, 0.4],
    ]);
    const weights = weightsOf(PANEL, scores, [
      [0, 1],
      [0, 2],
    ]);
    expect(weights.get(0)).toBeCloseTo(0.8, 12);
    expect(weights.get(1)).toBeCloseTo(0.6, 12);
    expect(weights.get(2)).toBeCloseTo(0.3, 12);
  });

  it('add up to 1 whatever was judged, one for each answer, in order', () => {
    const score = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 12 }), (values) => {
        const answers = answersOf(...values.map((_, index) => `Answer number ${index} says this.`));
        const panel = panelOf(answers);
        const contributions = contributionsOf(
          answers,
          panel,
          new Map(values.map((value, index) => [index, value])),
        );
        expect(contributions.map((one) => one.perspective)).toEqual(answers.map((answer) => answer.index));
        expect(contributions.reduce((sum, one) => sum + Math.round(one.weight * 10_000), 0)).toBe(10_000);
        for (const { weight } of contributions) expect(weight).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('fall back on the words in common when a judge gave every answer nothing', () => {
    const contributions = contributionsOf(ANSWERS, PANEL, new Map());
    expect(contributions[2]?.weight).toBe(0);
    expect(contributions[0]?.weight).toBeGreaterThan(0.2);
  });

  it('give an answer that took no part none', () => {
    const silent = { index: 7, modelId: 'm/7', content: '' };
    const contributions = contributionsOf([silent, ...ANSWERS], PANEL, new Map([[0, 0.5]]));
    expect(contributions.map((one) => [one.perspective, one.weight])).toEqual([
      [7, 0],
      [0, 1],
      [1, 0],
      [2, 0],
    ]);
  });
});

describe('the quality of a conclusion', () => {
  const scores = new Map([
    [0, 0.9],
    [1, 0.7],
    [2, 0.5],
  ]);

  it('falls with what is disputed and rises with the scores', () => {
    const at = (agreed: number, disputed: number) =>
      conclusionQuality(PANEL, scores, scores, agreed, disputed);
    expect(at(4, 0)).toBeGreaterThan(at(3, 1));
    expect(at(3, 1)).toBeGreaterThan(at(0, 4));
    const lower = new Map([
      [0, 0.5],
      [1, 0.3],
      [2, 0.1],
    ]);
    expect(conclusionQuality(PANEL, lower, lower, 4, 0)).toBeLessThan(at(4, 0));
  });
});
