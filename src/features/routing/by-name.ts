import type { ParallaxError } from '../../platform/errors.ts';
import type { Model } from '../catalog/index.ts';
import type { ChosenBy } from '../metering/index.ts';
import { ableOf } from './ability.ts';
import { autoPool, best } from './by-score.ts';
import { type Decision, routeTo } from './decision.ts';
import { estimateCall } from './estimate.ts';
import { noKey, requireCategory, unique } from './explicit.ts';
import { arrange, narrow, nothingLeft } from './preferences.ts';
import { isAuto, plainly, type Route } from './route.ts';
import { scoreModels } from './score.ts';
import { certainTask } from './task/classify.ts';

/** The route of a request that names models, with preferences, an alias or a name that several providers have among them. */
export function byName(decision: Decision): Route {
  const { request, catalog, preferences, notes } = decision;
  const names = [request.model, ...request.models];
  const refusals: ParallaxError[] = [];
  const lists = names.map((name): readonly Model[] => {
    if (isAuto(name)) return fallbacksNamed(decision, name);
    const { offers, refusal } = offersOf(decision, name);
    if (refusal !== undefined) {
      refusals.push(refusal);
      notes.push(refusal.message);
    }
    return offers;
  });
  const acrossModels = preferences?.sort?.acrossModels === true;
  const targets =
    acrossModels && preferences !== null
      ? arrange(unique(lists.flat()), preferences, offerFigures(decision))
      : unique(lists.flat());
  const [first] = targets;
  if (first === undefined) throw refusals[0] ?? noKey([]);
  const alias = catalog.isAlias(request.model);
  const byFirst = lists[0]?.includes(first) === true;
  const chosenBy: ChosenBy = byFirst ? (alias ? 'alias' : 'explicit') : 'fallback';
  return routeTo(decision, targets, chosenBy, plainly(whyNamed(decision, first, chosenBy), notes));
}

function whyNamed({ request, preferences }: Decision, first: Model, chosenBy: ChosenBy): string {
  const by = preferences === null ? '' : ', by its provider preferences';
  if (chosenBy === 'fallback')
    return `${request.model} cannot be used; ${first.id} is the next that the request names${by}.`;
  if (chosenBy === 'alias') return `"${request.model}" stands for ${first.id}${by}.`;
  return first.id.toLowerCase() === request.model.trim().toLowerCase()
    ? 'The request names the model.'
    : `"${request.model}" is served as ${first.id}${by}.`;
}

/** What a name in `models` stands for behind a first choice that was not named. Notes what cannot be used. */
export function fallbacksNamed(decision: Decision, name: string): Model[] {
  if (isAuto(name)) return [best(decision, autoPool(decision)).first];
  const { offers, refusal } = offersOf(decision, name);
  if (refusal !== undefined) decision.notes.push(refusal.message);
  return offers;
}

/**
 * The offers of a named model in the order in which they are tried, or why there is none. Without preferences a name that means one model has that one
 * alone, and a name that several providers have is served by the best of them. Throws `ParallaxError` `model_not_found` for a name that means nothing: a misspelt
 * fallback must not be noticed only when it is needed.
 */
function offersOf(
  decision: Decision,
  name: string,
): { readonly offers: Model[]; readonly refusal?: ParallaxError } {
  const { catalog, demand, preferences, request } = decision;
  const named = catalog.find(name);
  const offers = catalog.offers(name);
  // Not known at all, or known to several providers of which none can be called: the catalog has the sentence for either.
  if (named === undefined && offers.length === 0) catalog.require(name);
  for (const model of named === undefined ? offers : [named]) requireCategory(model, request.category);
  if (preferences === null) {
    if (named === undefined) return { offers: ranked(decision, ableOrAll(offers, decision)) };
    return catalog.isAvailable(named) ? { offers: [named] } : { offers: [], refusal: noKey([named]) };
  }
  if (offers.length === 0) return { offers, refusal: noKey(named === undefined ? [] : [named]) };
  const narrowed = narrow(offers, preferences, demand);
  if (narrowed.removedBy !== null) return { offers: [], refusal: nothingLeft(name, narrowed.removedBy) };
  const first = narrowed.offers.filter(({ id }) => id === named?.id);
  const others = ableOrAll(
    narrowed.offers.filter(({ id }) => id !== named?.id),
    decision,
  );
  return {
    offers: arrange([...first, ...ranked(decision, others)], preferences, offerFigures(decision)),
  };
}

/** The offers that can do all that the request asks; all of them where none can, for the request names the model. */
function ableOrAll(offers: readonly Model[], { demand }: Decision): readonly Model[] {
  const able = ableOf(offers, demand);
  return able.length > 0 ? able : offers;
}

/**
 * Offers of one model by score. The model is the same, so its quality does not matter, nor does the task. Azure's last, for a deployment of that name
 * may not be there.
 */
function ranked({ demand, knowledge, tenant }: Decision, offers: readonly Model[]): Model[] {
  const scored = scoreModels(offers, demand, certainTask('chat'), knowledge, tenant.weights);
  const byScore = scored.map(({ model }) => model);
  return [
    ...byScore.filter(({ provider }) => provider !== 'azure'),
    ...byScore.filter(({ provider }) => provider === 'azure'),
  ];
}

function offerFigures({ demand, knowledge }: Decision) {
  return (offer: Model) => {
    const figures = knowledge.figures(offer);
    const { costNano, firstTokenMs } = estimateCall(offer, figures, certainTask('chat'), demand);
    return { costNano, firstTokenMs, msPerToken: Math.exp(figures.perToken.mean) };
  };
}
