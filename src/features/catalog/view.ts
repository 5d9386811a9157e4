import type { ModelView } from '../../contracts/models.ts';
import { NANO_PER_USD, type NanoPerMillion } from '../../platform/money.ts';
import type { Model, Prices } from './model.ts';

/** A model as the API shows it. */
export function modelView(model: Model, available: boolean): ModelView {
  return {
    id: model.id,
    object: 'model',
    created: model.created,
    owned_by: model.provider,
    name: model.name,
    description: model.description,
    tier: model.tier,
    category: model.category,
    capabilities: [...model.capabilities],
    context_window: model.contextWindow,
    max_output_tokens: model.maxOutputTokens,
    pricing: model.prices === null ? null : pricingView(model.prices),
    available,
    deprecated: model.deprecated,
    aliases: [...model.aliases],
  };
}

function pricingView(prices: Prices): NonNullable<ModelView['pricing']> {
  const tier = prices.longContext?.[0];
  return {
    input: usd(prices.input),
    cached_input: usd(prices.cachedInput),
    cache_write: usd(prices.cacheWrite),
    output: usd(prices.output),
    long_context:
      tier === undefined
        ? null
        : { above_input_tokens: tier.aboveInputTokens, input: usd(tier.input), output: usd(tier.output) },
  };
}

function usd(price: NanoPerMillion | undefined): number | null {
  return price === undefined ? null : price / NANO_PER_USD;
}
