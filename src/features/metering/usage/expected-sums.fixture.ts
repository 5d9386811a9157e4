/** What hours and days should hold, counted event by event without SQL, for tests. */
import fc from 'fast-check';
import { usageEvent } from '../../../../test/worker/usage-events.ts';
import { CALL_STATUSES, FEATURES, KEY_STRATEGIES } from '../../../contracts/usage.ts';
import type { UsageEvent } from '../usage-event.ts';
import { bucketOf, SKETCHED } from './sketch.ts';
import { SUM_COLUMNS } from './sum-statements.ts';

export type SumRow = Record<string, string | number> & { times: string };

/** Rows of `usage_hours` or `usage_days` that events make, by key; `times` as an object. */
export function expectedSums(
  events: Iterable<UsageEvent>,
  spanMs: number,
): Map<string, { sums: Record<string, number>; times: Record<string, number> }> {
  const rows = new Map<string, { sums: Record<string, number>; times: Record<string, number> }>();
  for (const event of events) {
    const at = Math.floor(event.at / spanMs) * spanMs;
    const { tenantId, userId, keyId, providerKeyId, model, provider, keyStrategy, feature } = event;
    const key = [
      tenantId,
      at,
      userId,
      keyId ?? '',
      providerKeyId ?? '',
      model,
      provider,
      keyStrategy,
      feature,
    ].join(' ');
    const row = rows.get(key) ?? {
      sums: Object.fromEntries(SUM_COLUMNS.map((name) => [name, 0])),
      times: {},
    };
    const add = (name: (typeof SUM_COLUMNS)[number], value: number) => {
      row.sums[name] = (row.sums[name] ?? 0) + value;
    };
    add('calls', 1);
    const outcome = { ok: 'succeeded', failed: 'failed', cancelled: 'cancelled', cached: 'cached' } as const;
    add(outcome[event.status], 1);
    add('unpriced', event.priced ? 0 : 1);
    add('input_tokens', event.inputTokens);
    add('cached_input_tokens', event.cachedInputTokens);
    add('cache_write_tokens', event.cacheWriteTokens);
    add('output_tokens', event.outputTokens);
    add('reasoning_tokens', event.reasoningTokens);
    add('cost_nano', event.costNano);
    add('charge_nano', event.chargeNano);
    const timed = (kind: string, time: number | null) => {
      if (event.status !== 'ok' || time === null || event.latencyMs === 0) return;
      const bucket = `${kind}${bucketOf(time)}`;
      row.times[bucket] = (row.times[bucket] ?? 0) + 1;
    };
    timed(SKETCHED.latency, event.latencyMs);
    timed(SKETCHED.firstToken, event.firstTokenMs);
    rows.set(key, row);
  }
  return rows;
}

/** The same form, of rows as the database has them. */
export function storedSums(rows: readonly SumRow[]): ReturnType<typeof expectedSums> {
  return new Map(
    rows.map((row) => [
      [
        row.tenant_id,
        row.at,
        row.user_id,
        row.key_id,
        row.provider_key_id,
        row.model,
        row.provider,
        row.key_strategy,
        row.feature,
      ].join(' '),
      {
        sums: Object.fromEntries(SUM_COLUMNS.map((name) => [name, Number(row[name])])),
        times: JSON.parse(row.times) as Record<string, number>,
      },
    ]),
  );
}

/** Events of a few days, people and models, with every outcome; ids from a small set, so that some come twice. */
export function arbitraryEvents(tenantIds: readonly string[], from: number): fc.Arbitrary<UsageEvent[]> {
  const tokens = fc.nat({ max: 100_000 });
  const one = fc.record({
    tenantId: fc.constantFrom(...tenantIds),
    at: fc.integer({ min: from, max: from + 50 * 60 * 60 * 1000 }),
    userId: fc.constantFrom('usr_1', 'usr_2'),
    keyId: fc.constantFrom(null, 'key_1'),
    providerKeyId: fc.constantFrom(undefined, null, 'pvk_1'),
    runId: fc.constantFrom(null, 'run_1'),
    model: fc.constantFrom('local/swift', 'local/sage'),
    feature: fc.constantFrom(...FEATURES),
    keyStrategy: fc.constantFrom(...KEY_STRATEGIES),
    status: fc.constantFrom(...CALL_STATUSES),
    priced: fc.boolean(),
    inputTokens: tokens,
    cachedInputTokens: tokens,
    cacheWriteTokens: tokens,
    outputTokens: tokens,
    reasoningTokens: tokens,
    costNano: fc.nat({ max: 2 ** 40 }),
    chargeNano: fc.nat({ max: 2 ** 40 }),
    latencyMs: fc.oneof(fc.constant(0), fc.nat({ max: 600_000 })),
    firstTokenMs: fc.option(fc.nat({ max: 100_000 })),
  });
  return fc
    .array(one, { minLength: 1, maxLength: 60 })
    .map((list) =>
      list.map(({ providerKeyId, ...event }, i) =>
        usageEvent({ id: `call_${i}`, ...event, ...(providerKeyId === undefined ? {} : { providerKeyId }) }),
      ),
    );
}
