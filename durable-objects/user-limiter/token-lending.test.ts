import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenLeases, type TokensTaken } from '../../src/features/identity/token-leases.ts';
import type { TokenQuestion } from '../../src/features/identity/token-lending.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import { type LimitState, lendTokensWithin } from './logic.ts';

const BURST = 10_000;
const PER_MINUTE = 60_000;
const NAME = 'ten_1 usr_1';

/** Some isolates and one limiter, at a time that the test says. A token flows every millisecond. */
function setUp(isolates = 1, tokens = { perMinute: PER_MINUTE, burst: BURST }) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const bucket = { perMinute: 1e6, burst: 1e6 };
  const rules = {
    operations: { models: bucket, perspectives: bucket },
    safety: bucket,
    tokens,
    slots: 1_000,
  };
  let state: LimitState = { buckets: new Map(), holdings: new Map() };
  const world = { asked: 0, away: false };
  const ask = async (question: TokenQuestion) => {
    world.asked += 1;
    if (world.away) throw new ParallaxError('unavailable', 'Not now.');
    const answer = lendTokensWithin(state, rules, 'ten_1', question, clock.time);
    state = answer.state;
    return answer.lent;
  };
  const leases = Array.from({ length: isolates }, () => new TokenLeases());
  const at = (isolate: number) => leases[isolate] as TokenLeases;
  const take = (tokens: number, isolate = 0) => at(isolate).take(NAME, tokens, clock, ask);
  const report = (isolate = 0) => at(isolate).report(NAME, clock, ask);
  return { clock, world, at, ask, take, report };
}

const refusal = async (work: Promise<unknown>): Promise<ParallaxError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ParallaxError) return error;
  throw error ?? new Error('nothing was refused');
};

