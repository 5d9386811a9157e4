import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRANULARITIES, USAGE_PERIODS } from '../../../contracts/usage.ts';
import { MAX_SPANS, spanCount, spanStart, windowOf } from './period.ts';

const NOW = Date.parse('2026-11-26T20:15:00Z');
const shown = (query: Parameters<typeof windowOf>[0], now = NOW) => {
  const { from, to, granularity } = windowOf(query, now);
  return `${new Date(from).toISOString().slice(0, 16)} ${new Date(to).toISOString().slice(0, 16)} ${granularity}`;
};

describe('the time of a summary', () => {
  it.each([
    [{}, '2026-10-28T00:00 2026-11-27T00:00 day'],
    [{ period: 'today' }, '2026-11-26T00:00 2026-11-27T00:00 hour'],
    [{ period: 'yesterday' }, '2026-11-25T00:00 2026-11-26T00:00 hour'],
    [{ period: '7d' }, '2026-11-20T00:00 2026-11-27T00:00 day'],
    [{ period: '90d' }, '2026-08-29T00:00 2026-11-27T00:00 day'],
    [{ period: 'month' }, '2026-11-01T00:00 2026-11-27T00:00 day'],
    [{ period: 'last_month' }, '2026-10-01T00:00 2026-11-01T00:00 day'],
    [{ period: 'year' }, '2026-01-01T00:00 2026-12-01T00:00 month'],
    [{ period: '7d', granularity: 'hour' }, '2026-11-20T00:00 2026-11-27T00:00 hour'],
    [{ from: '2026-11-26T10:20:00Z' }, '2026-11-26T10:00 2026-11-26T21:00 hour'],
    [{ to: '2026-11-26' }, '2026-10-27T00:00 2026-11-26T00:00 day'],
    [{ from: '2025-02-10', to: '2026-11-02' }, '2025-02-01T00:00 2026-12-01T00:00 month'],
    [{ from: '2026-11-26T01:00:00+02:00', to: '2026-11-26' }, '2026-11-25T23:00 2026-11-26T00:00 hour'],
  ] as const)('of %j is %s', (query, window) => {
    expect(shown(query)).toBe(window);
  });

  it('of last month is right in January', () => {
    expect(shown({ period: 'last_month' }, Date.parse('2027-01-01T00:00:00Z'))).toBe(
      '2026-12-01T00:00 2027-01-01T00:00 day',
    );
  });

  it.each([
    [{ period: '7d', from: '2026-11-01' }, 'period'],
    [{ from: '2026-11-02', to: '2026-11-02' }, 'from'],
    [{ from: '2026-11-27' }, 'from'],
    [{ period: '90d', granularity: 'hour' }, 'granularity'],
    [{ from: '1970-01-01', granularity: 'day' }, 'granularity'],
  ] as const)('is refused for %j', (query, param) => {
    expect(() => windowOf(query, NOW)).toThrow(expect.objectContaining({ code: 'invalid_parameter', param }));
  });

  it('is whole spans that hold all that was asked, and not more than a span on either side', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: NOW }),
        fc.integer({ min: 1, max: 900 * 3_600_000 }),
        fc.constantFrom(...GRANULARITIES),
        (from, length, granularity) => {
          const iso = (at: number) => new Date(at).toISOString();
          const window = windowOf({ from: iso(from), to: iso(from + length), granularity }, NOW);
          expect(window.from).toBe(spanStart(from, granularity));
          expect(window.to).toBeGreaterThanOrEqual(from + length);
          expect(window.to).toBe(spanStart(window.to, granularity));
          expect(spanStart(window.to - 1, granularity)).toBe(spanStart(from + length - 1, granularity));
          expect(Number.isInteger(spanCount(window))).toBe(true);
        },
      ),
    );
  });

  it('never has more spans than a summary holds, whatever period is named', () => {
    fc.assert(
      fc.property(fc.constantFrom(...USAGE_PERIODS), fc.integer({ min: 0, max: 2 ** 42 }), (period, now) => {
        const count = spanCount(windowOf({ period }, now));
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(MAX_SPANS);
      }),
    );
  });
});
