import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type KeyLease,
  type LendQuestion,
  lendSlots,
  SLOT_LEASE_MS,
  type UserRules,
} from '../../src/features/identity/index.ts';
import { type Pass, RequestLeases } from '../../src/features/identity/request-leases.ts';
import type { ParallaxError } from '../../src/platform/errors.ts';
import { KEY_LEASE_MS, type LimitState, lendWithin } from './logic.ts';

const KEY: KeyLease = {
  keyId: 'key_1',
  familyId: 'key_1',
  tenantId: 'ten_1',
  userId: 'usr_1',
  role: 'owner',
  kind: 'secret',
  scopes: ['models'],
  cacheMaxAgeS: null,
  expiresAt: null,
  spendLimited: false,
  allowedOrigins: [],
  leaseMs: KEY_LEASE_MS,
};

/** Some isolates and one limiter, at a time that the test says. */
function setUp(rules: UserRules, isolates: number) {
  const clock = { time: 1_000_000, now: () => clock.time };
  let state: LimitState = { buckets: new Map(), holdings: new Map() };
  let asked = 0;
  const lend = async (question: LendQuestion) => {
    asked += 1;
    const answer = lendWithin(state, rules, KEY, question, clock.time);
    state = answer.state;
    return { ok: true as const, value: answer.lent };
  };
  const leases = Array.from({ length: isolates }, () => new RequestLeases());
  return {
    clock,
    asked: () => asked,
    /** What long requests do while they are under way. */
    beat: (pass: Pass) =>
      pass.keep(clock.time, async ({ isolate, inFlight }) => {
        const wish = { isolate, inFlight, needed: inFlight, wanted: inFlight };
        const { holdings, slots, scarce } = lendSlots(state.holdings, rules.slots, wish, clock.time);
        state = { ...state, holdings };
        return { slots, scarce, slotLeaseMs: SLOT_LEASE_MS };
      }),
    admit: (isolate: number) =>
      (leases[isolate] as RequestLeases).admit('plx_sk_x', 'models', clock, {
        identify: async () => ({ hash: 'hash' }),
        lend,
      }),
  };
}

const rulesOf = (perMinute: number, burst: number, slots: number): UserRules => ({
  operations: { models: { perMinute, burst }, perspectives: { perMinute: 1, burst: 1 } },
  tokens: { perMinute: 1e6, burst: 1e6 },
  safety: { perMinute: 1e6, burst: 1e6 },
  slots,
});

