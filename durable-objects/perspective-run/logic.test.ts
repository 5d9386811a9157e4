import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELTAS_KEPT_MS, dutyNow, nextDuty, type Upkeep, WATCH_MS } from './logic.ts';

const DAY = 24 * 60 * 60 * 1000;
const finished: Upkeep = {
  status: 'completed',
  completedAt: 1000,
  recorded: true,
  deltasKept: true,
  retentionMs: 30 * DAY,
};

describe('what a run needs next', () => {
  it('is to be driven while it is under way', () => {
    expect(nextDuty({ ...finished, status: 'running', completedAt: null }, 5000)).toEqual({
      duty: 'drive',
      at: 5000 + WATCH_MS,
    });
  });

  it('is to be recorded before anything else once it has finished', () => {
    expect(nextDuty({ ...finished, recorded: false }, 2000)).toEqual({ duty: 'record', at: 2000 + WATCH_MS });
  });

  it('is to lose its deltas after an hour, and to be deleted at the end of its retention', () => {
    expect(nextDuty(finished, 2000)).toEqual({ duty: 'drop-deltas', at: 1000 + DELTAS_KEPT_MS });
    expect(nextDuty({ ...finished, deltasKept: false }, 2000)).toEqual({
      duty: 'delete',
      at: 1000 + 30 * DAY,
    });
    expect(nextDuty(finished, 1000 + 30 * DAY)).toEqual({ duty: 'delete', at: 1000 + 30 * DAY });
  });

  it('always comes to its deletion, whatever the order of things', () => {
    const upkeep = fc.record({
      recorded: fc.boolean(),
      deltasKept: fc.boolean(),
      completedAt: fc.nat(1e12),
      retentionMs: fc.integer({ min: DAY, max: 3650 * DAY }),
    });
    fc.assert(
      fc.property(upkeep, (start) => {
        let state: Upkeep = { status: 'completed', ...start };
        let now = start.completedAt;
        for (let step = 0; step < 5; step++) {
          const { duty, at } = nextDuty(state, now);
          now = Math.max(now, at);
          if (duty === 'delete') {
            expect(now).toBeGreaterThanOrEqual(start.completedAt + start.retentionMs);
            return;
          }
          if (duty === 'record') state = { ...state, recorded: true };
          if (duty === 'drop-deltas') state = { ...state, deltasKept: false };
        }
        expect.unreachable('the run is never deleted');
      }),
    );
  });
});

describe('what is due now', () => {
  it('is nothing for a finished run before its time, however early the alarm rings', () => {
    expect(dutyNow(finished, 2000)).toBeNull();
    expect(dutyNow({ ...finished, deltasKept: false }, 2000)).toBeNull();
    expect(dutyNow(finished, 1000 + DELTAS_KEPT_MS)).toBe('drop-deltas');
    expect(dutyNow({ ...finished, deltasKept: false }, 1000 + 30 * DAY)).toBe('delete');
  });

  it('is driving or recording as long as that has not been done', () => {
    expect(dutyNow({ ...finished, status: 'running', completedAt: null }, 2000)).toBe('drive');
    expect(dutyNow({ ...finished, recorded: false }, 2000)).toBe('record');
  });
});
