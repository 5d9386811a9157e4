import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { monthOf } from './month.ts';

const iso = (anchor: string, now: string) => {
  const { start, end } = monthOf(Date.parse(anchor), Date.parse(now));
  return [new Date(start).toISOString(), new Date(end).toISOString()];
};

describe('a tenant’s month', () => {
  it('begins on the day and at the time of its anchor', () => {
    expect(iso('2026-01-14T09:30:00.000Z', '2026-11-27T12:00:00.000Z')).toEqual([
      '2026-11-14T09:30:00.000Z',
      '2026-12-14T09:30:00.000Z',
    ]);
    // A millisecond before its hour it is still the month before.
    expect(iso('2026-01-14T09:30:00.000Z', '2026-11-14T09:29:59.999Z')[1]).toBe('2026-11-14T09:30:00.000Z');
    expect(iso('2026-01-14T09:30:00.000Z', '2026-11-14T09:30:00.000Z')[0]).toBe('2026-11-14T09:30:00.000Z');
  });

  it('of the 31st ends on the last day of a shorter month, and begins on the 31st again after it', () => {
    const anchor = '2025-12-31T08:00:00.000Z';
    expect(iso(anchor, '2026-02-15T00:00:00.000Z')).toEqual([
      '2026-01-31T08:00:00.000Z',
      '2026-02-28T08:00:00.000Z',
    ]);
    expect(iso(anchor, '2026-03-01T00:00:00.000Z')).toEqual([
      '2026-02-28T08:00:00.000Z',
      '2026-03-31T08:00:00.000Z',
    ]);
    expect(iso(anchor, '2026-04-30T08:00:00.000Z')[0]).toBe('2026-04-30T08:00:00.000Z');
  });

  it('of the 29th to the 31st knows leap years', () => {
    for (const day of ['29', '30', '31'])
      expect(iso(`2027-12-${day}T00:00:00.000Z`, '2028-02-29T00:00:00.000Z')[0]).toBe(
        '2028-02-29T00:00:00.000Z',
      );
    expect(iso('2028-02-29T00:00:00.000Z', '2029-02-28T00:00:00.000Z')[0]).toBe('2029-02-28T00:00:00.000Z');
    expect(iso('2028-02-29T00:00:00.000Z', '2029-03-29T00:00:00.000Z')[0]).toBe('2029-03-29T00:00:00.000Z');
  });

  it('holds every time once, whatever the anchor, and is 28 to 31 days long', () => {
    const time = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2100, 0, 1) });
    const late = fc
      .record({
        year: fc.integer({ min: 2020, max: 2040 }),
        month: fc.nat(11),
        day: fc.integer({ min: 29, max: 31 }),
      })
      .map(({ year, month, day }) => Date.UTC(year, month, day, 23, 59));
    fc.assert(
      fc.property(fc.oneof(time, late), time, (anchor, now) => {
        const month = monthOf(anchor, now);
        expect(month.start).toBeLessThanOrEqual(now);
        expect(month.end).toBeGreaterThan(now);
        const days = (month.end - month.start) / 86_400_000;
        expect(days).toBeGreaterThanOrEqual(28);
        expect(days).toBeLessThanOrEqual(31);
        // Neighbours share their border, and every time within has the same month.
        expect(monthOf(anchor, month.end).start).toBe(month.end);
        expect(monthOf(anchor, month.start - 1).end).toBe(month.start);
        expect(monthOf(anchor, month.end - 1)).toEqual(month);
        expect(monthOf(anchor, anchor).start).toBe(anchor);
      }),
      { numRuns: 2_000 },
    );
  });
});
