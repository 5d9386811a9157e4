import { z } from 'zod';

/** What a call was for: the surface that it was made through. */
export const FEATURES = [
  'chat',
  'responses',
  'messages',
  'embeddings',
  'perspective',
  'merge',
  'debate',
] as const;
export type Feature = (typeof FEATURES)[number];

/**
 * How a call ended. `ok`: whole. `failed`: the provider failed, with what it had produced. `cancelled`: the client went away, with what was
 * produced until then. `cached`: answered from the response cache, without a call.
 */
export const CALL_STATUSES = ['ok', 'failed', 'cancelled', 'cached'] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** How the model came to be chosen. */
export const CHOSEN_BY = ['explicit', 'alias', 'rule', 'auto', 'fallback', 'run'] as const;
export type ChosenBy = (typeof CHOSEN_BY)[number];

/** Whose credential paid the provider; `none` where nobody was called. */
export const KEY_STRATEGIES = ['bridge', 'tenant', 'openrouter', 'platform', 'none'] as const;
export type KeyStrategy = (typeof KEY_STRATEGIES)[number];

/** Money as a number of dollars for reading, and exactly, as a whole number of nano-dollars (1e-9 USD). */
const usd = z.number().meta({ description: 'US dollars.' });
const nanoUsd = z.int().meta({ description: 'The same exactly, in whole nano-dollars (1e-9 USD).' });
const count = z.int().min(0);
const name = z.string().min(1).max(200);

const usedTokens = {
  input_tokens: count,
  cached_input_tokens: count.meta({ description: 'Of the input: read from the provider’s cache.' }),
  cache_write_tokens: count.meta({ description: 'Of the input: written to the provider’s cache.' }),
  output_tokens: count,
  reasoning_tokens: count.meta({ description: 'Of the output: thoughts.' }),
};

const money = {
  cost_usd: usd.meta({ description: 'What the provider’s prices make of it, whoever paid. US dollars.' }),
  cost_nano_usd: nanoUsd,
  charge_usd: usd.meta({ description: 'What your credit was charged. US dollars.' }),
  charge_nano_usd: nanoUsd,
};

/* ── Calls one by one ─────────────────────────────────────────────────────────────────────────────────── */

export const usageEventViewSchema = z
  .object({
    id: z.string(),
    object: z.literal('usage_event'),
    created_at: z.iso.datetime().meta({ description: 'When the call began, UTC.' }),
    user_id: z.string(),
    key_id: z
      .string()
      .nullable()
      .meta({ description: 'The API key; null for a browser or a connected app.' }),
    provider_key_id: z.string().nullable().meta({ description: 'Your own provider key, where it was used.' }),
    request_id: z.string(),
    run_id: z.string().nullable(),
    feature: z.enum(FEATURES),
    client: z.string().nullable().meta({ description: 'The program that asked, as it named itself.' }),
    model: z.string(),
    provider: z.string(),
    key_strategy: z.enum(KEY_STRATEGIES),
    chosen_by: z.enum(CHOSEN_BY),
    stream: z.boolean(),
    status: z.enum(CALL_STATUSES),
    error_kind: z.string().nullable(),
    ...usedTokens,
    estimated: z.boolean().meta({ description: 'The provider sent no figures: tokens were counted here.' }),
    priced: z
      .boolean()
      .meta({ description: 'No price is known where this is false: the cost says nothing.' }),
    ...money,
    latency_ms: count,
    first_token_ms: count.nullable(),
  })
  .meta({ id: 'UsageEvent' });
export type UsageEventView = z.infer<typeof usageEventViewSchema>;

/** The columns of an exported file, in their order. */
export const USAGE_EVENT_FIELDS = (
  Object.keys(usageEventViewSchema.shape) as (keyof UsageEventView)[]
).filter((name) => name !== 'object');

const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .meta({ description: 'A time (`2026-11-01T12:00:00Z`), or a day, which begins at 00:00 UTC.' });

const filters = {
  model: name.optional(),
  provider: name.optional(),
  feature: z.enum(FEATURES).optional(),
  key_id: name.optional(),
  user_id: name.optional().meta({ description: 'Somebody else’s needs the role owner or admin.' }),
  provider_key_id: name.optional(),
  key_strategy: z.enum(KEY_STRATEGIES).optional(),
};

const eventFilters = {
  ...filters,
  status: z.enum(CALL_STATUSES).optional(),
  run_id: name.optional().meta({ description: 'The calls of one run, however old: its receipt.' }),
  request_id: name.optional(),
  from: instant.optional().meta({ description: 'From this time on. 30 days before `to` unless said.' }),
  to: instant.optional().meta({ description: 'Before this time. Now unless said.' }),
};

export const usageListQuerySchema = z.object({
  ...eventFilters,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(300).optional(),
});
export type UsageEventFilters = Omit<z.output<typeof usageListQuerySchema>, 'limit' | 'cursor'>;

export const usageListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(usageEventViewSchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'UsageEventList' });

