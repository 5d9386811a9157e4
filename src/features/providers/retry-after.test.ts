import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterOf, retryDelayIn, shouldRetryOf } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 6, 8, 49, 37);
const waitOf = (headers: { [name: string]: string }) => retryAfterOf(new Headers(headers), NOW);

describe('when a provider says to come back', () => {
  it.each([
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': ' 1.5 ' }, 1_500],
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
    [{ 'retry-after': 'Fri, 06 Nov 2026 08:49:47 GMT' }, 10_000],
    [{ 'retry-after': 'Friday, 06-Nov-26 08:49:47 GMT' }, 10_000],
    [{ 'retry-after': 'Fri, 06 Nov 2026 08:00:00 GMT' }, 0],
  ])('%j is %i ms', (headers, expected) => {
    expect(waitOf(headers)).toBe(expected);
  });

  it.each<{ [name: string]: string }>([
    {},
    { 'retry-after': '' },
    { 'retry-after': '-3' },
    { 'retry-after': 'later' },
    { 'retry-after': '1e9' },
    { 'retry-after': '2026-11-06' },
  ])('%j says nothing', (headers) => {
    expect(waitOf(headers)).toBeUndefined();
  });

  it('nobody is believed for more than a day, and no header breaks the reading', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789.-+eE, FriNovGMT:'.split('')), maxLength: 40 }),
        (value) => {
          const wait = waitOf({ 'retry-after': value });
          if (wait === undefined) return;
          expect(Number.isInteger(wait)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(24 * 3_600_000);
        },
      ),
    );
  });

  it('Google says it in the body', () => {
    expect(
      retryDelayIn(
        '{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}}',
      ),
    ).toBe(34_070);
    expect(retryDelayIn('{"error":{}}')).toBeUndefined();
  });

  it('and whether to come back at all', () => {
    expect(shouldRetryOf(new Headers({ 'x-should-retry': 'false' }))).toBe(false);
    expect(shouldRetryOf(new Headers({ 'x-should-retry': 'true' }))).toBe(true);
    expect(shouldRetryOf(new Headers({ 'x-should-retry': 'perhaps' }))).toBeUndefined();
    expect(shouldRetryOf(new Headers())).toBeUndefined();
  });
});
