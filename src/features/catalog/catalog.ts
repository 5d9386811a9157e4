import { ParallaxError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { ModelTarget } from '../providers/index.ts';
import type { ModelSource } from './bundled/source.ts';
import { bedrockProfile } from './bundled/sources.ts';
import { candidates, defaultTrio, mergeModel, modelFor, PURPOSES } from './choose.ts';
import type { Model } from './model.ts';
import { type NameIndex, nameIndex } from './nearest.ts';
import { offerIndex } from './offers.ts';
import { fresherPrices, type OverlayFields, type OverlayRow, parseFields, withFields } from './overlay.ts';
import { makerOf } from './traits.ts';

/** The models of a deployment, as they stand at one time. */
export interface Catalog {
  /** Every model, usable or not, by id. */
  all(): readonly Model[];
  /**
   * A model by its id, an alias (`best`, `fast`, `cheap`, those that the operator gave), another name its provider knows it by (dated, another
   * spelling), or its bare name. A bare name that several providers have means an available one, then its maker's own; undefined when that
   * still leaves several. Case does not count.
   */
  find(name: string): Model | undefined;
  /** The same, or `ParallaxError` `model_not_found` with the nearest names, or with the candidates of an ambiguous name. */
  require(name: string): Model;
  /** The ids most like a name, at most `count`. */
  nearest(name: string, count: number): string[];
  /** Whether a name is an alias (`best`, `fast`, `cheap`, those that the operator gave) and not a model's own. */
  isAlias(name: string): boolean;
  /** Whether this deployment can call it. */
  isAvailable(model: Model): boolean;
  /** The models that may be taken without being named (`candidates` in choose.ts). */
  candidates(): readonly Model[];
  /**
   * All that can be called and that a name may mean: what it names first, then the same model at other providers. Empty when it
   * means nothing that can be called.
   */
  offers(name: string): Model[];
  target(model: Model): ModelTarget;
  /** Up to three models that differ, for who names none. Empty when no model can be used. */
  defaultTrio(): Model[];
  /**
   * The model that merges. Throws `ParallaxError`: for a preferred one `model_not_found`, `unsupported_parameter` (not a chat model) or
   * `no_provider_key`; without one `no_provider_key` when no model can be used.
   */
  mergeModel(preferred?: string): Model;
}

export interface CatalogParts {
  readonly bundled: ModelSource;
  /** Models known otherwise (local, discovered), by provider. */
  readonly extra: ReadonlyMap<string, readonly Model[]>;
  /** Rows that hold. */
  readonly rows: readonly OverlayRow[];
  /** Ids of all providers there are; rows of others are left out. */
  readonly providers: readonly string[];
  readonly isAvailable: (provider: string) => boolean;
  /** The deployment's AWS region, which decides a Bedrock model's inference profile. */
  readonly awsRegion?: string | undefined;
  readonly log: Logger;
}

/** Names offered when one was not found. */
const NEAREST = 3;
/** Names whose meaning is remembered, and the longest one in characters. */
const MAX_REMEMBERED = 2_000;
const MAX_REMEMBERED_LENGTH = 200;

/** Puts a catalog together. Providers' models are made when first asked for. */
export function createCatalog(parts: CatalogParts): Catalog {
  const { isAvailable, providers, awsRegion } = parts;
  const byProvider = new Map<string, ReadonlyMap<string, Model>>();
  const modelsOf = (provider: string): ReadonlyMap<string, Model> => {
    let models = byProvider.get(provider);
    if (models === undefined) {
      models = assemble(provider, parts);
      byProvider.set(provider, models);
    }
    return models;
  };
  const usable = providers.filter(isAvailable);
  const usableModels = once(() => usable.flatMap((provider) => [...modelsOf(provider).values()]));
  const all = once(() =>
    providers.flatMap((provider) => [...modelsOf(provider).values()]).sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  const aliases = once(() => aliasesOf(parts));
  const choosable = once(() => candidates(usableModels()));
  const offered = once(() => offerIndex(usableModels()));
  const index = once<NameIndex>(() =>
    nameIndex(
      all()
        .filter(({ hidden }) => !hidden)
        .map(({ id, provider }) => ({ id, usable: isAvailable(provider) })),
    ),
  );

  const byId = (id: string) => modelsOf(providerOf(id)).get(id);
  const variantOf = (provider: string, name: string) => {
    const variant = parts.bundled.variant(provider, name);
    // A row of the model that the variant belongs to holds for the variant too, but for its own name.
    const model = variant === undefined ? undefined : modelsOf(provider).get(variant.id.toLowerCase());
    return model ?? variant;
  };

  /** Where a bare name is found; the first of these that finds anything decides. */
  const bareMatches = (key: string): Model[] => {
    const exact = (among: readonly string[]) =>
      among.flatMap((provider) => modelsOf(provider).get(`${provider}/${key}`) ?? []);
    const variants = (among: readonly string[]) =>
      among.flatMap((provider) => variantOf(provider, key) ?? []);
    for (const look of [
      () => exact(usable),
      () => variants(usable),
      () => exact(providers),
      () => variants(providers),
    ]) {
      const found = look();
      if (found.length > 0) return found;
    }
    return [];
  };

  const look = (key: string): readonly Model[] => {
    const provider = providerOf(key);
    const known = providers.includes(provider);
    const listed = known ? byId(key) : undefined;
    if (listed !== undefined) return [listed];
    const aliased = aliases().get(key);
    const named = aliased === undefined ? undefined : byId(aliased);
    if (named !== undefined) return [named];
    const purpose = PURPOSES.find((one) => one === key);
    const chosen = purpose === undefined ? undefined : modelFor(purpose, usableModels());
    if (chosen !== undefined) return [chosen];
    const variant = known ? variantOf(provider, key.slice(provider.length + 1)) : undefined;
    if (variant !== undefined) return [variant];
    const bare = bareMatches(key);
    const own = bare.filter((model) => makerOf(model.provider, model.upstreamName) === model.provider);
    return own.length === 1 ? own : bare;
  };

  // Requests ask for the same names again and again, and a dated or foreign one is looked for among all models.
  const remembered = new Map<string, readonly Model[]>();
  const matches = (name: string): readonly Model[] => {
    const key = name.trim().toLowerCase();
    let found = remembered.get(key);
    if (found === undefined) {
      found = look(key);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      if (key.length <= MAX_REMEMBERED_LENGTH) remembered.set(key, found);
    }
    return found;
  };

  const find = (name: string): Model | undefined => {
    const found = matches(name);
    return found.length === 1 ? found[0] : undefined;
  };

  const nearest = (name: string, count: number) => index().nearest(name, count);

  const required = (name: string): Model => {
    const found = matches(name);
    if (found[0] !== undefined && found.length === 1) return found[0];
    throw found.length > 1 ? ambiguous(name, found) : notFound(name, nearest(name, NEAREST));
  };

  return {
    all,
    find,
    require: required,
    nearest,
    isAlias(name) {
      const key = name.trim().toLowerCase();
      if (byId(key) !== undefined) return false;
      return aliases().has(key) || PURPOSES.some((purpose) => purpose === key);
    },
    isAvailable: ({ provider }) => isAvailable(provider),
    candidates: choosable,
    offers(name) {
      const named = matches(name);
      return [...named.filter(({ provider }) => isAvailable(provider)), ...offered().othersOf(named)];
    },
    target: (model) => ({
      modelId: model.id,
      provider: model.provider,
      upstreamName:
        model.provider === 'aws_bedrock' ? bedrockProfile(model.upstreamName, awsRegion) : model.upstreamName,
      ...(model.wire === undefined ? {} : { wire: model.wire }),
    }),
    defaultTrio: () => defaultTrio(usableModels()),
    mergeModel(preferred) {
      const model = preferred === undefined ? mergeModel(usableModels()) : required(preferred);
      if (model === undefined) {
        throw new ParallaxError(
          'no_provider_key',
          'No model can be used to merge: this deployment has no provider key. GET /v1/providers says what to set.',
        );
      }
      if (model.category !== 'chat')
        throw new ParallaxError(
          'unsupported_parameter',
          `${model.id} is a model for ${model.category}; it cannot merge answers.`,
        );
      if (!isAvailable(model.provider)) {
        throw new ParallaxError(
          'no_provider_key',
          `${model.id} cannot be used: there is no key for ${model.provider}.`,
        );
      }
      return model;
    },
  };
}

/** A provider's models by id in lower case: bundled and discovered, then the rows of models.dev, then the operator's. */
function assemble(provider: string, { bundled, extra, rows, log }: CatalogParts): ReadonlyMap<string, Model> {
  const models = new Map<string, Model>();
  for (const model of [...bundled.modelsOf(provider), ...(extra.get(provider) ?? [])])
    models.set(model.id.toLowerCase(), model);
  for (const source of ['models.dev', 'operator'] as const) {
    for (const row of rows) {
      if (row.source !== source || row.fields === null || providerOf(row.id) !== provider) continue;
      const fields = parseFields(row.fields);
      if (fields === undefined) {
        log.warn('a row of the catalog cannot be read and is left out', { source, id: row.id });
        continue;
      }
      const key = row.id.toLowerCase();
      models.set(key, withRow(models.get(key), row, fields, bundled));
    }
  }
  return models;
}

function withRow(
  base: Model | undefined,
  row: OverlayRow,
  fields: OverlayFields,
  bundled: ModelSource,
): Model {
  if (row.source === 'operator') return withFields(base, row.id, fields);
  // A list with one price cannot say that it changes with the hour.
  return withFields(
    base,
    row.id,
    fields,
    bundled.pricedByTheHour(base?.id ?? row.id) ? (ours) => ours : fresherPrices,
  );
}

/** Ids by the aliases that models and the operator's rows give them; the operator's hold. */
function aliasesOf({ extra, rows }: CatalogParts): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const models of extra.values()) {
    for (const model of models)
      for (const alias of model.aliases) aliases.set(alias.toLowerCase(), model.id.toLowerCase());
  }
  for (const { source, id, fields } of rows) {
    if (source !== 'operator' || fields === null) continue;
    for (const alias of parseFields(fields)?.aliases ?? [])
      aliases.set(alias.toLowerCase(), id.toLowerCase());
  }
  return aliases;
}

function providerOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('/')));
}

function notFound(name: string, nearest: readonly string[]): ParallaxError {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  const hint =
    nearest.length === 0 ? 'GET /v1/models lists what there is.' : `Did you mean ${listed(nearest)}?`;
  return new ParallaxError('model_not_found', `There is no model "${shown}". ${hint}`, {
    details: { nearest },
  });
}

function ambiguous(name: string, found: readonly Model[]): ParallaxError {
  const candidates = found.map(({ id }) => id).sort();
  const shown = candidates.slice(0, 2 * NEAREST);
  return new ParallaxError(
    'model_not_found',
    `Several providers have "${name}". Say which one: ${listed(shown)}${shown.length < candidates.length ? ', …' : ''}.`,
    {
      details: { nearest: shown, candidates },
    },
  );
}

/** "a", "a or b", "a, b or c". */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
