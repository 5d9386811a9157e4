import { CAPABILITIES, type Capability, type Category, type Tier } from '../../contracts/models.ts';
import { CATEGORIES_BY_NAME, FAMILIES, type Family, RETIRED, TIERS_BY_NAME } from './families.ts';
import type { Prices } from './model.ts';

/** What the world knows of a model by its name and price. */
export interface Traits {
  readonly tier: Tier;
  readonly category: Category;
  readonly capabilities: readonly Capability[];
  /** Tokens; null where the family does not fix it. */
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly deprecated: boolean;
}

/**
 * A model's name without what its provider put around it (`us.anthropic.claude-…-v1:0`, `@cf/meta/…`, `accounts/fireworks/models/…`), in
 * lower case, points as hyphens: what families are told by.
 */
export function plainName(upstreamName: string): string {
  const last = upstreamName.toLowerCase().split('/').at(-1) ?? '';
  return last
    .replace(/^~/, '')
    .replace(/^(?:global|regional|us-gov|us|eu|apac|jp|au|in)\./, '')
    .replace(/^(?:anthropic|amazon|meta|mistral|openai|deepseek|qwen|google|nvidia|writer|cohere|ai21)\./, '')
    .replace(/:.*$/, '')
    .replaceAll('.', '-')
    .replaceAll('_', '-')
    .replace(/^meta-(?=llama)/, '')
    .replace(/^claude-(\d(?:-\d)?)-(opus|sonnet|haiku)/, (whole, version: string, size: string) =>
      version.startsWith('3') ? whole : `claude-${size}-${version}`,
    );
}

function familyOf(plain: string): Family | undefined {
  return FAMILIES.find(({ names }) => names.test(plain));
}

/** Who trained a model, where its name says so: what makes two answers independent, whoever serves them. Otherwise the provider. */
export function makerOf(provider: string, upstreamName: string): string {
  return familyOf(plainName(upstreamName))?.maker ?? provider;
}

/** Everything that name and price say of a model. */
export function traitsOf(upstreamName: string, prices: Prices | null): Traits {
  const plain = plainName(upstreamName);
  const category = CATEGORIES_BY_NAME.find(({ names }) => names.test(plain))?.category ?? 'chat';
  const family = category === 'chat' ? familyOf(plain) : undefined;
  const cached: Capability[] = prices?.cachedInput === undefined ? [] : ['prompt_cache'];
  return {
    tier: TIERS_BY_NAME.find(({ names }) => names.test(plain))?.tier ?? tierByPrice(prices),
    category,
    capabilities: category === 'chat' ? inOrder(['streaming', ...(family?.can ?? []), ...cached]) : [],
    contextWindow: family?.contextWindow ?? null,
    maxOutputTokens: family?.maxOutputTokens ?? null,
    deprecated: RETIRED.some((names) => names.test(plain)),
  };
}

/** The same capabilities, each once, in the contract's order. */
export function inOrder(capabilities: readonly Capability[]): Capability[] {
  return CAPABILITIES.filter((one) => capabilities.includes(one));
}

/** Nano-dollars per million tokens of a conversation, three parts of which are input; null where a price is not known. */
export function blendedPrice(prices: Prices | null): number | null {
  if (prices?.input === undefined) return null;
  return (3 * prices.input + (prices.output ?? prices.input)) / 4;
}

/** Dollars per million blended tokens from which a model is premium, and below which it is eco. */
const PREMIUM_FROM_USD = 5;
const ECO_BELOW_USD = 0.75;

function tierByPrice(prices: Prices | null): Tier {
  const price = blendedPrice(prices);
  if (price === null) return 'normal';
  if (price >= PREMIUM_FROM_USD * 1e9) return 'premium';
  return price < ECO_BELOW_USD * 1e9 ? 'eco' : 'normal';
}
