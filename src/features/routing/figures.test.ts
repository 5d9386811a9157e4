import { describe, expect, it } from 'vitest';
import { TASKS } from '../../contracts/routing.ts';
import { figuresOf, latencyMs } from './figures.ts';
import { type CountedCall, countedAs, HOUR_MS, learnedFrom, weighed } from './hours.ts';
import { learnedOf } from './routing-fixture.ts';

const ID = 'openai/gpt-6-sol';
const EXPECTED = figuresOf({ tier: 'normal' }, undefined);
const NOW = 500 * HOUR_MS;

const call = (more: Partial<CountedCall> = {}): CountedCall => ({
  at: NOW - HOUR_MS / 2,
  model: ID,
  task: 'chat',
  feature: 'chat',
  keyStrategy: 'platform',
  status: 'ok',
  errorKind: null,
  outputTokens: 100,
  latencyMs: 1_400,
  firstTokenMs: 400,
  ...more,
});

/** What is believed after these calls. */
function believed(calls: readonly CountedCall[], now = NOW) {
  const hours = calls.flatMap((one) => countedAs(one) ?? []);
  return figuresOf({ tier: 'normal' }, learnedFrom(weighed(hours, now)).get(ID));
}
const times = (count: number, one: CountedCall) => Array.from({ length: count }, () => one);

describe('what is believed of a model', () => {
  it('is what its tier is expected to be before it was called', () => {
    const [eco, premium] = [figuresOf({ tier: 'eco' }, undefined), figuresOf({ tier: 'premium' }, undefined)];
    expect(latencyMs(eco, 100)).toBeLessThan(latencyMs(EXPECTED, 100));
    expect(latencyMs(EXPECTED, 100)).toBeLessThan(latencyMs(premium, 100));
    expect(EXPECTED.successRate).toBeCloseTo(0.985, 9);
    expect(EXPECTED.calls).toBe(0);
    expect(Math.exp(EXPECTED.output('coding').mean)).toBeCloseTo(800, 6);
  });

  it('is moved a little by three calls and nearly all the way by two hundred', () => {
    const fast = call({ firstTokenMs: 90, latencyMs: 390, outputTokens: 100 });
    const first = (count: number) => Math.exp(believed(times(count, fast)).firstToken.mean);
    expect(first(3)).toBeGreaterThan(300);
    expect(first(200)).toBeLessThan(110);
    expect(first(20)).toBeLessThan(first(3));
  });

  it('does not take one failure for an outage, but does take forty', () => {
    const failed = call({ status: 'failed', errorKind: 'overloaded', firstTokenMs: null });
    expect(believed([failed]).successRate).toBeGreaterThan(0.93);
    expect(believed(times(40, failed)).successRate).toBeLessThan(0.45);
  });

  it('comes to the truth with many calls: first token, speed, length of answers, success', () => {
    const many = [
      ...times(300, call({ firstTokenMs: 250, latencyMs: 250 + 6 * 400, outputTokens: 400, task: 'coding' })),
      ...times(100, call({ status: 'failed', errorKind: 'server_error' })),
    ];
    const figures = believed(many);
    expect(Math.exp(figures.firstToken.mean) / 250).toBeCloseTo(1, 1);
    expect(Math.exp(figures.perToken.mean) / 6).toBeCloseTo(1, 1);
    expect(Math.exp(figures.output('coding').mean) / 400).toBeCloseTo(1, 1);
    expect(figures.successRate).toBeCloseTo(0.75, 1);
    expect(latencyMs(figures, 400) / 2_650).toBeCloseTo(1, 1);
  });

  it('lets a habit of short answers show in tasks that were not seen', () => {
    const terse = believed(times(200, call({ outputTokens: 50, latencyMs: 1_000 })));
    for (const task of TASKS) expect(terse.output(task).mean).toBeLessThan(EXPECTED.output(task).mean);
  });

  it('knows the whole time of calls that were not streamed, though not their first token', () => {
    const whole = times(200, call({ firstTokenMs: null, latencyMs: 9_000, outputTokens: 200 }));
    const figures = believed(whole);
    expect(figures.firstToken.mean).toBe(EXPECTED.firstToken.mean);
    expect(latencyMs(figures, 200) / 9_000).toBeCloseTo(1, 0);
  });

  it('is less uncertain the more calls there are', () => {
    const sd = (count: number) => believed(times(count, call())).firstToken.sd;
    expect(sd(10)).toBeLessThan(sd(1));
    expect(sd(100)).toBeLessThan(sd(10));
  });
});

describe('time', () => {
  const slow = times(500, call({ firstTokenMs: 5_000, latencyMs: 9_000 }));

  it('makes calls count less: a slow spell is forgotten, though not at once', () => {
    const first = (hours: number) => Math.exp(believed(slow, NOW + hours * HOUR_MS).firstToken.mean);
    expect(first(0)).toBeGreaterThan(4_500);
    expect(first(12)).toBeLessThan(first(0));
    expect(first(150)).toBeLessThan(first(12));
    expect(first(24 * 30)).toBeCloseTo(900, 0);
  });

  it('lets the last hour speak louder than the days before', () => {
    const before = times(2_000, call({ at: NOW - 20 * HOUR_MS, firstTokenMs: 300, latencyMs: 1_300 }));
    const figures = believed([...before, ...times(60, call({ firstTokenMs: 3_000, latencyMs: 4_000 }))]);
    expect(Math.exp(figures.firstToken.mean)).toBeGreaterThan(1_500);
  });

  it('never counts a call from the future for more than one', () => {
    const future = believed(times(10, call({ at: NOW + 5 * HOUR_MS })));
    expect(future.calls).toBeCloseTo(10, 9);
  });
});

describe('a call that teaches nothing', () => {
  it.each(['invalid_request', 'content_policy', 'refused', 'context_length', 'too_large'])(
    'failed by its caller’s doing: %s',
    (errorKind) => {
      expect(countedAs(call({ status: 'failed', errorKind }))).toBeUndefined();
    },
  );

  it('was cancelled, or answered from the cache, or made an embedding', () => {
    expect(countedAs(call({ status: 'cancelled' }))).toBeUndefined();
    expect(countedAs(call({ status: 'cached' }))).toBeUndefined();
    expect(countedAs(call({ feature: 'embeddings' }))).toBeUndefined();
  });

  it('was made with a tenant’s own key or machine, which could lead anywhere', () => {
    expect(countedAs(call({ keyStrategy: 'tenant' }))).toBeUndefined();
    expect(countedAs(call({ keyStrategy: 'bridge' }))).toBeUndefined();
    expect(countedAs(call({ keyStrategy: 'none' }))).toBeDefined();
  });

  it('is not one that met a rate limit: whoever is sent there next meets it too', () => {
    expect(countedAs(call({ status: 'failed', errorKind: 'rate_limited' }))).toMatchObject({ n: 1, ok: 0 });
  });
});

describe('figures from many calls', () => {
  it('can be given for tests', () => {
    const learned = learnedOf({ [ID]: { firstTokenMs: 200, msPerToken: 5, ok: 90 } });
    const figures = figuresOf({ tier: 'normal' }, learned.get(ID));
    expect(Math.exp(figures.firstToken.mean) / 200).toBeCloseTo(1, 1);
    expect(figures.successRate).toBeCloseTo(0.9, 1);
  });
});
