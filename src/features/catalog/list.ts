import type { Capability, Category, ModelView, Tier } from '../../contracts/models.ts';
import type { Catalog } from './catalog.ts';
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

/**
 * A page of the models that match, by id. Without `available` a list has what can be used; naming a provider lists all that it has, for then
 * the question is what it offers. Hidden models are in no list. `cursor` is the id that the page before ended with.
 */
export function listModels(catalog: Catalog, filter: ModelFilter, limit: number, cursor?: string): ModelPage {
  const available = filter.available ?? (filter.provider === undefined ? true : undefined);
  const provider = filter.provider?.trim().toLowerCase();
  const q = filter.q?.trim().toLowerCase() ?? '';
  const matching = catalog
    .all()
    .filter(
      (model) =>
        !model.hidden &&
        (cursor === undefined || model.id > cursor) &&
        (provider === undefined || model.provider === provider) &&
        (filter.category === undefined || model.category === filter.category) &&
        (filter.capability === undefined || model.capabilities.includes(filter.capability)) &&
        (filter.tier === undefined || model.tier === filter.tier) &&
        (available === undefined || catalog.isAvailable(model) === available) &&
        (model.id.toLowerCase().includes(q) || model.name.toLowerCase().includes(q)),
    );
  const page = matching.slice(0, limit);
  return {
    data: page.map((model) => modelView(model, catalog.isAvailable(model))),
    nextCursor: matching.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
