import { z } from 'zod';
import { CAPABILITIES, CATEGORIES, TIERS } from '../../contracts/models.ts';
import type { NanoPerMillion } from '../../platform/money.ts';
import { WIRE_FORMATS } from '../providers/index.ts';
import type { Model, Prices } from './model.ts';
import { inOrder, traitsOf } from './traits.ts';

const price = z
  .int()
  .min(0)
  .transform((value) => value as NanoPerMillion)
  .optional();

const tierPrices = {
  input: price,
  cachedInput: price,
  cacheWrite: price,
  output: price,
  reasoning: price,
  audioInput: price,
  audioOutput: price,
  cachedAudioInput: price,
  request: price,
};

/** Prices as they are kept: nano-dollars per million. */
const storedPricesSchema = z.strictObject({
  ...tierPrices,
  longContext: z.array(z.strictObject({ aboveInputTokens: z.int().min(0), ...tierPrices })).optional(),
});

/** The part of a model that a row says; what it does not say stays as it was. */
export const overlayFieldsSchema = z.strictObject({
  upstreamName: z.string().min(1).max(200).optional(),
  name: z.string().min(1).max(200).optional(),
  description: z.string().max(2000).nullable().optional(),
  tier: z.enum(TIERS).optional(),
  category: z.enum(CATEGORIES).optional(),
  /** All of them. */
  capabilities: z.array(z.enum(CAPABILITIES)).optional(),
  /** Single ones that are known to be there or not. */
  abilities: z.partialRecord(z.enum(CAPABILITIES), z.boolean()).optional(),
  contextWindow: z.int().min(1).nullable().optional(),
  maxOutputTokens: z.int().min(1).nullable().optional(),
  /** The whole price list; null: not known. */
  prices: storedPricesSchema.nullable().optional(),
  deprecated: z.boolean().optional(),
  hidden: z.boolean().optional(),
  aliases: z.array(z.string().min(1).max(100)).max(20).optional(),
  wire: z.enum(WIRE_FORMATS).optional(),
  created: z.int().min(0).optional(),
});

export type OverlayFields = Readonly<
  Omit<z.infer<typeof overlayFieldsSchema>, 'prices'> & { prices?: Prices | null }
>;

/** A row read from the table; `fields` is null when it was taken back. */
export interface OverlayRow {
  readonly source: 'operator' | 'models.dev';
  readonly id: string;
  readonly fields: string | null;
  readonly revision: number;
}

const rowSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(overlayFieldsSchema);

/** The fields of a row; undefined when they cannot be read (a row of another version of Parallax). */
export function parseFields(text: string): OverlayFields | undefined {
  return rowSchema.safeParse(text).data;
}

/**
 * A model with a row laid over it. Without a model beneath, the row makes one, and name and price say what the row does not.
 * `prices` decides between the model's and the row's own.
 */
export function withFields(
  base: Model | undefined,
  id: string,
  fields: OverlayFields,
  prices: (ours: Prices | null, theirs: Prices | null) => Prices | null = (_, theirs) => theirs,
): Model {
  const { abilities, capabilities, prices: given, ...rest } = fields;
  const model = base ?? unlisted(id, fields);
  const merged: Model = {
    ...model,
    ...rest,
    prices: given === undefined ? model.prices : prices(model.prices, given),
  };
  if (capabilities !== undefined) return { ...merged, capabilities: inOrder(capabilities) };
  if (abilities === undefined || merged.category !== 'chat') return merged;
  const kept = merged.capabilities.filter((one) => abilities[one] !== false);
  return {
    ...merged,
    capabilities: inOrder([...kept, ...CAPABILITIES.filter((one) => abilities[one] === true)]),
  };
}

/**
 * Which of two price lists holds, ours or that of models.dev. Where they agree on the plain prices ours is kept, for it says more (cache
 * writes, tiers); where they do not, theirs is the newer one and is taken whole: half of one and half of the other would be neither.
 */
export function fresherPrices(ours: Prices | null, theirs: Prices | null): Prices | null {
  if (ours === null || theirs === null) return theirs ?? ours;
  return ours.input === theirs.input && ours.output === theirs.output ? { ...theirs, ...ours } : theirs;
}

/** A model that only a row, a setting or a server knows of. */
export function unlisted(
  id: string,
  fields: Pick<OverlayFields, 'upstreamName' | 'name' | 'prices'> = {},
): Model {
  const provider = id.slice(0, id.indexOf('/'));
  const upstreamName = fields.upstreamName ?? id.slice(provider.length + 1);
  const prices = fields.prices ?? null;
  return {
    id,
    provider,
    upstreamName,
    name: fields.name ?? upstreamName,
    description: null,
    ...traitsOf(upstreamName, prices),
    prices,
    hidden: false,
    aliases: [],
    created: 0,
  };
}
