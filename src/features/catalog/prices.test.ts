import { calcPrice, findProvider, type ModelInfo, type Provider, type Usage } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Nano, type NanoPerMillion, pricePerMillion } from '../../platform/money.ts';
import type { TokenUsage } from '../providers/index.ts';
import { listAt, pricesFrom } from './bundled/price-list.ts';
import { BUNDLED_SOURCES } from './bundled/sources.ts';
import type { Prices } from './model.ts';
import { expectedCost, maximumCost, priceOf } from './prices.ts';

interface Priced {
  readonly provider: Provider;
  readonly info: ModelInfo;
}

const EVERY_MODEL: readonly Priced[] = [
  ...new Set(Object.values(BUNDLED_SOURCES).flatMap(({ from }) => from)),
].flatMap((providerId) => {
  const provider = findProvider({ providerId });
  if (provider === undefined) throw new Error(`genai-prices has no provider ${providerId}`);
  return provider.models.map((info) => ({ provider, info }));
});

/** What genai-prices says the usage costs, in nano-dollars. */
function oracle({ provider, info }: Priced, usage: TokenUsage, at: number): number {
  const audio = usage.audioInputTokens ?? 0;
  const both = Math.min(
    usage.cachedInputTokens,
    audio,
    Math.max(0, usage.cachedInputTokens + usage.cacheWriteTokens + audio - usage.inputTokens),
  );
  const theirs: Usage = {
    input_tokens: usage.inputTokens,
    cache_read_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    input_audio_tokens: audio,
    cache_audio_read_tokens: both,
    output_tokens: usage.outputTokens,
    output_reasoning_tokens: usage.reasoningTokens,
    output_audio_tokens: usage.audioOutputTokens ?? 0,
  };
  // Alone in its provider, so that no other entry's rule takes the name first.
  const alone = { ...provider, models: [{ ...info, match: { equals: info.id } }] };
  const result = calcPrice(theirs, info.id, { provider: alone, timestamp: new Date(at) });
  if (result === null) throw new Error(`genai-prices cannot price ${info.id}`);
  return result.total_price * 1e9;
}

/** Usage as a provider may report it: parts within their whole, and audio that was cached only as far as the counts force it. */
const usages: fc.Arbitrary<TokenUsage> = fc
  .record({
    inputTokens: fc.oneof(
      fc.integer({ min: 1, max: 2_000_000 }),
      fc.constantFrom(128_000, 128_001, 200_000, 200_001, 271_999, 272_000, 272_001),
    ),
    cached: fc.double({ min: 0, max: 1, noNaN: true }),
    written: fc.double({ min: 0, max: 1, noNaN: true }),
    audio: fc.double({ min: 0, max: 1, noNaN: true }),
    outputTokens: fc.integer({ min: 0, max: 200_000 }),
    reasoning: fc.double({ min: 0, max: 1, noNaN: true }),
    spoken: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ inputTokens, outputTokens, ...parts }) => {
    const cachedInputTokens = Math.floor(inputTokens * parts.cached);
    const cacheWriteTokens = Math.floor((inputTokens - cachedInputTokens) * parts.written);
    const reasoningTokens = Math.floor(outputTokens * parts.reasoning);
    return {
      inputTokens,
      cachedInputTokens,
      cacheWriteTokens,
      audioInputTokens: Math.floor((inputTokens - cacheWriteTokens) * parts.audio),
      outputTokens,
      reasoningTokens,
      audioOutputTokens: Math.floor((outputTokens - reasoningTokens) * parts.spoken),
    };
  });

const times = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2027-12-31') });

