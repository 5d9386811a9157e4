import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPONENTS, DEFAULT_WEIGHTS, TASKS } from '../../contracts/routing.ts';
import type { Model } from '../catalog/index.ts';
import { type LearnedFigures, NOTHING_LEARNED } from './figures.ts';
import { knowledgeOf } from './knowledge.ts';
import { learnedOf, modelOf } from './routing-fixture.ts';
import { confidenceIn, normalised, type Scored, scoreModels, type Weights } from './score.ts';
import { certainTask } from './task/classify.ts';

const SIZE = { inputTokens: 1_000, maxOutputTokens: null };
const CODING = certainTask('coding');

function score(
  models: readonly Model[],
  {
    learned = NOTHING_LEARNED,
    weights = DEFAULT_WEIGHTS,
    guess = CODING,
    size = SIZE,
  }: {
    readonly learned?: LearnedFigures;
    readonly weights?: Weights;
    readonly guess?: typeof CODING;
    readonly size?: { readonly inputTokens: number; readonly maxOutputTokens: number | null };
  } = {},
): Scored[] {
  return scoreModels(models, size, guess, knowledgeOf(models, learned), weights);
}
const idsOf = (ranked: readonly Scored[]) => ranked.map(({ model }) => model.id);
const alike = ['a/gpt-6', 'b/gpt-6', 'c/gpt-6'].map((id) => modelOf(id));

