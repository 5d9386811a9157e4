import { cost, type Nano, type NanoPerMillion, type PricedQuantity } from '../../platform/money.ts';
import type { TokenUsage } from '../providers/index.ts';
import type { Model, Prices } from './model.ts';

type TierPrices = Omit<Prices, 'longContext'>;

/**
 * The prices that hold for a call with so much input. Providers bill a long prompt at the higher price throughout, not only for the
 * part above the border, and the border itself still has the lower one (Anthropic, Google and OpenAI, pricing pages: "prompts > 200K").
 */
export function pricesAt(prices: Prices, inputTokens: number): TierPrices {
  let chosen: TierPrices = prices;
  for (const tier of prices.longContext ?? []) if (inputTokens > tier.aboveInputTokens) chosen = tier;
  return chosen;
}

/**
 * What a call cost, exactly, rounded up once to a whole nano-dollar. A kind of token without a price of its own (cached input, cache
 * writes, audio, reasoning) costs what plain input or output costs. Null, never 0, when a kind that was used has no price at all.
 * The fee a call is due with the first token; a call that counted none was not answered.
 */
export function priceOf(model: Pick<Model, 'prices'>, usage: TokenUsage): Nano | null {
  if (model.prices === null) return null;
  const prices = pricesAt(model.prices, usage.inputTokens);
  const called = usage.inputTokens + usage.outputTokens > 0;
  return total([
    ...inputParts(prices, usage),
    ...outputParts(prices, usage),
    [called && prices.request !== undefined ? 1 : 0, prices.request],
  ]);
}

/** The size of a call before it is made, in tokens. */
export interface ExpectedTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What a text call of this size is likely to cost: nothing read from a cache, nothing written to one. Null when a price is not known. */
export function expectedCost(
  model: Pick<Model, 'prices'>,
  { inputTokens, outputTokens }: ExpectedTokens,
): Nano | null {
  return priceOf(model, {
    inputTokens,
    outputTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  });
}

/** Bounds of a call before it is made, in tokens. */
export interface TokenBounds {
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
}

/**
 * The most a text call within these bounds can cost: all input at the dearest of the input prices (a provider may write any of it to
 * its cache unasked), all output at the dearer of answer and reasoning. Null when a price is not known.
 */
export function maximumCost(
  model: Pick<Model, 'prices'>,
  { inputTokens, maxOutputTokens }: TokenBounds,
): Nano | null {
  if (model.prices === null) return null;
  const prices = pricesAt(model.prices, inputTokens);
  return total([
    [inputTokens, dearest(prices.input, prices.cachedInput, prices.cacheWrite)],
    [maxOutputTokens, dearest(prices.output, prices.reasoning)],
    [prices.request === undefined ? 0 : 1, prices.request],
  ]);
}

/** Units of one kind, and their price where it is known. */
type Part = readonly [units: number, price: NanoPerMillion | undefined];

/**
 * Input split into kinds that do not overlap. A kind is told apart only where it has a price of its own. A provider that counts audio
 * and cached tokens does not say how many are both: the fewest that the counts allow.
 */
function inputParts(prices: TierPrices, usage: TokenUsage): Part[] {
  const cached = prices.cachedInput === undefined ? 0 : usage.cachedInputTokens;
  const written = prices.cacheWrite === undefined ? 0 : usage.cacheWriteTokens;
  const audio = prices.audioInput === undefined ? 0 : (usage.audioInputTokens ?? 0);
  const excess = Math.max(0, cached + written + audio - usage.inputTokens);
  const both = Math.min(cached, audio, excess);
  const plain = Math.max(0, usage.inputTokens - cached - written - audio + both);
  return [
    [plain, prices.input],
    [cached - both, prices.cachedInput],
    [written, prices.cacheWrite],
    [audio - both, prices.audioInput],
    [both, prices.cachedAudioInput ?? prices.cachedInput],
  ];
}

function outputParts(prices: TierPrices, usage: TokenUsage): Part[] {
  const reasoning = prices.reasoning === undefined ? 0 : usage.reasoningTokens;
  const audio = prices.audioOutput === undefined ? 0 : (usage.audioOutputTokens ?? 0);
  return [
    [Math.max(0, usage.outputTokens - reasoning - audio), prices.output],
    [reasoning, prices.reasoning],
    [audio, prices.audioOutput],
  ];
}

function total(parts: readonly Part[]): Nano | null {
  const quantities: PricedQuantity[] = [];
  for (const [units, price] of parts) {
    if (units === 0) continue;
    if (price === undefined) return null;
    quantities.push({ units, price });
  }
  return cost(quantities);
}

function dearest(
  basic: NanoPerMillion | undefined,
  ...others: readonly (NanoPerMillion | undefined)[]
): NanoPerMillion | undefined {
  if (basic === undefined) return undefined;
  let highest = basic;
  for (const price of others) if (price !== undefined && price > highest) highest = price;
  return highest;
}