function expectAgreement(priced: Priced, usage: TokenUsage, at: number): void {
  const list = listAt(priced.info.prices, at);
  const ours = priceOf({ prices: pricesFrom(list) }, usage);
  const lacksOutput = list.output_mtok === undefined && usage.outputTokens > 0;
  if (list.input_mtok === undefined || lacksOutput) {
    expect(ours, `${priced.provider.id}/${priced.info.id}`).toBeNull();
    return;
  }
  const difference = (ours ?? Number.NaN) - oracle(priced, usage, at);
  // Rounded up to a whole nano-dollar; the oracle's floats err in the last digits. A price with more than nine decimals ($0.08333… a million) is
  // kept to the nano-dollar a million, which is half a one off at most.
  const slack = 0.01 + (0.5 * (usage.inputTokens + usage.outputTokens)) / 1_000_000;
  const what = `${priced.provider.id}/${priced.info.id} ${JSON.stringify(usage)}`;
  expect(difference, what).toBeGreaterThan(-slack);
  expect(difference, what).toBeLessThan(1 + slack);
}

const usd = (value: number): NanoPerMillion => pricePerMillion(value);
const used = (part: Partial<TokenUsage>): TokenUsage => ({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  ...part,
});

describe('the price of a call', () => {
  it('agrees with genai-prices to the nano-dollar, for any model, usage and time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EVERY_MODEL), usages, times, (model, usage, at) =>
        expectAgreement(model, usage, at),
      ),
      { numRuns: 2000 },
    );
  });

  it('agrees with genai-prices for every single model at every tier', () => {
    const at = Date.parse('2026-11-20T12:00:00Z');
    for (const model of EVERY_MODEL) {
      for (const inputTokens of [1, 1_000, 150_000, 200_001, 271_999, 272_000, 272_001]) {
        const parts = {
          cachedInputTokens: Math.floor(inputTokens / 3),
          cacheWriteTokens: Math.floor(inputTokens / 5),
        };
        expectAgreement(model, used({ inputTokens, ...parts, outputTokens: 777, reasoningTokens: 300 }), at);
        expectAgreement(model, used({ inputTokens }), at);
      }
    }
  });

  it('prices the whole call with the long-context price, and only above the border', () => {
    const prices: Prices = {
      input: usd(3),
      output: usd(15),
      longContext: [{ aboveInputTokens: 200_000, input: usd(6), output: usd(22.5) }],
    };
    expect(priceOf({ prices }, used({ inputTokens: 200_000, outputTokens: 1000 }))).toBe(
      600_000_000 + 15_000_000,
    );
    expect(priceOf({ prices }, used({ inputTokens: 200_001, outputTokens: 1000 }))).toBe(
      1_200_006_000 + 22_500_000,
    );
  });

  it('takes the highest of several borders that were passed', () => {
    const tiers = [
      { aboveInputTokens: 10, input: usd(2), output: usd(0) },
      { aboveInputTokens: 20, input: usd(3), output: usd(0) },
    ];
    const prices: Prices = { input: usd(1), output: usd(0), longContext: tiers };
    expect([10, 11, 20, 21].map((inputTokens) => priceOf({ prices }, used({ inputTokens })))).toEqual([
      10_000, 22_000, 40_000, 63_000,
    ]);
  });

  it('charges each kind of token once: the parts of a usage add up to the whole', () => {
    const prices: Prices = {
      input: usd(1),
      cachedInput: usd(0.1),
      cacheWrite: usd(1.25),
      audioInput: usd(3),
      output: usd(4),
      reasoning: usd(2),
      audioOutput: usd(8),
    };
    const usage = used({
      inputTokens: 1000,
      cachedInputTokens: 100,
      cacheWriteTokens: 200,
      audioInputTokens: 300,
      outputTokens: 500,
      reasoningTokens: 50,
      audioOutputTokens: 60,
    });
    const input = 400 * 1000 + 100 * 100 + 200 * 1250 + 300 * 3000;
    const output = 390 * 4000 + 50 * 2000 + 60 * 8000;
    expect(priceOf({ prices }, usage)).toBe(input + output);
  });

  it('rounds once, up, so that splitting a call into kinds never makes it cheaper', () => {
    const prices: Prices = { input: usd(0.0000004), cachedInput: usd(0.0000004), output: usd(0.0000004) };
    expect(priceOf({ prices }, used({ inputTokens: 1, outputTokens: 1 }))).toBe(1);
    expect(priceOf({ prices }, used({ inputTokens: 2500, cachedInputTokens: 1200 }))).toBe(1);
    expect(priceOf({ prices }, used({ inputTokens: 2501 }))).toBe(2);
  });

  it('charges a kind without a price of its own as plain input or output', () => {
    const prices: Prices = { input: usd(1), output: usd(2) };
    const usage = used({
      inputTokens: 10,
      cachedInputTokens: 4,
      cacheWriteTokens: 3,
      audioInputTokens: 2,
      outputTokens: 5,
      reasoningTokens: 5,
    });
    expect(priceOf({ prices }, usage)).toBe(20_000);
  });

  it('is null, never 0, when a price that is needed is not known', () => {
    expect(priceOf({ prices: null }, used({ inputTokens: 1 }))).toBeNull();
    expect(priceOf({ prices: null }, used({}))).toBeNull();
    expect(priceOf({ prices: { input: usd(1) } }, used({ inputTokens: 1, outputTokens: 1 }))).toBeNull();
    expect(priceOf({ prices: { output: usd(1) } }, used({ inputTokens: 1 }))).toBeNull();
    expect(priceOf({ prices: { input: usd(0.1) } }, used({ inputTokens: 10 }))).toBe(1000);
  });

  it('adds the fee a call once, and not to a call that was not answered', () => {
    const prices: Prices = { input: usd(1), output: usd(1), request: usd(12_000) };
    expect(priceOf({ prices }, used({ inputTokens: 1 }))).toBe(12_000_000 + 1_000);
    expect(priceOf({ prices }, used({}))).toBe(0);
  });

  it('never charges less than nothing when a provider reports parts larger than their whole', () => {
    const prices: Prices = { input: usd(1), cachedInput: usd(0.5), output: usd(1), reasoning: usd(1) };
    expect(
      priceOf(
        { prices },
        used({ inputTokens: 10, cachedInputTokens: 30, outputTokens: 1, reasoningTokens: 9 }),
      ),
    ).toBe(15_000 + 9_000);
  });
});

