import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Holdings, lendSlots, SLOT_LEASE_MS } from './slots.ts';

const none: Holdings = new Map();

describe('concurrency slots', () => {
  it('are lent up to the limit, over all isolates', () => {
    const first = lendSlots(none, 10, { isolate: 'a', inFlight: 0, needed: 7, wanted: 7 }, 0);
    expect(first.slots).toBe(7);
    const second = lendSlots(first.holdings, 10, { isolate: 'b', inFlight: 0, needed: 7, wanted: 7 }, 0);
    expect(second.slots).toBe(3);
    expect(lendSlots(second.holdings, 10, { isolate: 'c', inFlight: 0, needed: 1, wanted: 1 }, 0).slots).toBe(
      0,
    );
  });

  it('come back when an isolate wants fewer, and by themselves when it falls silent', () => {
    const full = lendSlots(none, 4, { isolate: 'a', inFlight: 0, needed: 4, wanted: 4 }, 0).holdings;
    const fewer = lendSlots(full, 4, { isolate: 'a', inFlight: 1, needed: 1, wanted: 1 }, 1_000).holdings;
    expect(lendSlots(fewer, 4, { isolate: 'b', inFlight: 0, needed: 4, wanted: 4 }, 1_000).slots).toBe(3);
    const silent = 1_000 + SLOT_LEASE_MS;
    expect(lendSlots(fewer, 4, { isolate: 'b', inFlight: 0, needed: 4, wanted: 4 }, silent).slots).toBe(4);
  });

  it('beyond what is needed are a quarter of the rest at most', () => {
    expect(lendSlots(none, 100, { isolate: 'a', inFlight: 0, needed: 4, wanted: 90 }, 0).slots).toBe(28);
    expect(lendSlots(none, 5, { isolate: 'a', inFlight: 0, needed: 1, wanted: 9 }, 0).slots).toBe(2);
  });

  it('are never taken from requests that are under way', () => {
    const full = lendSlots(none, 4, { isolate: 'a', inFlight: 0, needed: 4, wanted: 4 }, 0).holdings;
    expect(lendSlots(full, 4, { isolate: 'b', inFlight: 2, needed: 3, wanted: 3 }, 0).slots).toBe(2);
  });

  it('are scarce when few are left', () => {
    expect(lendSlots(none, 1_000, { isolate: 'a', inFlight: 0, needed: 20, wanted: 20 }, 0).scarce).toBe(
      false,
    );
    expect(lendSlots(none, 10, { isolate: 'a', inFlight: 0, needed: 5, wanted: 5 }, 0).scarce).toBe(true);
  });

  it('never exceed the limit while isolates tell the truth and stay within what they were lent', () => {
    const step = fc.record({
      isolate: fc.constantFrom('a', 'b', 'c'),
      used: fc.float({ min: 0, max: 1, noNaN: true }),
      wanted: fc.integer({ min: 0, max: 30 }),
      after: fc.integer({ min: 0, max: SLOT_LEASE_MS / 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        let holdings: Holdings = new Map();
        const lent = new Map<string, { slots: number; until: number }>();
        let now = 0;
        for (const { isolate, used, wanted, after } of steps) {
          now += after;
          const mine = lent.get(isolate);
          const inFlight = mine === undefined || mine.until <= now ? 0 : Math.floor(mine.slots * used);
          const answer = lendSlots(
            holdings,
            20,
            { isolate, inFlight, needed: inFlight + Math.floor(wanted / 2), wanted: inFlight + wanted },
            now,
          );
          holdings = answer.holdings;
          lent.set(isolate, { slots: answer.slots, until: now + SLOT_LEASE_MS });
          let total = 0;
          for (const [, one] of lent) if (one.until > now) total += one.slots;
          expect(total).toBeLessThanOrEqual(20);
        }
      }),
      { numRuns: 500 },
    );
  });
});