describe('a score', () => {
  it('is the weighted mean of components between 0 and 1, half of each for equals', () => {
    for (const { score: value, components } of score(alike)) {
      expect(value).toBeCloseTo(0.5, 12);
      for (const component of COMPONENTS) expect(components[component]).toBe(0.5);
    }
    const [best] = score([modelOf('a/gpt-6', { usd: [0.1, 0.4] }), ...alike.slice(1)]);
    const sum = COMPONENTS.reduce((all, one) => all + DEFAULT_WEIGHTS[one] * (best?.components[one] ?? 0), 0);
    expect(best?.score).toBeCloseTo(sum, 12);
  });

  it('prefers what is cheaper, faster, better or more reliable when all else is equal', () => {
    const [a, b, c] = alike as [Model, Model, Model];
    expect(idsOf(score([a, modelOf('b/gpt-6', { usd: [0.5, 2] }), c]))[0]).toBe('b/gpt-6');
    expect(idsOf(score([a, b, c], { learned: learnedOf({ 'b/gpt-6': { msPerToken: 4 } }) }))[0]).toBe(
      'b/gpt-6',
    );
    expect(idsOf(score([a, modelOf('b/gpt-6', { tier: 'premium' }), c]))).toContain('b/gpt-6');
    const learned = learnedOf({ 'a/gpt-6': { ok: 70 }, 'b/gpt-6': { ok: 99 }, 'c/gpt-6': { ok: 70 } });
    expect(idsOf(score([a, b, c], { learned }))[0]).toBe('b/gpt-6');
  });

  it('weighs a strong model higher where the task is hard', () => {
    const models = [
      modelOf('a/gpt-6-sol', { tier: 'premium', usd: [4, 20] }),
      modelOf('b/gemini-4-flash', { usd: [0.75, 3.75] }),
      modelOf('c/gpt-6-luna', { tier: 'eco', usd: [0.1, 0.5] }),
    ];
    const place = (task: (typeof TASKS)[number]) =>
      idsOf(score(models, { guess: certainTask(task) })).indexOf('a/gpt-6-sol');
    expect(place('reasoning')).toBeLessThan(place('chat'));
  });

  it('follows the tenant’s weights, of which only the proportion matters', () => {
    const dear = modelOf('a/gpt-6', { tier: 'premium', usd: [10, 50] });
    const cheap = modelOf('b/gpt-6', { tier: 'eco', usd: [0.1, 0.4] });
    const only = (component: keyof Weights) =>
      ({ cost: 0, latency: 0, quality: 0, reliability: 0, [component]: 7 }) as Weights;
    expect(idsOf(score([dear, cheap], { weights: only('cost') }))[0]).toBe('b/gpt-6');
    expect(idsOf(score([dear, cheap], { weights: only('quality') }))[0]).toBe('a/gpt-6');
    const tenfold = Object.fromEntries(COMPONENTS.map((one) => [one, DEFAULT_WEIGHTS[one] * 10])) as Weights;
    expect(score([dear, cheap], { weights: tenfold })).toEqual(score([dear, cheap]));
    expect(normalised(tenfold).quality).toBeCloseTo(0.35, 12);
  });

  it('does not let one absurd candidate move the others', () => {
    const models = [1, 2, 3, 4, 5].map((usd) => modelOf(`p${usd}/gpt-6`, { usd: [usd, usd * 4] }));
    const before = score(models);
    const after = score([...models, modelOf('absurd/gpt-6', { usd: [50_000, 200_000] })]);
    for (const { model, score: value } of before) {
      const again = after.find((one) => one.model.id === model.id);
      expect(Math.abs((again?.score ?? 0) - value)).toBeLessThan(0.02);
    }
  });

  it('takes a price that is not known for the dearest, and a free model for the cheapest, without infinities', () => {
    const models = [
      modelOf('free/gpt-6', { usd: [0, 0] }),
      modelOf('paid/gpt-6'),
      modelOf('dear/gpt-6', { usd: [5, 20] }),
      modelOf('unknown/gpt-6', { usd: null }),
    ];
    const cost = Object.fromEntries(
      score(models).map(({ model, components }) => [model.provider, components.cost]),
    );
    expect(cost.free).toBe(1);
    expect(cost.unknown).toBe(0);
    expect(cost.paid).toBeGreaterThan(cost.dear ?? 1);
    const local = score([modelOf('local/swift', { usd: [0, 0] }), modelOf('local/sage', { usd: [0, 0] })]);
    for (const { components } of local) expect(components.cost).toBe(0.5);
  });

  it('puts a model that is down behind the others, however cheap and fast it is', () => {
    const models = [modelOf('a/gpt-6', { usd: [0.1, 0.4] }), modelOf('b/gpt-6'), modelOf('c/gpt-6')];
    const learned = learnedOf({ 'a/gpt-6': { ok: 2, msPerToken: 3, firstTokenMs: 100 } });
    expect(idsOf(score(models, { learned })).at(-1)).toBe('a/gpt-6');
  });

  it('of equal models is decided by their ids, whatever their order', () => {
    expect(idsOf(score([...alike].reverse()))).toEqual(['a/gpt-6', 'b/gpt-6', 'c/gpt-6']);
  });

  it('averages over the tasks that a prompt may be', () => {
    const torn = { ...CODING, confidence: 0.5, scores: { ...CODING.scores, coding: 0.5, chat: 0.5 } };
    const quality = (guess: typeof CODING) => score(alike, { guess })[0]?.quality ?? 0;
    expect(quality(torn)).toBeCloseTo((quality(CODING) + quality(certainTask('chat'))) / 2, 12);
  });

  it('is between 0 and 1 for any models, prices and figures', () => {
    const anyModel = fc.record({
      tier: fc.constantFrom('premium', 'normal', 'eco'),
      usd: fc.option(
        fc.tuple(fc.double({ min: 0, max: 1e3, noNaN: true }), fc.double({ min: 0, max: 1e3, noNaN: true })),
      ),
      ok: fc.double({ min: 0, max: 100, noNaN: true }),
      ms: fc.double({ min: 0.01, max: 1e5, noNaN: true }),
      calls: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(anyModel, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...TASKS),
        (made, task) => {
          const models = made.map(({ tier, usd }, i) =>
            modelOf(`p${i}/gpt-6`, { tier: tier as Model['tier'], usd: usd as [number, number] | null }),
          );
          const learned = learnedOf(
            Object.fromEntries(
              made.map(({ ok, ms, calls }, i) => [
                `p${i}/gpt-6`,
                { ok, msPerToken: ms, firstTokenMs: ms, calls },
              ]),
            ),
          );
          const ranked = score(models, { learned, guess: certainTask(task) });
          expect(ranked).toHaveLength(models.length);
          for (const one of ranked) {
            expect(one.score).toBeGreaterThanOrEqual(0);
            expect(one.score).toBeLessThanOrEqual(1);
            expect(one.uncertainty).toBeGreaterThanOrEqual(one.unlearned);
            expect(Number.isFinite(one.uncertainty)).toBe(true);
          }
          const confidence = confidenceIn(ranked[0] as Scored, ranked[1]);
          expect(confidence).toBeGreaterThanOrEqual(0.5 - 1e-6);
          expect(confidence).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('the confidence in a choice', () => {
  it('is a half for equals, nearly sure for one far ahead, and sure where there is no other', () => {
    const [first, second] = score(alike);
    expect(confidenceIn(first as Scored, second)).toBeCloseTo(0.5, 6);
    expect(confidenceIn(first as Scored, undefined)).toBe(1);
    const far = score([
      modelOf('a/gpt-6', { usd: [0.01, 0.04] }),
      modelOf('b/llama-3.1-1b-instruct', { tier: 'eco', usd: [50, 200], capabilities: [] }),
    ]);
    expect(confidenceIn(far[0] as Scored, far[1])).toBeGreaterThan(0.95);
  });
});

describe('the estimate of a call', () => {
  it('is bounded by the answer’s bound, and priced by the catalog', () => {
    const [one] = score([modelOf('a/gpt-6', { usd: [1, 4] })], {
      size: { inputTokens: 1_000, maxOutputTokens: 50 },
    });
    expect(one?.estimate).toMatchObject({ inputTokens: 1_000, outputTokens: 50, costNano: 1_200_000 });
  });
});
