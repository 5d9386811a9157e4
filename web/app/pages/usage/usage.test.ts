import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_STRATEGIES, type UsageFigures, type UsageSummary } from '../../../../src/contracts/usage.ts';
import { costsByGroup, costsBySpan, costsInAll } from './cost-parts.ts';
import { METRIC_KINDS, seriesOf, spansOf } from './over-time.ts';
import { callFiltersOf, periodOf, summaryQueryOf, usageSearch } from './usage-search.ts';

const NOW = Date.parse('2026-11-27T12:34:56Z');

describe('what the address asks for', () => {
  it('is thirty days unless said, whole days of UTC', () => {
    expect(summaryQueryOf({}, NOW)).toEqual({ from: '2026-10-29T00:00:00.000Z' });
    expect(summaryQueryOf({ period: '7d' }, NOW)).toEqual({ from: '2026-11-21T00:00:00.000Z' });
  });

  it('is by the hour for a day', () => {
    expect(summaryQueryOf({ period: '24h' }, NOW)).toEqual({
      from: '2026-11-26T13:00:00.000Z',
      granularity: 'hour',
    });
  });

  it('includes the last of the days that are given', () => {
    const search = { from: '2026-11-01', to: '2026-11-30' };
    expect(periodOf(search)).toBe('custom');
    expect(callFiltersOf(search, NOW)).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
    });
  });

  it('is not bounded in time for the calls of a run', () => {
    expect(callFiltersOf({ run: 'run_1', period: '24h' }, NOW)).toEqual({ run_id: 'run_1' });
  });

  it('takes nothing from a URL that it does not know', () => {
    const raw = {
      period: '3y',
      by: 'secret',
      feature: {},
      from: '2026-13-77',
      model: 'a'.repeat(400),
      status: 7,
    };
    expect(Object.values(usageSearch(raw)).every((value) => value === undefined)).toBe(true);
  });
});

const figures = (calls: number, cost = 0, charge = 0): UsageFigures => ({
  calls,
  succeeded: calls,
  failed: 0,
  cancelled: 0,
  cached: 0,
  success_rate: 1,
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: cost / 1e9,
  cost_nano_usd: cost,
  charge_usd: charge / 1e9,
  charge_nano_usd: charge,
  unpriced_calls: 0,
  latency_ms: null,
  first_token_ms: null,
});

function summary(
  data: UsageSummary['data'],
  groups: UsageSummary['groups'],
  by: UsageSummary['group_by'],
): UsageSummary {
  return {
    object: 'usage_summary',
    of: 'tenant',
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-11-04T00:00:00.000Z',
    time_zone: 'UTC',
    granularity: 'day',
    group_by: by,
    totals: figures(0),
    groups,
    groups_left_out: 2,
    data,
  };
}

describe('figures over time', () => {
  it('have a place for every span, also for those without calls', () => {
    const a = { model: 'a' };
    const found = seriesOf(
      summary(
        [
          { from: '2026-11-01T00:00:00.000Z', group: a, ...figures(2) },
          { from: '2026-11-03T00:00:00.000Z', group: null, ...figures(5) },
        ],
        [
          { group: a, ...figures(2) },
          { group: null, ...figures(5) },
        ],
        ['model'],
      ),
      'model',
      METRIC_KINDS.calls,
      (value) => value ?? 'none',
    );
    expect(found.map(({ name, values, whole }) => ({ name, values, whole }))).toEqual([
      { name: 'a', values: [2, 0, 0], whole: 2 },
      { name: '2 more', values: [0, 0, 5], whole: 5 },
    ]);
  });

  it('go by months of their own length', () => {
    const year = {
      from: '2026-01-01T00:00:00.000Z',
      to: '2027-01-01T00:00:00.000Z',
      granularity: 'month',
    } as const;
    const spans = spansOf(year);
    expect(spans.length).toBe(12);
    expect(spans[2]).toBe(Date.parse('2026-03-01T00:00:00Z'));
  });
});

describe('costs', () => {
  it('add up to what the summary says, by time, by group and in all, and charged is what its parts are', () => {
    const row = fc.record({
      day: fc.integer({ min: 1, max: 3 }),
      model: fc.constantFrom('a', 'b', 'c'),
      key_strategy: fc.constantFrom(...KEY_STRATEGIES),
      calls: fc.integer({ min: 1, max: 9 }),
      cost: fc.nat(1e9),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const data = rows.map(({ day, model, key_strategy, calls, cost }) => ({
          from: `2026-11-0${day}T00:00:00.000Z`,
          group: { model, key_strategy },
          ...figures(calls, cost, key_strategy === 'platform' ? Math.ceil(cost * 1.1) : 0),
        }));
        const whole = summary(data, [], ['model', 'key_strategy']);
        const all = costsInAll(whole);
        expect(all.charged).toBe(data.reduce((sum, one) => sum + one.charge_nano_usd, 0));
        expect(all.provider + all.own).toBe(data.reduce((sum, one) => sum + one.cost_nano_usd, 0));
        expect(all.provider + all.added).toBe(all.charged);
        for (const parts of [costsBySpan(whole), costsByGroup(whole, 'model')]) {
          expect(parts.reduce((sum, { costs }) => sum + costs.charged, 0)).toBe(all.charged);
          expect(parts.reduce((sum, { costs }) => sum + costs.own, 0)).toBe(all.own);
          expect(parts.reduce((sum, { costs }) => sum + costs.calls, 0)).toBe(all.calls);
        }
      }),
    );
  });
});
