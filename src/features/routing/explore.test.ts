import { describe, expect, it } from 'vitest';
import { draws } from '../../../bench/router-world.ts';
import { explore } from './explore.ts';
import { modelOf } from './routing-fixture.ts';
import type { Scored } from './score.ts';

const one = (id: string, more: Partial<Scored> & { readonly cost?: number | null } = {}): Scored => {
  const { cost = 1_000_000, ...rest } = more;
  return {
    model: modelOf(id),
    score: 0.6,
    components: { cost: 0.5, latency: 0.5, quality: 0.5, reliability: 0.5 },
    estimate: {
      inputTokens: 100,
      outputTokens: 100,
      costNano: cost,
      firstTokenMs: 1,
      latencyMs: 1,
      successRate: 1,
    },
    quality: 0.8,
    unlearned: 0.05,
    uncertainty: 0.08,
    calls: 0,
    ...rest,
  };
};
const best = one('a/best', { calls: 1_000 });

/** How often each model is tried in so many requests. */
function tries(ranked: readonly Scored[], share: number, requests = 20_000): Record<string, number> {
  const dice = draws(7).uniform;
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i++) {
    const id = explore(ranked, share, dice)?.model.id;
    if (id !== undefined) counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

describe('exploration', () => {
  it('happens about as often as the tenant allows, and never when it allows none', () => {
    const ranked = [best, one('b/near', { score: 0.58 })];
    const share = (tries(ranked, 0.1)['b/near'] ?? 0) / 20_000;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
    expect(tries(ranked, 0)).toEqual({});
  });

  it('tries the more promising and the less known more often', () => {
    const counts = tries([best, one('b/near', { score: 0.59 }), one('c/far', { score: 0.55 })], 1);
    expect(counts['b/near']).toBeGreaterThan(counts['c/far'] ?? 0);
    expect(counts['c/far']).toBeGreaterThan(0);
    const unknown = tries(
      [best, one('b/known', { unlearned: 0.001 }), one('c/unknown', { score: 0.599, unlearned: 0.2 })],
      1,
    );
    expect(unknown['c/unknown']).toBeGreaterThan(5_000);
  });

  it.each([
    ['is much worse by score', { score: 0.5 }],
    ['is expected to answer much worse', { quality: 0.6 }],
    ['costs more than three times as much', { cost: 3_000_001 }],
    ['has no known price', { cost: null }],
    ['is known well already', { calls: 31 }],
  ])('never tries a model that %s', (_, more) => {
    expect(tries([best, one('b/other', more)], 1, 500)).toEqual({});
  });

  it('does not spend where the best costs nothing, nor where its price is not known', () => {
    const paid = one('b/paid', { cost: 10 });
    expect(tries([one('a/free', { cost: 0 }), paid], 1, 500)).toEqual({});
    expect(tries([one('a/free', { cost: 0 }), one('b/free', { cost: 0 })], 1, 500)['b/free']).toBe(500);
    expect(tries([one('a/unknown', { cost: null }), paid], 1, 500)).toEqual({});
  });

  it('has nothing to try where there is one model or none', () => {
    expect(explore([best], 1, () => 0)).toBeUndefined();
    expect(explore([], 1, () => 0)).toBeUndefined();
  });
});
