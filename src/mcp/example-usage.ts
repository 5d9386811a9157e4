import type { UsageFigures, UsageGroup } from '../contracts/usage.ts';
import type { UsageReport } from '../features/metering/index.ts';

const times = { p50: 900, p95: 2_400, p99: 4_000 };

function figures(calls: number, chargeNano: number): UsageFigures {
  return {
    calls,
    succeeded: calls - 1,
    failed: 1,
    cancelled: 0,
    cached: 0,
    success_rate: (calls - 1) / calls,
    input_tokens: calls * 100,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: calls * 40,
    reasoning_tokens: 0,
    cost_usd: chargeNano / 1e9,
    cost_nano_usd: chargeNano,
    charge_usd: chargeNano / 1e9,
    charge_nano_usd: chargeNano,
    unpriced_calls: 0,
    latency_ms: times,
    first_token_ms: times,
  };
}

/** What a tenant used, for tests of what is made of it: ten calls, by one thing or in all. */
export function exampleUsage({ groupBy }: { readonly groupBy: readonly UsageGroup[] }): UsageReport {
  const [by] = groupBy;
  return {
    usage: {
      object: 'usage_summary',
      of: 'tenant',
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-08T00:00:00.000Z',
      time_zone: 'UTC',
      granularity: 'day',
      group_by: [...groupBy],
      totals: figures(10, 12_500_000),
      groups:
        by === undefined
          ? []
          : [
              { group: { [by]: 'one' }, ...figures(6, 12_000_000) },
              { group: { [by]: null }, ...figures(2, 400_000) },
              { group: null, ...figures(2, 100_000) },
            ],
      groups_left_out: by === undefined ? 0 : 4,
      data: [],
    },
    credits: {
      object: 'credits',
      balance_usd: 5,
      balance_nano_usd: 5_000_000_000,
      available_usd: 4.5,
      available_nano_usd: 4_500_000_000,
      reserved_usd: 0.5,
      reserved_nano_usd: 500_000_000,
      owed_usd: 0,
      owed_nano_usd: 0,
      unlimited: false,
      buckets: [],
    },
    quotas: {
      object: 'quotas',
      plan: 'free',
      period_start: '2026-11-01T00:00:00.000Z',
      period_end: '2026-12-01T00:00:00.000Z',
      data: [
        { id: 'messages', object: 'quota', limit: 200, used: 50, remaining: 150 },
        { id: 'perspectives_eco', object: 'quota', limit: null, used: null, remaining: null },
      ],
    },
    budgets: [
      {
        id: 'bud_1',
        object: 'budget',
        name: 'Everything',
        scope: 'tenant',
        subject: null,
        period: 'monthly',
        limit_usd: 50,
        hard: true,
        spent_usd: 12.5,
        spent_nano_usd: 12_500_000_000,
        remaining_usd: 37.5,
        period_start: '2026-11-01T00:00:00.000Z',
        resets_at: '2026-12-01T00:00:00.000Z',
        created_at: '2026-10-01T00:00:00.000Z',
      },
    ],
  };
}
