import type { ConditionalPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesDaily, listAt, nextChange, pricesFrom } from './price-list.ts';

const NIGHT: ConditionalPrice[] = [
  { prices: { input_mtok: 2 } },
  {
    constraint: { type: 'time_of_date', start_time: '22:30:00Z', end_time: '05:00:00Z' },
    prices: { input_mtok: 1 },
  },
];
const at = (time: string) => Date.parse(`2026-11-20T${time}Z`);

describe('a list of prices for certain hours', () => {
  it('may pass midnight; the first minute counts, the last does not', () => {
    const input = (time: string) => listAt(NIGHT, at(time)).input_mtok;
    expect(
      ['22:29:59.999', '22:30:00', '23:59:59', '00:00:00', '04:59:59.999', '05:00:00', '12:00:00'].map(input),
    ).toEqual([2, 1, 1, 1, 1, 2, 2]);
  });

  it('may be given with an offset from UTC', () => {
    const beijing: ConditionalPrice[] = [
      { prices: { input_mtok: 2 } },
      {
        constraint: { type: 'time_of_date', start_time: '00:30:00+08:00', end_time: '08:30:00+08:00' },
        prices: { input_mtok: 1 },
      },
    ];
    expect(listAt(beijing, at('16:30:00')).input_mtok).toBe(1);
    expect(listAt(beijing, at('00:29:59')).input_mtok).toBe(1);
    expect(listAt(beijing, at('00:30:00')).input_mtok).toBe(2);
  });

  it('holds without a change until the next one, for any time', () => {
    const anyTime = fc.integer({ min: at('00:00:00'), max: at('00:00:00') + 3 * 86_400_000 });
    fc.assert(
      fc.property(anyTime, (now) => {
        const next = nextChange(NIGHT, now);
        expect(next).toBeGreaterThan(now);
        expect(listAt(NIGHT, next - 1)).toBe(listAt(NIGHT, now));
        expect(listAt(NIGHT, next)).not.toBe(listAt(NIGHT, now));
      }),
    );
  });

  it('is told from one that holds from a date on', () => {
    const dated: ConditionalPrice[] = [
      { prices: { input_mtok: 2 } },
      { constraint: { type: 'start_date', start_date: '2026-11-21' }, prices: { input_mtok: 1 } },
    ];
    expect([changesDaily(NIGHT), changesDaily(dated), changesDaily({ input_mtok: 1 })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(nextChange(dated, at('12:00:00'))).toBe(Date.parse('2026-11-21'));
    expect(nextChange(dated, Date.parse('2026-11-21'))).toBe(Number.POSITIVE_INFINITY);
    expect(nextChange({ input_mtok: 1 }, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a price list', () => {
  it('with borders that differ from price to price has a tier for each', () => {
    const tiered = (base: number, start: number, price: number) => ({ base, tiers: [{ start, price }] });
    expect(
      pricesFrom({ input_mtok: tiered(1, 100, 2), output_mtok: tiered(3, 200, 4), cache_read_mtok: 0.5 }),
    ).toEqual({
      input: 1e9,
      output: 3e9,
      cachedInput: 5e8,
      longContext: [
        { aboveInputTokens: 100, input: 2e9, output: 3e9, cachedInput: 5e8 },
        { aboveInputTokens: 200, input: 2e9, output: 4e9, cachedInput: 5e8 },
      ],
    });
  });

  it('in units that no call of ours counts is no price', () => {
    expect(pricesFrom({ audio_hours: 0.36 })).toBeNull();
    expect(pricesFrom({ input_document_kpages: 1 })).toBeNull();
    expect(pricesFrom({})).toBeNull();
    expect(pricesFrom({ input_mtok: 1, web_searches_kcount: 10 })).toEqual({ input: 1e9 });
  });
});