describe('the price of a call before it is made', () => {
  it('is at most `maximumCost`, however the tokens turn out', () => {
    const textModels = EVERY_MODEL.map(({ info }) => pricesFrom(listAt(info.prices, 0))).filter(
      (prices): prices is Prices => prices?.input !== undefined && prices.output !== undefined,
    );
    fc.assert(
      fc.property(fc.constantFrom(...textModels), usages, (prices, usage) => {
        const text = { ...usage, audioInputTokens: 0, audioOutputTokens: 0 };
        const most = maximumCost(
          { prices },
          { inputTokens: usage.inputTokens, maxOutputTokens: usage.outputTokens },
        );
        expect(priceOf({ prices }, text)).toBeLessThanOrEqual(most ?? -1);
      }),
    );
  });

  it('is expected to be the plain price, and at most that of writing all input to the cache', () => {
    const prices: Prices = { input: usd(4), cachedInput: usd(0.4), cacheWrite: usd(5), output: usd(20) };
    expect(expectedCost({ prices }, { inputTokens: 1000, outputTokens: 100 })).toBe(6_000_000);
    expect(maximumCost({ prices }, { inputTokens: 1000, maxOutputTokens: 100 })).toBe(7_000_000);
  });

  it('is null when a price is not known, and zero where nothing is charged', () => {
    expect(maximumCost({ prices: null }, { inputTokens: 1, maxOutputTokens: 1 })).toBeNull();
    expect(maximumCost({ prices: { input: usd(1) } }, { inputTokens: 1, maxOutputTokens: 1 })).toBeNull();
    expect(expectedCost({ prices: null }, { inputTokens: 1, outputTokens: 1 })).toBeNull();
    const free: Prices = { input: usd(0), output: usd(0) };
    expect(maximumCost({ prices: free }, { inputTokens: 5, maxOutputTokens: 5 })).toBe(0 as Nano);
  });
});
