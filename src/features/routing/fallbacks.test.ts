import { describe, expect, it } from 'vitest';
import { DEFAULT_WEIGHTS } from '../../contracts/routing.ts';
import { fallbacksFor } from './fallbacks.ts';
import { NOTHING_LEARNED } from './figures.ts';
import { knowledgeOf } from './knowledge.ts';
import { modelOf } from './routing-fixture.ts';
import { type Scored, scoreModels } from './score.ts';
import { certainTask } from './task/classify.ts';

/** Ranked by price alone: the order given. */
const ranked = (...ids: readonly string[]): Scored[] => {
  const models = ids.map((id, i) => modelOf(id, { usd: [i + 1, i + 1] }));
  const size = { inputTokens: 100, maxOutputTokens: null };
  return scoreModels(
    models,
    size,
    certainTask('chat'),
    knowledgeOf(models, NOTHING_LEARNED),
    DEFAULT_WEIGHTS,
  );
};
const fallbacks = (list: readonly Scored[], first = 0) =>
  fallbacksFor(list[first] as Scored, list).map(({ model }) => model.id);

describe('the fallbacks of a choice', () => {
  it('are of other providers before they are of the same, so that one outage does not take all', () => {
    expect(fallbacks(ranked('a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'd/1'))).toEqual(['b/1', 'c/1', 'd/1']);
    expect(fallbacks(ranked('a/1', 'a/2', 'a/3', 'b/1'))).toEqual(['b/1', 'a/2', 'a/3']);
  });

  it('are the next best where there is one provider, and never the choice itself', () => {
    expect(fallbacks(ranked('a/1', 'a/2'))).toEqual(['a/2']);
    expect(fallbacks(ranked('a/1', 'a/2', 'a/3'), 1)).toEqual(['a/1', 'a/3']);
    expect(fallbacks(ranked('a/1'))).toEqual([]);
  });

  it('are three at most', () => {
    expect(fallbacks(ranked('a/1', 'b/1', 'c/1', 'd/1', 'e/1', 'f/1'))).toHaveLength(3);
  });
});
