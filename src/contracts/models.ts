import { z } from 'zod';

export const TIERS = ['premium', 'normal', 'eco'] as const;
export const CATEGORIES = ['chat', 'embedding', 'image', 'audio', 'rerank', 'moderation'] as const;
export const CAPABILITIES = [
  'tools',
  'structured_output',
  'vision',
  'audio_input',
  'files',
  'reasoning',
  'streaming',
  'prompt_cache',
] as const;

export const tierSchema = z.enum(TIERS).meta({
  description: 'What a model is for: `premium` the best, `normal` everyday, `eco` cheap and quick.',
});
export const categorySchema = z.enum(CATEGORIES);
export const capabilitySchema = z.enum(CAPABILITIES);
export type Tier = z.infer<typeof tierSchema>;
export type Category = z.infer<typeof categorySchema>;
export type Capability = z.infer<typeof capabilitySchema>;

const pricesSchema = z
  .object({
    input: z.number().nullable(),
    cached_input: z.number().nullable(),
    cache_write: z.number().nullable(),
    output: z.number().nullable(),
    long_context: z
      .object({ above_input_tokens: z.int(), input: z.number().nullable(), output: z.number().nullable() })
      .nullable()
      .meta({
        description: 'What a call with more input than this costs, where the provider charges more for it.',
      }),
  })
  .meta({ description: 'US dollars per million tokens; null where the price is not known.' });

/** A model as `GET /v1/models` lists it: OpenAI's members first, then ours. */
export const modelSchema = z
  .object({
    id: z.string().meta({ example: 'anthropic/claude-opus-5' }),
    object: z.literal('model'),
    created: z.int().meta({ description: 'Unix seconds; 0 where the catalog does not know.' }),
    owned_by: z.string().meta({ description: 'The provider.' }),
    name: z.string(),
    description: z.string().nullable(),
    tier: tierSchema,
    category: categorySchema,
    capabilities: z.array(capabilitySchema),
    context_window: z.int().nullable().meta({ description: 'Tokens.' }),
    max_output_tokens: z.int().nullable(),
    pricing: pricesSchema.nullable(),
    available: z
      .boolean()
      .meta({ description: 'Whether this deployment has a usable key for its provider.' }),
    deprecated: z.boolean(),
    aliases: z.array(z.string()),
  })
  .meta({ id: 'Model' });
export type ModelView = z.infer<typeof modelSchema>;

/** The same for clients that speak Anthropic's API. */
export const anthropicModelSchema = z
  .object({
    type: z.literal('model'),
    id: z.string(),
    display_name: z.string(),
    created_at: z.iso.datetime().meta({ description: 'The epoch where the catalog does not know.' }),
    max_input_tokens: z.int().nullable(),
    max_tokens: z.int().nullable(),
    lifecycle: z.enum(['active', 'deprecated']),
    deprecated_at: z.null(),
    capabilities: z.null(),
    line: z.null(),
  })
  .meta({ id: 'AnthropicModel' });
export type AnthropicModelView = z.infer<typeof anthropicModelSchema>;

export const modelListQuerySchema = z.object({
  provider: z.string().optional(),
  category: categorySchema.optional(),
  capability: capabilitySchema.optional().meta({ description: 'One capability the model must have.' }),
  tier: tierSchema.optional(),
  available: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  q: z.string().max(100).optional().meta({ description: 'Part of the id or the name.' }),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
  cursor: z.string().max(200).optional(),
  after_id: z.string().max(200).optional().meta({ description: 'Anthropic’s word for `cursor`.' }),
});

export const anthropicModelListSchema = z
  .object({
    data: z.array(anthropicModelSchema),
    has_more: z.boolean(),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
  .meta({ id: 'AnthropicModelList' });

export const modelListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(modelSchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'ModelList' });

const windowSchema = z.object({
  calls: z.int(),
  success_rate: z.number().nullable().meta({ description: '0 to 1; null without calls.' }),
  first_token_p50_ms: z.number().nullable(),
  first_token_p95_ms: z.number().nullable(),
});

export const providerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    wire_format: z.string(),
    available: z.boolean(),
    needs: z
      .array(z.string())
      .meta({ description: 'Settings that would make it available; empty when it is.' }),
    health: z.object({
      state: z.enum(['unknown', 'healthy', 'degraded', 'down']),
      window: windowSchema.meta({ description: 'The last five minutes of real calls.' }),
      circuit: z.enum(['closed', 'open', 'half_open']),
      check: z
        .object({
          ok: z.boolean(),
          at: z.iso.datetime(),
          latency_ms: z.number(),
          error: z.string().nullable(),
        })
        .nullable()
        .meta({ description: 'The last active check.' }),
    }),
  })
  .meta({ id: 'Provider' });
export type ProviderView = z.infer<typeof providerSchema>;

export const providerListSchema = z
  .object({ object: z.literal('list'), data: z.array(providerSchema) })
  .meta({ id: 'ProviderList' });