describe('tokens a minute', () => {
  it('are refused beyond what there is, with when to come back to the millisecond', async () => {
    const { clock, take } = setUp();
    await take(9_000);
    const error = await refusal(take(2_500));
    expect(error.code).toBe('rate_limited');
    expect(error.details).toEqual({ limit: 'tokens', quota: BURST, estimated_tokens: 2_500 });
    expect(error.retryAfterMs).toBe(1_500);
    expect(error.message).toBe(
      'Too many tokens: 60,000 a minute, up to 10,000 at once. This request is estimated at 2,500. Please try again in 2 seconds, or ask for less.',
    );
    clock.time += 1_499;
    expect((await refusal(take(2_500))).retryAfterMs).toBe(1);
    clock.time += 1;
    await take(2_500);
  });

  it('let a small request in where a large one was refused, at the same moment', async () => {
    const { take } = setUp();
    await take(7_000);
    expect((await refusal(take(5_000))).code).toBe('rate_limited');
    await take(3_000);
    expect((await refusal(take(1))).retryAfterMs).toBe(1);
  });

  it('let a request in that is larger than all there can be when all of it is there, which then is paid for', async () => {
    const { clock, take } = setUp();
    (await take(1_000)).settle(1_000);
    const error = await refusal(take(25_000));
    expect(error.message).toContain('larger than that, and let in when all of it is there');
    expect(error.retryAfterMs).toBe(1_000);
    clock.time += 1_000;
    await take(25_000);
    // 15,000 are owed.
    expect((await refusal(take(500))).retryAfterMs).toBe(15_500);
    clock.time += 15_500;
    await take(500);
  });

  it('go back where less was used, and are owed where more was', async () => {
    const { take, report } = setUp(2);
    const taken = await take(9_000);
    taken.settle(2_000);
    taken.settle(0);
    expect((await take(8_000)).state).toMatchObject({ limit: BURST, remaining: 0, resetMs: BURST });
    const other = setUp(2);
    (await other.take(4_000)).settle(14_000);
    await other.report();
    // The other isolate hears of it, too.
    expect((await refusal(other.take(1_000, 1))).retryAfterMs).toBe(5_000);
    await report();
  });

  it('say how the limit stands after each request', async () => {
    const { clock, take } = setUp();
    expect((await take(1_000)).state).toEqual({ limit: BURST, remaining: 9_000, resetMs: 1_000 });
    clock.time += 400;
    expect((await take(1_000)).state).toEqual({ limit: BURST, remaining: 8_400, resetMs: 1_600 });
  });

  it('cost one question for many small requests, and none of them waits for another’s', async () => {
    const { world, take } = setUp();
    await Promise.all(Array.from({ length: 50 }, () => take(20)));
    expect(world.asked).toBe(1);
    for (let i = 0; i < 50; i++) await take(20);
    expect(world.asked).toBeLessThanOrEqual(2);
  });

  it('go back when far more were taken than used, but not at every request while many come', async () => {
    const { clock, world, at, take, report } = setUp(1, { perMinute: 600_000_000, burst: 10_000_000 });
    let reports = 0;
    const settled = async (tokens: number) => {
      const taken = await take(tokens);
      clock.time += 2;
      taken.settle(tokens / 2);
      if (!at(0).isDue(NAME, clock.now())) return;
      reports += 1;
      await report();
    };
    // A thousand tokens every two milliseconds, for ten seconds.
    for (let request = 0; request < 5_000; request++) await settled(1_000);
    expect(reports).toBeLessThan(10);
    expect(world.asked).toBeLessThan(30);
    const large = await take(400_000);
    clock.time += 1_000;
    large.settle(10);
    expect(at(0).isDue(NAME, clock.now())).toBe(true);
    await report();
    expect(at(0).isDue(NAME, clock.now())).toBe(false);
  });

  it('forget nothing that is owed when the limiter is away, and ask it again', async () => {
    const { clock, world, at, take, report } = setUp();
    (await take(5_000)).settle(14_000);
    expect(at(0).isDue(NAME, clock.now())).toBe(true);
    world.away = true;
    await expect(report()).rejects.toThrow('Not now');
    expect((await refusal(take(100))).code).toBe('unavailable');
    world.away = false;
    expect((await refusal(take(100))).retryAfterMs).toBe(4_100);
    clock.time += 4_100;
    await take(100);
  });

  it('are never more than the bucket gives, in several isolates, but for what answers were longer than estimated', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('take' as const),
          isolate: fc.nat(2),
          sizes: fc.array(
            fc.oneof(
              { weight: 7, arbitrary: fc.integer({ min: 1, max: 1_200 }) },
              { weight: 1, arbitrary: fc.integer({ min: 1, max: 25_000 }) },
            ),
            {
              minLength: 1,
              maxLength: 4,
            },
          ),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('settle' as const),
          which: fc.nat(1_000),
          share: fc.oneof(
            fc.double({ min: 0, max: 1, noNaN: true }),
            fc.double({ min: 1, max: 12, noNaN: true }),
          ),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('wait' as const),
          milliseconds: fc.integer({ min: 1, max: 8_000 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('beside' as const), isolate: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), isolate: fc.nat(2) }) },
    );
    let admissions = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
        const { clock, world, at, ask, take, report } = setUp(3);
        const started = clock.time;
        const open: { taken: TokensTaken; tokens: number; isolate: number }[] = [];
        /** What was taken and not given back, whether used or under way. */
        let total = 0;
        const beyond: { tokens: number }[] = [];
        const bound = () => {
          return (
            BURST +
            ((clock.time - started) * PER_MINUTE) / 60_000 +
            beyond.reduce((sum, { tokens }) => sum + tokens, 0)
          );
        };
        for (const one of steps) {
          if (one.kind === 'wait') clock.time += one.milliseconds;
          else if (one.kind === 'beside') {
            const question = at(one.isolate).question(NAME, clock.time);
            at(one.isolate).heard(NAME, await ask(question), clock.time);
          } else if (one.kind === 'fail') {
            world.away = true;
            await report(one.isolate).catch(() => undefined);
            world.away = false;
          } else if (one.kind === 'settle') {
            const [ended] = open.splice(one.which % Math.max(1, open.length), 1);
            if (ended === undefined) continue;
            const used = Math.round(ended.tokens * one.share);
            ended.taken.settle(used);
            total += used - ended.tokens;
            if (used > ended.tokens) beyond.push({ tokens: used - ended.tokens });
            if (at(ended.isolate).isDue(NAME, clock.now())) await report(ended.isolate);
          } else {
            const results = await Promise.allSettled(one.sizes.map((size) => take(size, one.isolate)));
            results.forEach((result, index) => {
              const tokens = one.sizes[index] ?? 0;
              if (result.status === 'rejected') {
                expect((result.reason as ParallaxError).code).toBe('rate_limited');
                return;
              }
              admissions += 1;
              total += tokens;
              open.push({ taken: result.value, tokens, isolate: one.isolate });
              if (tokens > BURST) beyond.push({ tokens: tokens - BURST });
            });
            if (results.some(({ status }) => status === 'fulfilled'))
              expect(total).toBeLessThanOrEqual(bound() + 1e-6);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(admissions).toBeGreaterThan(3_000);
  });

  it('let everybody in again who waits as long as was said', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 20, size: 'max' }),
        async (sizes) => {
          const { clock, take } = setUp();
          for (const size of sizes) {
            const error = await take(size).then(
              () => null,
              (reason: unknown) => reason as ParallaxError,
            );
            if (error === null) continue;
            clock.time += error.retryAfterMs ?? 0;
            await take(size);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
