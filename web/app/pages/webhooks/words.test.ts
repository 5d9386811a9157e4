import { describe, expect, it } from 'vitest';
import { WEBHOOK_OFF_REASONS } from '../../../../src/contracts/webhooks.ts';
import { answerWords, deliveryState, endpointState, lookAgainMs, whyOff } from './words.ts';

const NOW = Date.parse('2026-11-27T12:00:00.000Z');
const inS = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();

describe('a webhook in words', () => {
  it('is on, failing, or off for a reason that is told apart', () => {
    const on = { off_because: null, failing_since: null };
    expect(endpointState(on).word).toBe('On');
    expect(endpointState({ ...on, failing_since: inS(-9) }).word).toBe('On, but failing');
    expect(whyOff(on)).toBeNull();
    const off = WEBHOOK_OFF_REASONS.map((reason) => ({ off_because: reason, failing_since: null }));
    for (const one of off) expect(endpointState(one).word).toMatch(/^Off, /);
    expect(new Set(off.map((one) => endpointState(one).word)).size).toBe(off.length);
    expect(new Set(off.map(whyOff)).size).toBe(off.length);
  });

  it('says of a delivery how far it is and what was answered', () => {
    const begun = { status: 'pending', attempts: 0, response_status: null, error: null } as const;
    expect([deliveryState(begun).word, answerWords(begun)]).toEqual(['On its way', null]);
    const refused = { ...begun, attempts: 1, response_status: 503, error: 'It answered with status 503.' };
    expect([deliveryState(refused).word, answerWords(refused)]).toEqual(['Will try again', '503']);
    const silent = { ...begun, status: 'failed', attempts: 8, error: 'No connection.' } as const;
    expect([deliveryState(silent).word, answerWords(silent)]).toEqual(['Failed', 'No answer']);
    const dropped = { ...begun, status: 'failed', error: 'The endpoint is turned off.' } as const;
    expect([deliveryState(dropped).word, answerWords(dropped)]).toEqual(['Failed', 'Not posted']);
  });
});

describe('a list of deliveries', () => {
  const pending = (seconds: number) => ({ status: 'pending', next_attempt_at: inS(seconds) }) as const;
  const settled = { status: 'delivered', next_attempt_at: null } as const;

  it('is looked at again only while one is pending', () => {
    expect(lookAgainMs([], NOW)).toBe(false);
    expect(lookAgainMs([settled], NOW)).toBe(false);
    expect(lookAgainMs([settled, pending(0)], NOW)).toBe(1_500);
  });

  it('is looked at when the next attempt is due, and at least every minute', () => {
    expect(lookAgainMs([pending(5)], NOW)).toBe(6_500);
    expect(lookAgainMs([pending(43_200), pending(5)], NOW)).toBe(6_500);
    expect(lookAgainMs([pending(43_200)], NOW)).toBe(60_000);
  });

  it('is looked at less often when the queue is late', () => {
    expect(lookAgainMs([pending(-30)], NOW)).toBe(1_500);
    expect(lookAgainMs([pending(-600)], NOW)).toBe(15_000);
  });
});
