import type { ModelInfo, ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import { type NanoPerMillion, pricePerMillion } from '../../../platform/money.ts';
import type { LongContextPrices, Prices } from '../model.ts';

type PriceName = Exclude<keyof Prices, 'longContext'>;

/** Our names for the units that a call reports, by genai-prices' names; its other units (pages, searches, seconds) no call of ours counts. */
const PRICE_NAMES: Readonly<Record<string, PriceName>> = {
  input_mtok: 'input',
  cache_read_mtok: 'cachedInput',
  cache_write_mtok: 'cacheWrite',
  output_mtok: 'output',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'audioInput',
  output_audio_mtok: 'audioOutput',
  cache_audio_read_mtok: 'cachedAudioInput',
  requests_kcount: 'request',
};

/**
 * The prices of one list. A price that changes with the size of the input does so for the whole call, once the input is larger than
 * the tier's start; each price may have tiers of its own, so every start that any of them has becomes a tier of ours.
 * Null when neither input nor output has a price in tokens.
 */
export function pricesFrom(list: ModelPrice): Prices | null {
  if (list.input_mtok === undefined && list.output_mtok === undefined) return null;
  const starts = new Set<number>();
  for (const [unit, price] of Object.entries(list)) {
    if (typeof price === 'object' && PRICE_NAMES[unit] !== undefined)
      for (const tier of price.tiers) starts.add(tier.start);
  }
  const longContext = [...starts]
    .sort((a, b) => a - b)
    .map((start): LongContextPrices => ({ aboveInputTokens: start, ...pricesFor(list, start + 1) }));
  return { ...pricesFor(list, 0), ...(longContext.length === 0 ? {} : { longContext }) };
}

function pricesFor(list: ModelPrice, inputTokens: number): Omit<Prices, 'longContext'> {
  const prices: Partial<Record<PriceName, NanoPerMillion>> = {};
  for (const [unit, price] of Object.entries(list)) {
    const name = PRICE_NAMES[unit];
    if (name === undefined || price === undefined) continue;
    const usd = typeof price === 'number' ? price : tierPrice(price, inputTokens);
    // Requests are priced by the thousand, everything else of ours by the million.
    prices[name] = pricePerMillion(unit.endsWith('_kcount') ? usd * 1000 : usd);
  }
  return prices;
}

function tierPrice({ base, tiers }: TieredPrices, inputTokens: number): number {
  let chosen = base;
  for (const tier of [...tiers].sort((a, b) => a.start - b.start))
    if (inputTokens > tier.start) chosen = tier.price;
  return chosen;
}

const DAY_MS = 86_400_000;

/** Milliseconds since midnight UTC of a time of day with its offset (`00:30:00Z`). Throws `RangeError` when it is none. */
function timeOfDay(text: string): number {
  const milliseconds = Date.parse(`1970-01-02T${text}`);
  if (Number.isNaN(milliseconds)) throw new RangeError(`not a time of day: ${text}`);
  return milliseconds % DAY_MS;
}

/**
 * The list that holds at a time: of several, the last whose condition is met (from a date on, or between two times of day, which may
 * pass midnight); the first when none is. `at` is in milliseconds.
 */
export function listAt(prices: ModelInfo['prices'], at: number): ModelPrice {
  if (!Array.isArray(prices)) return prices;
  const holding = prices.findLast(({ constraint }) => {
    if (constraint === undefined) return true;
    if (constraint.type === 'start_date') return at >= Date.parse(constraint.start_date);
    const [now, start, end] = [at % DAY_MS, timeOfDay(constraint.start_time), timeOfDay(constraint.end_time)];
    return end < start ? now >= start || now < end : now >= start && now < end;
  });
  return (holding ?? prices[0])?.prices ?? {};
}

/** When the prices next change, in milliseconds; `Infinity` when never. */
export function nextChange(prices: ModelInfo['prices'], at: number): number {
  let next = Number.POSITIVE_INFINITY;
  if (!Array.isArray(prices)) return next;
  for (const { constraint } of prices) {
    if (constraint === undefined) continue;
    const borders =
      constraint.type === 'start_date'
        ? [Date.parse(constraint.start_date)]
        : [constraint.start_time, constraint.end_time].map((time) => nextOccurrence(timeOfDay(time), at));
    for (const border of borders) if (border > at && border < next) next = border;
  }
  return next;
}

function nextOccurrence(sinceMidnight: number, at: number): number {
  const today = at - (at % DAY_MS) + sinceMidnight;
  return today > at ? today : today + DAY_MS;
}

/** Whether the price depends on the time of day, which a price from elsewhere cannot say. */
export function changesDaily(prices: ModelInfo['prices']): boolean {
  return Array.isArray(prices) && prices.some(({ constraint }) => constraint?.type === 'time_of_date');
}
