import { z } from 'zod';
import { capabilitySchema, categorySchema, tierSchema } from '../../contracts/models.ts';
import { type NanoPerMillion, pricePerMillion } from '../../platform/money.ts';
import { PROVIDERS, WIRE_FORMATS } from '../providers/index.ts';
import type { Prices } from './model.ts';
import type { OverlayFields } from './overlay.ts';

const usd = z.number().min(0).max(1_000_000).optional();
/** A price per call is kept per million calls in nano-dollars, and more than this is no safe integer then. */
const usdPerCall = z.number().min(0).max(9).optional();

const tierFields = {
  input: usd,
  cached_input: usd,
  cache_write: usd,
  output: usd,
  reasoning: usd,
  audio_input: usd,
  audio_output: usd,
};

const pricingSchema = z
  .strictObject({
    ...tierFields,
    request: usdPerCall.meta({ description: 'US dollars a call, beside its tokens.' }),
    long_context: z
      .array(z.strictObject({ above_input_tokens: z.int().min(1), ...tierFields }))
      .max(10)
      .optional()
      .meta({ description: 'A call with more input than this costs these prices throughout.' }),
  })
  .meta({
    description:
      'The whole price list, in US dollars per million tokens: a price that is left out is not known. Null: no price is known.',
  });

/** What an operator says of a model; what is left out stays as the catalog knows it otherwise. */
export const operatorModelSchema = z
  .strictObject({
    upstream_name: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'The name the provider knows it by; the id without its provider unless said.' }),
    name: z.string().min(1).max(200).optional(),
    description: z.string().max(2000).nullable().optional(),
    tier: tierSchema.optional(),
    category: categorySchema.optional(),
    capabilities: z.array(capabilitySchema).max(20).optional().meta({ description: 'All of them.' }),
    context_window: z.int().min(1).max(1_000_000_000).nullable().optional(),
    max_output_tokens: z.int().min(1).max(1_000_000_000).nullable().optional(),
    pricing: pricingSchema.nullable().optional(),
    deprecated: z.boolean().optional(),
    hidden: z.boolean().optional().meta({ description: 'Not listed and never chosen by default.' }),
    aliases: z
      .array(z.string().min(1).max(100).regex(/^\S+$/, 'must not contain spaces'))
      .max(20)
      .optional()
      .meta({ description: 'Further names; `best`, `fast` and `cheap` here replace the automatic choice.' }),
    wire: z.enum(WIRE_FORMATS).optional(),
  })
  .meta({ id: 'OperatorModel' });

export type OperatorModel = z.infer<typeof operatorModelSchema>;

/** An id that a row may have: a provider of the table, a slash, a name without spaces and control characters. */
export const operatorModelIdSchema = z
  .string()
  .max(200)
  .regex(/^[a-z0-9_]+\/[^\s\p{Cc}]+$/u, 'must be `provider/name`')
  .refine(
    (id) => PROVIDERS.some((provider) => id.startsWith(`${provider.id}/`)),
    'names no provider that Parallax knows',
  );

/** The row's fields: dollars become nano-dollars. Members the body does not have are not in the row. */
export function fieldsFrom(body: OperatorModel): OverlayFields {
  const { upstream_name, context_window, max_output_tokens, pricing, ...same } = body;
  const fields: OverlayFields = {
    ...same,
    upstreamName: upstream_name,
    contextWindow: context_window,
    maxOutputTokens: max_output_tokens,
    prices: pricing === undefined || pricing === null ? pricing : pricesFrom(pricing),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

type Pricing = z.infer<typeof pricingSchema>;

function pricesFrom({ long_context, request, ...plain }: Pricing): Prices {
  const longContext = long_context
    ?.toSorted((a, b) => a.above_input_tokens - b.above_input_tokens)
    .map(({ above_input_tokens, ...prices }) => ({
      aboveInputTokens: above_input_tokens,
      ...tierFrom(prices, request),
    }));
  return {
    ...tierFrom(plain, request),
    ...(longContext === undefined || longContext.length === 0 ? {} : { longContext }),
  };
}

function tierFrom(
  plain: Omit<Pricing, 'long_context' | 'request'>,
  request: number | undefined,
): Omit<Prices, 'longContext'> {
  const named: Readonly<Record<string, number | undefined>> = {
    input: plain.input,
    cachedInput: plain.cached_input,
    cacheWrite: plain.cache_write,
    output: plain.output,
    reasoning: plain.reasoning,
    audioInput: plain.audio_input,
    audioOutput: plain.audio_output,
    request: request === undefined ? undefined : request * 1_000_000,
  };
  const prices: Record<string, NanoPerMillion> = {};
  for (const [name, price] of Object.entries(named))
    if (price !== undefined) prices[name] = pricePerMillion(price);
  return prices;
}
