import { z } from 'zod';
import { capabilitySchema, categorySchema, type ModelView, tierSchema } from '../contracts/models.ts';

/** A model in a list: what one needs to choose it, in few words. Prices are dollars per million tokens, null where not known. */
export const modelCardSchema = z.object({
  id: z.string(),
  tier: tierSchema.meta({ description: undefined }),
  category: categorySchema,
  context_window: z.int().nullable(),
  input_usd: z.number().nullable(),
  output_usd: z.number().nullable(),
  capabilities: z.array(capabilitySchema),
  aliases: z.array(z.string()),
  available: z.boolean(),
});
export type ModelCard = z.infer<typeof modelCardSchema>;

export function modelCard(model: ModelView): ModelCard {
  return {
    id: model.id,
    tier: model.tier,
    category: model.category,
    context_window: model.context_window,
    input_usd: model.pricing?.input ?? null,
    output_usd: model.pricing?.output ?? null,
    capabilities: model.capabilities,
    aliases: model.aliases,
    available: model.available,
  };
}

const TIER_ORDER = { premium: 0, normal: 1, eco: 2 } as const;

/** Those that can be used first, then by tier, then by name. */
export function inOrder(cards: readonly ModelCard[]): ModelCard[] {
  return [...cards].sort(
    (a, b) =>
      Number(b.available) - Number(a.available) ||
      TIER_ORDER[a.tier] - TIER_ORDER[b.tier] ||
      (a.id < b.id ? -1 : 1),
  );
}

/** A model in one line of text. */
export function modelLine(card: ModelCard): string {
  const facts = [
    card.tier,
    card.category === 'chat' ? '' : card.category,
    card.context_window === null ? '' : `${Math.round(card.context_window / 1000)}k context`,
    priceText(card),
    card.capabilities.join(' '),
    card.aliases.length === 0 ? '' : `alias ${card.aliases.join(', ')}`,
    card.available ? '' : 'no key',
  ].filter((fact) => fact !== '');
  return `${card.id}: ${facts.join(' · ')}`;
}

function priceText({ input_usd, output_usd }: ModelCard): string {
  if (input_usd === 0 && output_usd === 0) return 'free';
  return input_usd === null || output_usd === null ? 'price unknown' : `$${input_usd} in, $${output_usd} out`;
}
