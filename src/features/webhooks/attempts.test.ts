import { describe, expect, it } from 'vitest';
import { ATTEMPT_DELAYS_S, afterAttempt, OFF_AFTER_MS } from './attempts.ts';

const NOW = 1_800_000_000_000;
const attempt = (attempts: number, status: number | null, failingFor = 0) =>
  afterAttempt({ attempts, status, failingSince: NOW - failingFor, now: NOW });

describe('what follows an attempt', () => {
  it.each([200, 201, 204, 299])('is nothing more after a %i, however late it comes', (status) => {
    expect(attempt(1, status)).toEqual({ kind: 'delivered' });
    expect(attempt(8, status, OFF_AFTER_MS * 2)).toEqual({ kind: 'delivered' });
  });

  it.each([null, 199, 301, 400, 404, 429, 500, 503])(
    'is seven more, later and later, after %s, and then failure',
    (status) => {
      const delays = ATTEMPT_DELAYS_S.map((delayS, index) => {
        expect(attempt(index + 1, status)).toEqual({ kind: 'again', delayS });
        return delayS;
      });
      expect(delays).toEqual([...delays].sort((a, b) => a - b));
      expect(attempt(8, status)).toEqual({ kind: 'failed', turnOff: null });
    },
  );

  it('is an end of the endpoint when it says 410, or when nothing arrived there for five days', () => {
    expect(attempt(1, 410)).toEqual({ kind: 'failed', turnOff: 'gone' });
    expect(attempt(8, 500, OFF_AFTER_MS - 1)).toEqual({ kind: 'failed', turnOff: null });
    expect(attempt(8, 500, OFF_AFTER_MS)).toEqual({ kind: 'failed', turnOff: 'failing' });
    // While attempts are left it is not given up.
    expect(attempt(3, 500, OFF_AFTER_MS).kind).toBe('again');
  });

  it('waits no longer than a queue can: twelve hours', () => {
    expect(Math.max(...ATTEMPT_DELAYS_S)).toBeLessThanOrEqual(43_200);
  });
});
