import {
  CALL_STATUSES,
  FEATURES,
  GRANULARITIES,
  KEY_STRATEGIES,
  USAGE_GROUPS,
  type UsageEventFilters,
} from '../../../../src/contracts/usage.ts';
import type { SummaryQuery } from '../../api/usage.ts';
import { day, oneOf, type Raw, text } from '../../search.ts';

/** How far back, in words of the URL; absent where days are given. */
export const PERIODS = ['24h', '7d', '30d', '90d'] as const;
export type Period = (typeof PERIODS)[number];

export const METRICS = ['calls', 'tokens', 'cost', 'charge', 'latency'] as const;
export type Metric = (typeof METRICS)[number];

export interface UsageSearch {
  readonly period?: Period | undefined;
  /** Days of UTC, both included; instead of a period. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly unit?: (typeof GRANULARITIES)[number] | undefined;
  readonly by?: (typeof USAGE_GROUPS)[number] | undefined;
  readonly metric?: Metric | undefined;
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly feature?: (typeof FEATURES)[number] | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly provider_key?: string | undefined;
  readonly strategy?: (typeof KEY_STRATEGIES)[number] | undefined;
  readonly status?: (typeof CALL_STATUSES)[number] | undefined;
  readonly run?: string | undefined;
  /** The call whose details are open. */
  readonly call?: string | undefined;
}

export function usageSearch(raw: Raw): UsageSearch {
  return {
    period: oneOf(raw, 'period', PERIODS),
    from: day(raw, 'from'),
    to: day(raw, 'to'),
    unit: oneOf(raw, 'unit', GRANULARITIES),
    by: oneOf(raw, 'by', USAGE_GROUPS),
    metric: oneOf(raw, 'metric', METRICS),
    model: text(raw, 'model'),
    provider: text(raw, 'provider'),
    feature: oneOf(raw, 'feature', FEATURES),
    key: text(raw, 'key'),
    user: text(raw, 'user'),
    provider_key: text(raw, 'provider_key'),
    strategy: oneOf(raw, 'strategy', KEY_STRATEGIES),
    status: oneOf(raw, 'status', CALL_STATUSES),
    run: text(raw, 'run'),
    call: text(raw, 'call'),
  };
}

/** What holds on every page of usage, without what is open or chosen on one of them. Pure. */
export function kept(search: UsageSearch): UsageSearch {
  const { call: _call, status: _status, run: _run, metric: _metric, by: _by, unit: _unit, ...rest } = search;
  return rest;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = { '7d': 7, '30d': 30, '90d': 90 } as const;

/** The period that is meant: what is named, the given days, or 30 days. Pure. */
export function periodOf({ period, from, to }: UsageSearch): Period | 'custom' {
  if (from !== undefined || to !== undefined) return 'custom';
  return period ?? '30d';
}

/** The day after one, which a span that includes it ends before. Pure. */
const dayAfter = (date: string) => new Date(Date.parse(`${date}T00:00:00Z`) + DAY).toISOString();

/** The times of a search. The same within an hour, or within a day, so that nothing is asked for twice. Pure. */
function timesOf(search: UsageSearch, now: number): { from?: string; to?: string } {
  const period = periodOf(search);
  if (period === '24h') return { from: new Date(Math.floor(now / HOUR) * HOUR - 23 * HOUR).toISOString() };
  if (period !== 'custom')
    return { from: new Date(Math.floor(now / DAY) * DAY - (DAYS[period] - 1) * DAY).toISOString() };
  const { from, to } = search;
  return {
    ...(from === undefined ? {} : { from: `${from}T00:00:00.000Z` }),
    ...(to === undefined ? {} : { to: dayAfter(to) }),
  };
}

function groupFilters(search: UsageSearch) {
  return {
    model: search.model,
    provider: search.provider,
    feature: search.feature,
    key_id: search.key,
    user_id: search.user,
    provider_key_id: search.provider_key,
    key_strategy: search.strategy,
  };
}

/** What the URL asks for, as the summary takes it. Pure. */
export function summaryQueryOf(search: UsageSearch, now: number): SummaryQuery {
  return defined({
    ...timesOf(search, now),
    ...groupFilters(search),
    granularity: search.unit ?? (periodOf(search) === '24h' ? 'hour' : undefined),
  });
}

/** What the URL asks for, as the list of calls takes it. A run's calls are shown whenever they were. Pure. */
export function callFiltersOf(search: UsageSearch, now: number): UsageEventFilters {
  return defined({
    ...(search.run === undefined ? timesOf(search, now) : {}),
    ...groupFilters(search),
    status: search.status,
    run_id: search.run,
  });
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
