import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Allowance,
  BELIEVED_MS,
  isTight,
  type LimitState,
  mergeLimits,
  NO_LIMITS,
  refuse,
  SILENT_REFUSAL_MS,
  take,
  waitFor,
} from './limits.ts';

const NOW = 1_800_000_000_000;
const requests = (remaining: number, resetMs: number, limit?: number): LimitState => ({
  requests: { ...(limit === undefined ? {} : { limit }), remaining, at: NOW, wholeAt: NOW + resetMs },
});

describe('a provider’s limit', () => {
  it('lets everything pass where nothing is known', () => {
    expect(waitFor(NO_LIMITS, 1_000_000, NOW)).toBe(0);
  });

  it('counts the calls that have gone out, until none is left', () => {
    let state = requests(2, 60_000);
    for (let i = 0; i < 2; i++) {
      expect(waitFor(state, 10, NOW)).toBe(0);
      state = take(state, 10, NOW);
    }
    expect(waitFor(state, 10, NOW)).toBe(60_000);
  });

  it('is back for one call when that part has refilled, and not only when it is whole', () => {
    expect(waitFor(requests(0, 60_000, 60), 10, NOW)).toBe(1_000);
    expect(waitFor(requests(0, 60_000, 60), 10, NOW + 999)).toBe(1);
    expect(waitFor(requests(0, 60_000, 60), 10, NOW + 1_000)).toBe(0);
    expect(waitFor(requests(0, 30_000), 10, NOW)).toBe(30_000);
  });

  it('of tokens holds a call for as many tokens as it lacks', () => {
    const state: LimitState = {
      tokens: { limit: 60_000, remaining: 1_000, at: NOW, wholeAt: NOW + 59_000 },
    };
    expect(waitFor(state, 1_000, NOW)).toBe(0);
    expect(waitFor(state, 3_000, NOW)).toBe(2_000);
    // What can never fit waits until all is there, and the provider decides.
    expect(waitFor(state, 1_000_000, NOW)).toBe(59_000);
  });

  it('holds for as long as a 429 asks, a second where it does not, and a minute at most', () => {
    expect(waitFor(refuse(NO_LIMITS, 300, NOW), 1, NOW)).toBe(300);
    expect(waitFor(refuse(NO_LIMITS, undefined, NOW), 1, NOW)).toBe(SILENT_REFUSAL_MS);
    expect(waitFor(refuse(NO_LIMITS, 86_400_000, NOW), 1, NOW)).toBe(BELIEVED_MS);
    expect(waitFor(requests(0, 86_400_000), 1, NOW)).toBe(BELIEVED_MS);
  });

  it('is worth telling when little is left of it', () => {
    expect(isTight(requests(9, 60_000, 100), NOW)).toBe(true);
    expect(isTight(requests(50, 60_000, 100), NOW)).toBe(false);
    expect(isTight(refuse(NO_LIMITS, 500, NOW), NOW)).toBe(true);
    expect(isTight(refuse(NO_LIMITS, 500, NOW), NOW + 500)).toBe(false);
  });
});

const allowance: fc.Arbitrary<Allowance> = fc
  .record({
    limit: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
    remaining: fc.integer({ min: 0, max: 100_000 }),
    age: fc.integer({ min: -1_000, max: 100_000 }),
    resetMs: fc.integer({ min: 0, max: 200_000 }),
  })
  .map(({ limit, remaining, age, resetMs }) => ({
    ...(limit === undefined ? {} : { limit }),
    remaining: Math.min(remaining, limit ?? remaining),
    at: NOW - age,
    wholeAt: NOW - age + resetMs,
  }));
const states: fc.Arbitrary<LimitState> = fc
  .record({
    requests: fc.option(allowance, { nil: undefined }),
    tokens: fc.option(allowance, { nil: undefined }),
    blockedUntil: fc.option(fc.integer({ min: NOW - 1_000, max: NOW + BELIEVED_MS }), { nil: undefined }),
  })
  .map((state) => mergeLimits(state as LimitState, NO_LIMITS));
const tokens = fc.integer({ min: 1, max: 10_000 });

describe('whatever a provider says', () => {
  it('no call is held for longer than a word is believed, and one that has waited goes', () => {
    fc.assert(
      fc.property(states, tokens, (state, need) => {
        const wait = waitFor(state, need, NOW);
        expect(wait).toBeGreaterThanOrEqual(0);
        // A clock a second ahead has told of the future.
        expect(wait).toBeLessThanOrEqual(BELIEVED_MS + 1_000);
        expect(waitFor(state, need, NOW + wait)).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('taking leaves no less than nothing, and what holds a call after it holds no shorter than before', () => {
    fc.assert(
      fc.property(states, tokens, tokens, (state, taken, need) => {
        if (waitFor(state, taken, NOW) > 0) return;
        const after = take(state, taken, NOW);
        expect(after.requests?.remaining ?? 0).toBeGreaterThanOrEqual(0);
        expect(after.tokens?.remaining ?? 0).toBeGreaterThanOrEqual(0);
        // What is whole again, or too old to be believed, is forgotten: it held nobody.
        for (const part of ['requests', 'tokens'] as const) {
          if (after[part] === undefined) continue;
          const only = (one: LimitState): LimitState => ({ [part]: one[part] });
          expect(waitFor(only(after), need, NOW) + 1).toBeGreaterThanOrEqual(waitFor(only(state), need, NOW));
        }
      }),
    );
  });

  it('no more calls go out in a period than the limit and what refills of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1_000, max: 50_000 }),
        fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }),
        (limit, resetMs, steps) => {
          let state = requests(0, resetMs, limit);
          let now = NOW;
          let sent = 0;
          for (const step of steps) {
            now += step;
            if (now >= NOW + resetMs) break;
            if (waitFor(state, 1, now) > 0) continue;
            state = take(state, 1, now);
            sent++;
          }
          expect(sent).toBeLessThanOrEqual(Math.ceil(((now - NOW) / resetMs) * limit) + 1e-6);
        },
      ),
    );
  });

  it('views come to the same in any order, any number of times', () => {
    fc.assert(
      fc.property(states, states, states, (a, b, c) => {
        expect(mergeLimits(a, b)).toEqual(mergeLimits(b, a));
        expect(mergeLimits(a, mergeLimits(b, c))).toEqual(mergeLimits(mergeLimits(a, b), c));
        expect(mergeLimits(a, a)).toEqual(a);
      }),
    );
  });
});