describe('requests of one user in several isolates', () => {
  it('are never more than the bucket gives, and never more at once than there are slots', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('admit' as const),
        isolate: fc.nat(2),
        count: fc.integer({ min: 1, max: 6 }),
      }),
      fc.record({ kind: fc.constant('release' as const), which: fc.nat(1_000) }),
      fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 4_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
        const rules = rulesOf(120, 12, 7);
        const { clock, admit, beat } = setUp(rules, 3);
        const started = clock.time;
        const open: Pass[] = [];
        let admitted = 0;
        for (const one of steps) {
          if (one.kind === 'wait') {
            clock.time += one.milliseconds;
            for (const pass of open) await beat(pass);
          } else if (one.kind === 'release')
            open.splice(one.which % Math.max(1, open.length), 1)[0]?.release();
          else {
            const passes = await Promise.allSettled(
              Array.from({ length: one.count }, () => admit(one.isolate)),
            );
            for (const pass of passes) {
              if (pass.status === 'fulfilled') {
                admitted += 1;
                open.push(pass.value);
              } else expect((pass.reason as ParallaxError).code).toBe('rate_limited');
            }
          }
          expect(open.length).toBeLessThanOrEqual(7);
          expect(admitted).toBeLessThanOrEqual(12 + ((clock.time - started) * 120) / 60_000);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('with a key that has a limit of its own are never more than that either, and the user’s other keys go on', async () => {
    const step = fc.record({
      limited: fc.boolean(),
      isolate: fc.nat(1),
      count: fc.integer({ min: 1, max: 6 }),
      wait: fc.integer({ min: 0, max: 6_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const rules = rulesOf(120, 24, 1_000);
        const clock = { time: 1_000_000, now: () => clock.time };
        let state: LimitState = { buckets: new Map(), holdings: new Map() };
        const leases = [new RequestLeases(), new RequestLeases()];
        const own = { name: 'key_1', rule: { perMinute: 30, burst: 6 } };
        const admit = (isolate: number, limited: boolean) =>
          (leases[isolate] as RequestLeases).admit(limited ? 'plx_sk_l' : 'plx_sk_u', 'models', clock, {
            identify: async () => ({ hash: limited ? 'limited' : 'other' }),
            async lend(question) {
              const key = { ...KEY, keyId: limited ? 'key_1' : 'key_2' };
              const answer = lendWithin(state, rules, key, question, clock.time, limited ? own : undefined);
              state = answer.state;
              return { ok: true as const, value: answer.lent };
            },
          });
        let [all, within] = [0, 0];
        for (const { limited, isolate, count, wait } of steps) {
          clock.time += wait;
          for (let i = 0; i < count; i++) {
            const pass = await admit(isolate, limited).catch(() => null);
            pass?.release();
            if (pass === null) continue;
            all += 1;
            if (limited) within += 1;
          }
          const minutes = (clock.time - 1_000_000) / 60_000;
          expect(within).toBeLessThanOrEqual(6 + minutes * 30);
          expect(all).toBeLessThanOrEqual(24 + minutes * 120);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('of several kinds and in several tenants each have a rate of their own, and all together one that stands above', () => {
    const rules: UserRules = {
      operations: { models: { perMinute: 60, burst: 10 }, perspectives: { perMinute: 60, burst: 2 } },
      tokens: { perMinute: 1e6, burst: 1e6 },
      safety: { perMinute: 60, burst: 15 },
      slots: 100,
    };
    let state: LimitState = { buckets: new Map(), holdings: new Map() };
    const take = (tenantId: string, operation: 'models' | 'perspectives', needed: number) => {
      const ask = { isolate: 'a', operation, needed, wanted: needed, unused: 0, inFlight: 0 };
      const question = { ...ask, slotsNeeded: 1, slotsWanted: 1 };
      const answer = lendWithin(state, rules, { ...KEY, tenantId }, question, 0);
      state = answer.state;
      return answer.lent.requests;
    };
    expect(take('ten_1', 'models', 20)).toBe(10);
    expect(take('ten_1', 'models', 1)).toBe(0);
    expect(take('ten_1', 'perspectives', 5)).toBe(2);
    // Another tenant's rate is untouched, but its user has had enough.
    expect(take('ten_2', 'models', 20)).toBe(3);
    expect(take('ten_2', 'perspectives', 1)).toBe(0);
  });

  it('within a lease ask the limiter seldom', async () => {
    const { clock, admit, asked } = setUp(rulesOf(600_000, 100_000, 1_000), 1);
    for (let second = 0; second < 20; second++) {
      for (let i = 0; i < 500; i++) {
        clock.time += 2;
        (await admit(0)).release();
      }
    }
    expect(asked()).toBeLessThan(60);
  });

  it('that come all at once are let in together, in one question', async () => {
    const { admit, asked } = setUp(rulesOf(6_000, 1_200, 1_500), 1);
    const passes = await Promise.all(Array.from({ length: 1_000 }, () => admit(0)));
    expect(passes).toHaveLength(1_000);
    expect(asked()).toBe(1);
  });

  it('are not refused because an earlier question is answered late', async () => {
    const rules = rulesOf(60_000, 10_000, 1_500);
    const clock = { now: () => 1_000_000 };
    let state: LimitState = { buckets: new Map(), holdings: new Map() };
    const late: (() => void)[] = [];
    // The limiter answers the first question when the test says so, and all others at once.
    const lend = async (question: LendQuestion) => {
      const answer = lendWithin(state, rules, KEY, question, clock.now());
      state = answer.state;
      if (late.length === 0) await new Promise<void>((resolve) => late.push(resolve));
      return { ok: true as const, value: answer.lent };
    };
    const leases = new RequestLeases({ joinMs: 0 });
    const admit = () =>
      leases.admit('plx_sk_x', 'models', clock, { identify: async () => ({ hash: 'hash' }), lend });
    const first = admit();
    for (let i = 0; late.length === 0 && i < 100; i++) await null;
    await Promise.all(Array.from({ length: 200 }, admit));
    late[0]?.();
    await first;
    expect(await Promise.all(Array.from({ length: 200 }, admit))).toHaveLength(200);
  });

  it('are refused with when to come back, and let in then', async () => {
    const { clock, admit } = setUp(rulesOf(60, 2, 10), 1);
    for (let i = 0; i < 2; i++) (await admit(0)).release();
    const refusal = await admit(0).then(
      () => null,
      (error: ParallaxError) => error,
    );
    expect(refusal).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 1_000,
      details: { limit: 'requests', quota: 2 },
    });
    clock.time += 1_000;
    (await admit(0)).release();
  });

  it('whose isolate falls silent give their slots back', async () => {
    const { clock, admit } = setUp(rulesOf(60_000, 1_000, 3), 2);
    await Promise.all([admit(0), admit(0), admit(0)]);
    await expect(admit(1)).rejects.toMatchObject({ details: { limit: 'concurrency' } });
    clock.time += 16_000;
    (await admit(1)).release();
  });
});
