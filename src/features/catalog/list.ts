import type { Capability, Category, ModelView, Tier } from '../../contracts/models.ts';
import type { Catalog } from './catalog.ts';
import type { Model } from './model.ts';
import { modelView } from './view.ts';

/** What a list is narrowed to; absent is no bound. */
export interface ModelFilter {
  readonly provider?: string | undefined;
  readonly category?: Category | undefined;
  readonly capability?: Capability | undefined;
  readonly tier?: Tier | undefined;
  readonly available?: boolean | undefined;
  /** Part of the id or the name, whatever its case. */
  readonly q?: string | undefined;
}

export interface ModelPage {
  readonly data: ModelView[];
  /** Where the next page begins; null when there is none. */
  readonly nextCursor: string | null;
}

/** What a list is narrowed by. */
interface Listed
  extends Pick<ModelView, 'id' | 'name' | 'category' | 'tier' | 'available'>,
    Pick<Model, 'capabilities'> {
  readonly provider: string;
  readonly view: () => ModelView;
}

/**
 * A page of the models that match, by id. Without `available` a list has what can be used; naming a provider lists all that it has, for then
 * the question is what it offers. Hidden models are in no list. `cursor` is the id that the page before ended with; `more` are models that
 * stand in no catalog.
 */
export function listModels(
  catalog: Catalog,
  filter: ModelFilter,
  limit: number,
  cursor?: string,
  more: readonly ModelView[] = [],
): ModelPage {
  const matches = matcherOf(filter);
  const matching: Listed[] = [];
  for (const model of catalog.all()) {
    if (model.hidden || (cursor !== undefined && model.id <= cursor)) continue;
    const available = catalog.isAvailable(model);
    const { id, name, provider, category, tier, capabilities } = model;
    const view = () => modelView(model, available);
    const one = { id, name, provider, category, tier, capabilities, available, view };
    if (matches(one)) matching.push(one);
  }
  for (const model of more) {
    const one = { ...model, provider: model.owned_by, view: () => model };
    if ((cursor === undefined || one.id > cursor) && matches(one)) matching.push(one);
  }
  if (more.length > 0) matching.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const page = matching.slice(0, limit);
  return {
    data: page.map(({ view }) => view()),
    nextCursor: matching.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

function matcherOf({ category, capability, tier, ...filter }: ModelFilter): (one: Listed) => boolean {
  const available = filter.available ?? (filter.provider === undefined ? true : undefined);
  const provider = filter.provider?.trim().toLowerCase();
  const q = filter.q?.trim().toLowerCase() ?? '';
  return (one) =>
    (provider === undefined || one.provider === provider) &&
    (category === undefined || one.category === category) &&
    (capability === undefined || one.capabilities.includes(capability)) &&
    (tier === undefined || one.tier === tier) &&
    (available === undefined || one.available === available) &&
    (one.id.toLowerCase().includes(q) || one.name.toLowerCase().includes(q));
}
