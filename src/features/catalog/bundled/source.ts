import type { ModelInfo, Provider } from '@pydantic/genai-prices';
import type { Model } from '../model.ts';
import { blendedPrice, traitsOf } from '../traits.ts';
import { folded, matches, namesIn, servedName } from './match.ts';
import { changesDaily, listAt, nextChange, pricesFrom } from './price-list.ts';
import { BUNDLED_SOURCES, type BundledSource, NOT_SERVED } from './sources.ts';

/** Models that are known without asking anyone, made as they are asked for: enumerating a provider that no one uses costs nothing. */
export interface ModelSource {
  readonly providers: readonly string[];
  /** All models of a provider, each id once. */
  modelsOf(provider: string): readonly Model[];
  /** The model that a provider serves under a name that is not listed: a dated version, another spelling. Undefined when it serves none. */
  variant(provider: string, name: string): Model | undefined;
  /** Whether a model's price changes with the time of day. */
  pricedByTheHour(id: string): boolean;
}

/** The look-up of genai-prices (`findProvider`). */
export type FindProvider = (options: { readonly providerId: string }) => Provider | undefined;

interface Entry {
  readonly model: Model;
  readonly info: ModelInfo;
}

/**
 * The models of genai-prices with their prices at a time (`at`, in milliseconds). `validUntil` is when the first of the prices
 * changes: the source is made anew then.
 */
export function bundledSource(
  find: FindProvider,
  at: number,
): { readonly source: ModelSource; readonly validUntil: number } {
  const made = new Map<string, readonly Entry[]>();
  const entriesOf = (provider: string): readonly Entry[] => {
    let entries = made.get(provider);
    if (entries === undefined) {
      const source = BUNDLED_SOURCES[provider];
      entries = source === undefined ? [] : enumerate(provider, source, find, at);
      made.set(provider, entries);
    }
    return entries;
  };
  const source: ModelSource = {
    providers: Object.keys(BUNDLED_SOURCES),
    modelsOf: (provider) => entriesOf(provider).map(({ model }) => model),
    variant: (provider, name) => variantAmong(entriesOf(provider), name),
    pricedByTheHour: (id) =>
      entriesOf(id.slice(0, id.indexOf('/'))).some(
        ({ model, info }) => model.id === id && changesDaily(info.prices),
      ),
  };
  return { source, validUntil: firstChange(find, at) };
}

function firstChange(find: FindProvider, at: number): number {
  let first = Number.POSITIVE_INFINITY;
  const ids = new Set(Object.values(BUNDLED_SOURCES).flatMap(({ from }) => from));
  for (const providerId of ids) {
    for (const { prices } of find({ providerId })?.models ?? [])
      first = Math.min(first, nextChange(prices, at));
  }
  return first;
}

function enumerate(provider: string, source: BundledSource, find: FindProvider, at: number): Entry[] {
  const entries: Entry[] = [];
  const taken = new Set<string>();
  source.from.forEach((providerId, position) => {
    // What an earlier list has under any spelling, a later one does not add.
    const before =
      position === 0
        ? new Set<string>()
        : new Set(entries.flatMap(({ info }) => namesIn(info.match).map(folded)));
    for (const info of find({ providerId })?.models ?? []) {
      if (
        NOT_SERVED.test(info.id) ||
        source.without?.test(info.id) === true ||
        source.only?.test(info.id) === false
      )
        continue;
      if (source.upstreamName === undefined && before.has(folded(info.id))) continue;
      const model = modelFrom(provider, source, providerId, info, at);
      const key = folded(model.id);
      if (taken.has(key)) continue;
      taken.add(key);
      entries.push({ model, info });
    }
  });
  return entries;
}

function modelFrom(
  provider: string,
  source: BundledSource,
  from: string,
  info: ModelInfo,
  at: number,
): Model {
  const upstreamName = upstreamNameOf(source, from, info);
  const prices = pricesFrom(listAt(info.prices, at)) ?? (saysFree(info) ? FREE : null);
  const traits = traitsOf(info.id, prices);
  return {
    id: `${provider}/${source.name?.(info.id) ?? upstreamName}`,
    provider,
    upstreamName,
    name: info.name ?? upstreamName,
    description: info.description?.trim() ?? null,
    tier: traits.tier,
    category: traits.category,
    capabilities: traits.capabilities,
    contextWindow: info.context_window ?? traits.contextWindow,
    maxOutputTokens: traits.maxOutputTokens,
    prices,
    deprecated: info.deprecated === true || traits.deprecated,
    hidden: false,
    aliases: [],
    created: 0,
  };
}

/** An entry's id is the provider's own name for it unless its rule says otherwise: then it is a name for people. */
function upstreamNameOf(source: BundledSource, from: string, info: ModelInfo): string {
  const names = namesIn(info.match);
  if (source.upstreamName !== undefined) return source.upstreamName(info.id, names, from);
  return matches(info.match, info.id) ? info.id : (names[0] ?? info.id);
}

const FREE = pricesFrom({ input_mtok: 0, output_mtok: 0 });

/** An empty price list means free only where the entry says so in words; otherwise the price is not known. */
function saysFree(info: ModelInfo): boolean {
  return (
    Object.keys(listAt(info.prices, 0)).length === 0 &&
    (/:free$/.test(info.id) || /\(free\)/i.test(info.name ?? ''))
  );
}

function variantAmong(entries: readonly Entry[], name: string): Model | undefined {
  const wanted = folded(name);
  const exact = entries.filter(({ info }) =>
    [info.id, ...namesIn(info.match)].some((known) => folded(known) === wanted),
  );
  // Several servers of one router serve the same model: the cheapest stands for the name without a server.
  const price = ({ model }: Entry) => blendedPrice(model.prices) ?? Number.POSITIVE_INFINITY;
  for (const { model, info } of exact.length > 0 ? exact.sort((a, b) => price(a) - price(b)) : entries) {
    const served = servedName(info.match, info.id, name);
    if (served === undefined) continue;
    if (served === info.id || served === model.upstreamName) return model;
    return { ...model, id: `${model.provider}/${served}`, upstreamName: served, name: served };
  }
  return undefined;
}
