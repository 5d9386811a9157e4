import { ParallaxError } from '../../platform/errors.ts';
import type { Catalog, Model } from '../catalog/index.ts';
import {
  isAuto,
  isPanelName,
  plainly,
  type Route,
  type RouteExplanation,
  type RouteRequest,
} from './route.ts';

const NAMED: RouteExplanation = plainly('The request names the model.');

/**
 * The route of a request that names its models and asks nothing of their providers: what most requests are. Looks at nothing but the catalog, so
 * that it costs next to nothing; undefined when there is more to decide (`auto`, an alias, a panel, preferences, a name that several providers
 * have or none). Throws `ParallaxError`: `no_provider_key` when none of the named models can be called, `unsupported_parameter` for one that is for something
 * else than chat.
 */
export function routeExplicit(
  catalog: Catalog,
  request: Pick<RouteRequest, 'model' | 'models' | 'preferences' | 'category'>,
): Route | undefined {
  if (request.preferences !== null) return undefined;
  const first = namedModel(catalog, request.model);
  if (first === undefined) return undefined;
  const named = [first];
  for (const name of request.models) {
    const model = namedModel(catalog, name);
    if (model === undefined) return undefined;
    named.push(model);
  }
  for (const model of named) requireCategory(model, request.category);
  const usable = named.filter((model) => catalog.isAvailable(model));
  if (usable.length === 0) throw noKey(named);
  return {
    targets: usable.length === 1 ? usable : unique(usable),
    chosenBy: usable[0] === first ? 'explicit' : 'fallback',
    panel: null,
    task: null,
    ruleId: null,
    explanation:
      usable[0] === first
        ? NAMED
        : plainly(
            `${first.id} cannot be called: there is no key for ${first.provider}. The next that the request names is taken.`,
          ),
  };
}

/** The model that a name means by itself; undefined for everything that may mean another one tomorrow. */
function namedModel(catalog: Catalog, name: string): Model | undefined {
  if (isAuto(name) || isPanelName(name) || catalog.isAlias(name)) return undefined;
  return catalog.find(name);
}

/** Throws `ParallaxError` `unsupported_parameter` for a model that is for something else. */
export function requireCategory(model: Model, category: RouteRequest['category'] = 'chat'): void {
  if (model.category === category) return;
  throw new ParallaxError(
    'unsupported_parameter',
    `${model.id} is a model for ${model.category}, not for ${category}.`,
    { param: 'model' },
  );
}

/** The error when none of the models that a request means can be called. */
export function noKey(models: readonly Model[]): ParallaxError {
  const providers = [...new Set(models.map(({ provider }) => provider))];
  const names = unique(models).map(({ id }) => id);
  return new ParallaxError(
    'no_provider_key',
    `${names.slice(0, 5).join(', ')} cannot be called: there is no usable key for ${providers.slice(0, 5).join(', ')}. GET /v1/providers says what each needs.`,
    { details: { providers } },
  );
}

export function unique(models: readonly Model[]): Model[] {
  return [...new Map(models.map((model) => [model.id, model])).values()];
}
