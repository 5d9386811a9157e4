import type { Granularity, UsagePeriod, UsageSummaryQuery } from '../../../contracts/usage.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { DAY_MS, HOUR_MS } from './sum-statements.ts';

/** What a summary is of: whole hours, days or months of UTC. Milliseconds; `to` is not in it. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly granularity: Granularity;
}

/** Most spans of time that one summary has: what can be drawn. */
export const MAX_SPANS = 1_000;
/** Most rows of `data`, over all groups. */
export const MAX_ROWS = 3_000;

/** Spans up to this long are shown by the hour, or by the day, unless something else is asked. */
const BY_HOUR_UP_TO_MS = 2 * DAY_MS;
const BY_DAY_UP_TO_MS = 92 * DAY_MS;

/** The times that are asked for, rounded outwards to whole spans. Throws `ParallaxError` `invalid_parameter`. Pure. */
export function windowOf(
  { period, from, to, granularity }: Pick<UsageSummaryQuery, 'period' | 'from' | 'to' | 'granularity'>,
  now: number,
): Window {
  if (period !== undefined && (from !== undefined || to !== undefined))
    throw new ParallaxError('invalid_parameter', 'Give either `period` or `from` and `to`.', {
      param: 'period',
    });
  const [begin, end] =
    period === undefined && (from !== undefined || to !== undefined)
      ? given(from, to, now)
      : daysOf(period ?? '30d', now);
  if (begin >= end)
    throw new ParallaxError('invalid_parameter', '`from` must be before `to`.', { param: 'from' });
  const length = end - begin;
  const by =
    granularity ?? (length <= BY_HOUR_UP_TO_MS ? 'hour' : length <= BY_DAY_UP_TO_MS ? 'day' : 'month');
  const down = spanStart(begin, by);
  const window = { from: down, to: spanStart(end, by) === end ? end : nextSpan(end, by), granularity: by };
  const spans = spanCount(window);
  if (spans > MAX_SPANS)
    throw new ParallaxError(
      'invalid_parameter',
      `That are ${spans} ${by}s; a summary has at most ${MAX_SPANS}. Ask for a shorter time or a coarser granularity.`,
      { param: 'granularity' },
    );
  return window;
}

function given(from: string | undefined, to: string | undefined, now: number): [number, number] {
  const end = to === undefined ? now : Date.parse(to);
  return [from === undefined ? end - 30 * DAY_MS : Date.parse(from), end];
}

/** The days of a named period, today's to its end. */
function daysOf(period: UsagePeriod, now: number): [number, number] {
  const today = spanStart(now, 'day');
  const month = spanStart(now, 'month');
  const tomorrow = today + DAY_MS;
  switch (period) {
    case 'today':
      return [today, tomorrow];
    case 'yesterday':
      return [today - DAY_MS, today];
    case '7d':
      return [tomorrow - 7 * DAY_MS, tomorrow];
    case '30d':
      return [tomorrow - 30 * DAY_MS, tomorrow];
    case '90d':
      return [tomorrow - 90 * DAY_MS, tomorrow];
    case 'month':
      return [month, tomorrow];
    case 'last_month':
      return [spanStart(month - 1, 'month'), month];
    case 'year':
      return [Date.UTC(new Date(now).getUTCFullYear(), 0, 1), tomorrow];
  }
}

/** When the hour, day or month of UTC begins that a time lies in. Pure. */
export function spanStart(at: number, granularity: Granularity): number {
  if (granularity === 'hour') return Math.floor(at / HOUR_MS) * HOUR_MS;
  if (granularity === 'day') return Math.floor(at / DAY_MS) * DAY_MS;
  const day = new Date(at);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
}

function nextSpan(at: number, granularity: Granularity): number {
  const start = spanStart(at, granularity);
  if (granularity === 'hour') return start + HOUR_MS;
  if (granularity === 'day') return start + DAY_MS;
  const day = new Date(start);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1);
}

/** How many spans a window has. Pure. */
export function spanCount({ from, to, granularity }: Window): number {
  if (granularity === 'hour') return (to - from) / HOUR_MS;
  if (granularity === 'day') return (to - from) / DAY_MS;
  const [first, last] = [new Date(from), new Date(to)];
  return (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth();
}
