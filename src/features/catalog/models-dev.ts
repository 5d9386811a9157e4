import { z } from 'zod';
import type { Capability } from '../../contracts/models.ts';
import { type NanoPerMillion, pricePerMillion } from '../../platform/money.ts';
import type { LongContextPrices, Prices } from './model.ts';
import type { OverlayFields } from './overlay.ts';

/** Our provider ids, by those of models.dev. */
const PROVIDER_IDS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  azure: 'azure',
  'amazon-bedrock': 'aws_bedrock',
  'google-vertex': 'vertex_ai',
  openrouter: 'openrouter',
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  groq: 'groq',
  perplexity: 'perplexity',
  deepseek: 'deepseek',
  xai: 'xai',
  mistral: 'mistral',
  cohere: 'cohere',
  huggingface: 'huggingface',
  nvidia: 'nvidia_nim',
  'cloudflare-workers-ai': 'workers_ai',
};

const usd = z.number().min(0).max(1_000_000).optional();
const costFields = {
  input: usd,
  output: usd,
  reasoning: usd,
  cache_read: usd,
  cache_write: usd,
  input_audio: usd,
  output_audio: usd,
};
const tokens = z.number().int().min(0).max(1_000_000_000).optional();

/** A model of https://models.dev/api.json, as far as we read it. What it has besides is let through unread: the file grows. */
const modelSchema = z.object({
  id: z.string().min(1).max(180),
  name: z.string().min(1).max(200),
  reasoning: z.boolean().optional(),
  tool_call: z.boolean().optional(),
  structured_output: z.boolean().optional(),
  release_date: z
    .string()
    .regex(/^\d{4}-\d{2}(-\d{2})?$/)
    .optional(),
  modalities: z.object({ input: z.array(z.string()), output: z.array(z.string()) }).optional(),
  cost: z
    .object({
      ...costFields,
      context_over_200k: z.object(costFields).optional(),
      tiers: z
        .array(
          z.object({
            ...costFields,
            tier: z.object({ type: z.string().optional(), size: z.number().int().min(0) }),
          }),
        )
        .max(10)
        .optional(),
    })
    .optional(),
  limit: z.object({ context: tokens, output: tokens }).optional(),
  status: z.string().optional(),
});

type ListedModel = z.infer<typeof modelSchema>;

const fileSchema = z.record(z.string(), z.object({ models: z.record(z.string(), z.unknown()) }));

/** A model as models.dev knows it, in our words. */
export interface ListedFields {
  readonly id: string;
  readonly fields: OverlayFields;
}

/**
 * Reads the file. Throws `z.ZodError` when it is not providers with models; a single model that cannot be read, or that answers in
 * neither text nor vectors, is left out and counted.
 */
export function readModelsDev(file: unknown): {
  readonly models: ListedFields[];
  readonly unreadable: number;
} {
  const models: ListedFields[] = [];
  let unreadable = 0;
  for (const [theirs, { models: listed }] of Object.entries(fileSchema.parse(file))) {
    const provider = PROVIDER_IDS[theirs];
    if (provider === undefined) continue;
    for (const entry of Object.values(listed)) {
      const parsed = modelSchema.safeParse(entry);
      if (!parsed.success) unreadable += 1;
      else if (isServed(provider, parsed.data))
        models.push({ id: idOf(provider, parsed.data.id), fields: fieldsOf(provider, parsed.data) });
    }
  }
  return { models, unreadable };
}

/** Text out, and on Bedrock one of the formats we speak, named without a region: the region is the deployment's. */
function isServed(provider: string, model: ListedModel): boolean {
  if (model.modalities !== undefined && !model.modalities.output.includes('text')) return false;
  return provider !== 'aws_bedrock' || /^(?:global\.)?(?:anthropic|openai)\./.test(model.id);
}

const FIREWORKS_PATH = /^accounts\/fireworks\/(?:models|routers)\//;

function idOf(provider: string, name: string): string {
  return `${provider}/${provider === 'fireworks' ? name.replace(FIREWORKS_PATH, '') : name}`;
}

function fieldsOf(provider: string, model: ListedModel): OverlayFields {
  const { limit, modalities, cost } = model;
  const prices = cost === undefined ? undefined : pricesOf(cost);
  return {
    ...(provider === 'fireworks' ? { upstreamName: model.id } : {}),
    name: model.name,
    abilities: abilitiesOf(model, modalities?.input),
    ...(limit?.context ? { contextWindow: limit.context } : {}),
    ...(limit?.output ? { maxOutputTokens: limit.output } : {}),
    ...(prices === undefined ? {} : { prices }),
    ...(model.status === 'deprecated' ? { deprecated: true } : {}),
    ...(model.release_date === undefined ? {} : { created: unixSeconds(model.release_date) }),
  };
}

/** What the file says for certain; that it does not mention a schema for answers means nothing. */
function abilitiesOf(
  model: ListedModel,
  input: readonly string[] | undefined,
): Partial<Record<Capability, boolean>> {
  return {
    ...(model.tool_call === undefined ? {} : { tools: model.tool_call }),
    ...(model.reasoning === undefined ? {} : { reasoning: model.reasoning }),
    ...(model.structured_output === undefined ? {} : { structured_output: model.structured_output }),
    ...(input === undefined
      ? {}
      : {
          vision: input.includes('image'),
          audio_input: input.includes('audio'),
          files: input.includes('pdf'),
        }),
  };
}

type Cost = NonNullable<ListedModel['cost']>;

function pricesOf(cost: Cost): Prices | undefined {
  if (cost.input === undefined || cost.output === undefined) return undefined;
  // `context_over_200k` is the older way to say one tier; `tiers` has the exact border.
  const tiers =
    cost.tiers?.map((tier) => ({ above: tier.tier.size, prices: tier })) ??
    (cost.context_over_200k === undefined ? [] : [{ above: 200_000, prices: cost.context_over_200k }]);
  const longContext = tiers
    .toSorted((a, b) => a.above - b.above)
    .map(
      (tier): LongContextPrices => ({
        aboveInputTokens: tier.above,
        ...plainPrices({ ...cost, ...tier.prices }),
      }),
    );
  return { ...plainPrices(cost), ...(longContext.length === 0 ? {} : { longContext }) };
}

function plainPrices(cost: Omit<Cost, 'tiers' | 'context_over_200k'>): Omit<Prices, 'longContext'> {
  const named: Readonly<Record<string, number | undefined>> = {
    input: cost.input,
    cachedInput: cost.cache_read,
    cacheWrite: cost.cache_write,
    output: cost.output,
    reasoning: cost.reasoning,
    audioInput: cost.input_audio,
    audioOutput: cost.output_audio,
  };
  const prices: Record<string, NanoPerMillion> = {};
  for (const [name, price] of Object.entries(named))
    if (price !== undefined) prices[name] = pricePerMillion(price);
  return prices;
}

function unixSeconds(date: string): number {
  return Math.max(0, Math.floor(Date.parse(date.length === 7 ? `${date}-01` : date) / 1000) || 0);
}