export const usageExportQuerySchema = z.object({
  ...eventFilters,
  format: z.enum(['csv', 'jsonl']).default('csv'),
});

/* ── Summed up ────────────────────────────────────────────────────────────────────────────────────────── */

export const USAGE_PERIODS = [
  'today',
  'yesterday',
  '7d',
  '30d',
  '90d',
  'month',
  'last_month',
  'year',
] as const;
export type UsagePeriod = (typeof USAGE_PERIODS)[number];

export const GRANULARITIES = ['hour', 'day', 'month'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const USAGE_GROUPS = [
  'model',
  'provider',
  'feature',
  'key',
  'user',
  'key_strategy',
  'provider_key',
] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** How far a percentile may be off, as a share of itself: latencies are kept in buckets that are so wide. */
export const PERCENTILE_ERROR = 0.02;

export const usageSummaryQuerySchema = z.object({
  ...filters,
  period: z.enum(USAGE_PERIODS).optional().meta({
    description: 'Days and months of UTC; `7d` is today and the six days before. Instead of `from` and `to`.',
  }),
  from: instant.optional().meta({ description: 'Rounded down to the granularity.' }),
  to: instant.optional().meta({ description: 'Rounded up to the granularity. Now unless said.' }),
  granularity: z.enum(GRANULARITIES).optional().meta({
    description: 'By how long it is unless said: `hour` up to 2 days, `day` up to 92, else `month`.',
  }),
  group_by: z
    .string()
    .max(60)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(USAGE_GROUPS)).max(2))
    .optional()
    .meta({ description: `One or two, with a comma between: ${USAGE_GROUPS.join(', ')}.` }),
  limit: z.coerce.number().int().min(1).max(100).default(20).meta({
    description: 'Most groups, those that cost most; the rest is one group named `other`.',
  }),
});
export type UsageSummaryQuery = z.output<typeof usageSummaryQuerySchema>;

const percentiles = z.object({ p50: count, p95: count, p99: count }).nullable().meta({
  description: 'Milliseconds, off by at most 2 %; of calls that succeeded. Null where there are none.',
});

const figures = {
  calls: count,
  succeeded: count,
  failed: count,
  cancelled: count.meta({ description: 'The client went away.' }),
  cached: count.meta({ description: 'Answered from the response cache.' }),
  success_rate: z.number().min(0).max(1).nullable().meta({
    description: 'Succeeded of succeeded and failed; null where there are neither.',
  }),
  ...usedTokens,
  ...money,
  unpriced_calls: count.meta({ description: 'Calls without a known price: their cost is not in the sum.' }),
  latency_ms: percentiles,
  first_token_ms: percentiles,
};

const group = z
  .partialRecord(z.enum(USAGE_GROUPS), z.string().nullable())
  .nullable()
  .meta({ description: 'By name; null for what is in no shown group.' });

export const usageFiguresSchema = z.object(figures).meta({ id: 'UsageFigures' });
export type UsageFigures = z.infer<typeof usageFiguresSchema>;

export const usageSummarySchema = z
  .object({
    object: z.literal('usage_summary'),
    of: z
      .enum(['tenant', 'user'])
      .meta({ description: '`user`: your own calls alone, as your role allows.' }),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    time_zone: z.literal('UTC'),
    granularity: z.enum(GRANULARITIES),
    group_by: z.array(z.enum(USAGE_GROUPS)),
    totals: usageFiguresSchema,
    groups: z.array(z.object({ group, ...figures })).meta({ description: 'What was charged most first.' }),
    groups_left_out: count.meta({ description: 'How many groups are summed up as the one that is null.' }),
    data: z
      .array(z.object({ from: z.iso.datetime(), group, ...figures }))
      .meta({ description: 'By time, oldest first; what has no calls is left out.' }),
  })
  .meta({ id: 'UsageSummary' });
export type UsageSummary = z.infer<typeof usageSummarySchema>;

/* ── For operators ────────────────────────────────────────────────────────────────────────────────────── */

/** Body of `POST /v1/operator/usage/rebuild`. */
export const rebuildUsageRequestSchema = z
  .strictObject({
    day: z.iso.date().meta({ description: 'A day of UTC whose events are all still kept.' }),
    tenant_id: name.optional().meta({ description: 'One tenant’s alone.' }),
    after: name.optional().meta({ description: '`next_after` of the answer before.' }),
  })
  .meta({ id: 'RebuildUsageRequest' });

export const rebuiltUsageSchema = z
  .object({
    object: z.literal('usage_rebuild'),
    day: z.iso.date(),
    tenants: count.meta({ description: 'How many tenants’ sums were made anew.' }),
    differed: z
      .array(z.string())
      .meta({ description: 'Tenants whose sums had not been those of their events.' }),
    remaining: z.boolean().meta({ description: 'There are more: call again with `next_after`.' }),
    next_after: z.string().nullable(),
  })
  .meta({ id: 'RebuiltUsage' });
