import type { Category } from '../../contracts/models.ts';
import type { Principal } from '../../contracts/principal.ts';
import { type ProviderPreferences, providerPreferencesSchema } from '../../contracts/routing.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { validate } from '../../platform/http/read-json.ts';
import type { Catalog } from '../catalog/index.ts';
import { createRouter, type Route, type Router, routeExplicit, routeHeader } from '../routing/index.ts';
import type { RoutedConversation } from './prompt-features.ts';
import type { Choice } from './serving.ts';

/** What of a request decides where it goes. */
export interface RoutedCall {
  readonly model: string;
  readonly models: readonly string[];
  /** `provider` as it came. */
  readonly provider: unknown;
  readonly category: Category;
  readonly inputTokens: number;
  readonly maxTokens: number | null;
  /** Asked for only when there is something to decide. */
  readonly conversation: () => RoutedConversation;
}

/**
 * Where a request goes. One that names its models and says nothing of providers costs a look into the catalog; for all others the router decides. Throws
 * `ParallaxError` as the router does, and `invalid_parameter` for a `provider` that cannot be read.
 */
export async function chooseRoute(
  c: AppContext,
  catalog: Catalog,
  principal: Principal,
  call: RoutedCall,
): Promise<Route> {
  const { model, models, category, inputTokens, maxTokens } = call;
  const preferences = preferencesIn(call.provider);
  const named = routeExplicit(catalog, { model, models, preferences, category });
  if (named !== undefined) return named;
  return routerOf(c).route(principal, {
    model,
    models,
    preferences,
    category,
    inputTokens,
    maxOutputTokens: maxTokens,
    ...call.conversation(),
  });
}

/** The models of a route, and the header that explains one that the router decided. */
export function choiceOf(route: Route): Choice {
  const { targets, chosenBy, task, explanation } = route;
  const decided = chosenBy !== 'explicit' || explanation.notes.length > 0;
  return {
    models: targets,
    chosenBy,
    task: task?.task ?? null,
    headers: decided ? { 'x-parallax-route': routeHeader(route) } : {},
  };
}

/** The router of a request; what it has to fetch anew goes on beside the answer. */
export function routerOf(c: AppContext): Router {
  return createRouter({
    env: c.env,
    config: c.get('config'),
    clock: c.get('clock'),
    random: Math.random,
    waitUntil: (work) => c.executionCtx.waitUntil(work),
  });
}

function preferencesIn(provider: unknown): ProviderPreferences | null {
  if (provider === undefined || provider === null) return null;
  const { require_parameters, ...asked } = validate(providerPreferencesSchema, provider, 'provider');
  // That models may leave out what they cannot do asks nothing of who serves them.
  if (Object.keys(asked).length === 0 && require_parameters !== true) return null;
  return { ...asked, require_parameters };
}
