import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsIn, resetAt } from './limit-headers.ts';

const NOW = Date.parse('2026-11-01T12:00:00Z');

describe('when a limit is whole again', () => {
  it('is read from durations, moments and numbers', () => {
    const wait = (text: string) => (resetAt(text, NOW) ?? Number.NaN) - NOW;
    expect(wait('6m0s')).toBe(360_000);
    expect(wait('1s')).toBe(1_000);
    expect(wait('20ms')).toBe(20);
    expect(wait('7.66s')).toBe(7_660);
    expect(wait('1h2m3.5s')).toBe(3_723_500);
    expect(wait('2026-11-01T12:00:30Z')).toBe(30_000);
    expect(wait('2026-11-01T11:00:00Z')).toBe(0);
    expect(wait('12')).toBe(12_000);
    expect(wait(String(NOW / 1000 + 5))).toBe(5_000);
    expect(wait(String(NOW + 5_000))).toBe(5_000);
  });

  it('is nothing that cannot be read, and never more than a week away', () => {
    for (const text of ['', ' ', 'soon', '-1s', '1s soon', '1x', 'NaN', '1'.repeat(60), 'Sun, 01 Nov 2026'])
      expect(resetAt(text, NOW), text).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), (text) => {
        const at = resetAt(text, NOW);
        if (at === undefined) return;
        expect(at).toBeGreaterThanOrEqual(NOW);
        expect(at).toBeLessThanOrEqual(NOW + 7 * 86_400_000);
      }),
    );
  });
});

describe('the limits in an answer’s headers', () => {
  it('are OpenAI’s', () => {
    const headers = new Headers({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '6m0s',
    });
    expect(limitsIn(headers, NOW)).toEqual({
      requests: { limit: 60, remaining: 59, at: NOW, wholeAt: NOW + 1_000 },
      tokens: { limit: 150_000, remaining: 149_984, at: NOW, wholeAt: NOW + 360_000 },
    });
  });

  it('are Anthropic’s, of tokens the scarcest', () => {
    const reset = '2026-11-01T12:00:10Z';
    const headers = new Headers({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': reset,
      'anthropic-ratelimit-input-tokens-limit': '40000',
      'anthropic-ratelimit-input-tokens-remaining': '30000',
      'anthropic-ratelimit-input-tokens-reset': reset,
      'anthropic-ratelimit-output-tokens-limit': '8000',
      'anthropic-ratelimit-output-tokens-remaining': '500',
      'anthropic-ratelimit-output-tokens-reset': reset,
    });
    expect(limitsIn(headers, NOW)).toEqual({
      requests: { limit: 50, remaining: 0, at: NOW, wholeAt: NOW + 10_000 },
      tokens: { limit: 8_000, remaining: 500, at: NOW, wholeAt: NOW + 10_000 },
    });
  });

  it('are none where a part is missing, is no number, or the limit is nothing', () => {
    const of = (limit: string, remaining: string, reset: string) =>
      limitsIn(
        new Headers({
          'x-ratelimit-limit-requests': limit,
          'x-ratelimit-remaining-requests': remaining,
          'x-ratelimit-reset-requests': reset,
        }),
        NOW,
      );
    expect(of('60', '', '1s')).toEqual({});
    expect(of('60', '-1', '1s')).toEqual({});
    expect(of('60', '5', 'later')).toEqual({});
    expect(of('0', '0', '1s')).toEqual({});
    expect(of('many', '5', '1s')).toMatchObject({ requests: { remaining: 5 } });
    expect(limitsIn(new Headers(), NOW)).toEqual({});
  });
});
