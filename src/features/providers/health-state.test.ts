import { describe, expect, it } from 'vitest';
import { type HealthSummary, NOTHING_KNOWN } from './health.ts';
import { CHECK_FRESH_MS, healthState } from './health-state.ts';

const NOW = 1_800_000_000_000;
const good = { ok: true, at: NOW - 60_000, latencyMs: 80, error: null };
const bad = { ok: false, at: NOW - 60_000, latencyMs: 80, error: 'Answered with status 500.' };
const seen = (calls: number, succeeded: number, more: Partial<HealthSummary> = {}): HealthSummary => ({
  ...NOTHING_KNOWN,
  calls,
  succeeded,
  ...more,
});

describe('a provider’s health in one word', () => {
  it.each([
    ['unknown', NOTHING_KNOWN],
    ['unknown', { ...NOTHING_KNOWN, check: { ...good, at: NOW - CHECK_FRESH_MS - 1 } }],
    ['healthy', { ...NOTHING_KNOWN, check: good }],
    ['down', { ...NOTHING_KNOWN, check: bad }],
    ['healthy', seen(100, 100)],
    ['healthy', seen(100, 96, { check: good })],
    ['degraded', seen(100, 90)],
    ['degraded', seen(100, 100, { check: bad })],
    ['down', seen(100, 40, { check: good })],
    ['down', seen(100, 100, { circuit: 'open' })],
    ['degraded', seen(100, 100, { circuit: 'half_open' })],
    ['healthy', seen(2, 1)],
    ['degraded', seen(2, 0)],
    ['degraded', seen(2, 2, { check: bad })],
  ] as const)('is %s for %j', (expected, summary) => {
    expect(healthState(summary, NOW)).toBe(expected);
  });
});
