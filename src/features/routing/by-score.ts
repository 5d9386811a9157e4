import { COMPONENTS, type OfferSort } from '../../contracts/routing.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { isSpecialOffer, knownFamilyOf, type Model } from '../catalog/index.ts';
import { ableOf, noneIsAble } from './ability.ts';
import type { Decision } from './decision.ts';
import { whyBest, whyTried } from './explain.ts';
import { explore } from './explore.ts';
import { fallbacksFor } from './fallbacks.ts';
import { type Narrowed, narrow, nothingLeft, type Preferences } from './preferences.ts';
import type { RouteExplanation } from './route.ts';
import { confidenceIn, normalised, type Scored, scoreModels, type Weights } from './score.ts';

const MAX_RUNNERS_UP = 5;

/**
 * What `auto` chooses among: models that can do what the request asks, of families that everyone knows where there is one (a stranger is
 * expected to be worse, but its price may be anything), without trial offers, and as preferences leave them.
 */
export function autoPool({ catalog, demand, preferences, request }: Decision): Model[] {
  if ((request.category ?? 'chat') !== 'chat') {
    throw new ParallaxError(
      'unsupported_parameter',
      `\`auto\` chooses among chat models. Name a model for ${request.category}.`,
      {
        param: 'model',
      },
    );
  }
  const candidates = catalog.candidates();
  if (candidates.length === 0) {
    throw new ParallaxError(
      'no_provider_key',
      'No model can be used: this deployment has no provider key. GET /v1/providers says what to set.',
    );
  }
  const { lasting, known: wellKnown } = sortedOut(candidates);
  const narrowed: Narrowed =
    preferences === null ? { offers: lasting, removedBy: null } : narrow(lasting, preferences, demand);
  if (narrowed.removedBy !== null) throw nothingLeft('any model', narrowed.removedBy);
  const able = ableOf(narrowed.offers, demand);
  if (able.length === 0) throw noneIsAble(narrowed.offers, demand);
  const known = able.filter((model) => wellKnown.has(model));
  return known.length > 0 ? known : able;
}

interface SortedOut {
  readonly lasting: readonly Model[];
  readonly known: ReadonlySet<Model>;
}

/** What their names say of candidates does not change, and to read it takes longer than to score them. */
const sorted = new WeakMap<readonly Model[], SortedOut>();

function sortedOut(candidates: readonly Model[]): SortedOut {
  let found = sorted.get(candidates);
  if (found === undefined) {
    found = {
      lasting: candidates.filter((model) => !isSpecialOffer(model)),
      known: new Set(candidates.filter((model) => knownFamilyOf(model) !== undefined)),
    };
    sorted.set(candidates, found);
  }
  return found;
}

/** A choice by score. */
export interface Choice {
  readonly first: Model;
  readonly fallbacks: Model[];
  readonly explanation: RouteExplanation;
  readonly ranked: readonly Scored[];
}

/** The best of some models for a request, or one that is tried in its place. */
export function best(decision: Decision, pool: readonly Model[]): Choice {
  const { demand, knowledge, tenant, dice, preferences, notes } = decision;
  const guess = decision.guess();
  const weights = weightsFor(tenant.weights, preferences?.sort?.by);
  const scored = scoreModels(pool, demand, guess, knowledge, weights);
  const ranked = preferences === null ? scored : preferred(scored, preferences);
  const [top] = ranked;
  if (top === undefined) throw noneIsAble(pool, demand);
  // Who says whom to ask first, or what counts most, does not want others tried.
  const asked = preferences !== null && (preferences.order.length > 0 || preferences.sort !== null);
  const tried = asked ? undefined : explore(ranked, tenant.exploration, dice);
  const chosen = tried ?? top;
  const runnersUp = ranked.filter((one) => one !== chosen).slice(0, MAX_RUNNERS_UP);
  const fallbacks = preferences?.allowFallbacks === false ? [] : fallbacksFor(chosen, ranked);
  return {
    first: chosen.model,
    fallbacks: fallbacks.map(({ model }) => model),
    ranked,
    explanation: {
      reason: tried === undefined ? whyBest(top, pool.length, guess) : whyTried(tried, top, guess),
      confidence: confidenceIn(chosen, runnersUp[0]),
      chosen,
      runnersUp,
      rule: null,
      exploration: tried !== undefined,
      notes,
    },
  };
}

/** Scored models in the order that preferences give their providers, each provider's own by score. */
function preferred(scored: readonly Scored[], { order }: Preferences): readonly Scored[] {
  if (order.length === 0) return scored;
  const place = ({ model }: Scored) => {
    const index = order.indexOf(model.provider);
    return index === -1 ? order.length : index;
  };
  return [...scored].sort((a, b) => place(a) - place(b));
}

/** What `sort` means where different models are weighed: that component gets this share, the others divide the rest as they stand. */
const SORT_SHARE = 0.6;

function weightsFor(weights: Weights, sort: OfferSort | undefined): Weights {
  if (sort === undefined) return weights;
  const shares = normalised(weights);
  const first = sort === 'price' ? 'cost' : 'latency';
  const rest = 1 - shares[first];
  return Object.fromEntries(
    COMPONENTS.map((component) => [
      component,
      component === first ? SORT_SHARE : rest === 0 ? 0 : ((1 - SORT_SHARE) * shares[component]) / rest,
    ]),
  ) as Weights & Record<(typeof COMPONENTS)[number], number>;
}
