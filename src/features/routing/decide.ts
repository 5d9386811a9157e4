import { ParallaxError } from '../../platform/errors.ts';
import { byName, fallbacksNamed } from './by-name.ts';
import { byRule } from './by-rule.ts';
import { autoPool, best } from './by-score.ts';
import { begin, type Decision, type RoutingState, routeTo } from './decision.ts';
import { eitherOf } from './explain.ts';
import { noKey, routeExplicit } from './explicit.ts';
import { modelsOf, panelNamed, usableModels } from './panels.ts';
import { isAuto, isPanelName, PANEL_PREFIX, plainly, type Route, type RouteRequest } from './route.ts';

/**
 * Chooses where a request goes: the models that it names, a tenant's rule, or the best by score. Pure but for the dice. Throws `ParallaxError`:
 * `model_not_found` (with the nearest names), `no_provider_key`, `unsupported_parameter` (names what no model can do),
 * `invalid_parameter` (preferences that cannot be kept, or that leave nothing).
 */
export function decide(request: RouteRequest, state: RoutingState): Route {
  const explicit = routeExplicit(state.catalog, request);
  if (explicit !== undefined) return explicit;
  const decision = begin(request, state);
  if (isPanelName(request.model)) return namedPanel(decision);
  if (reachedByRules(decision)) {
    const ruled = byRule(decision);
    if (ruled !== undefined) return ruled;
  }
  return isAuto(request.model) ? byScore(decision) : byName(decision);
}

function namedPanel(decision: Decision): Route {
  const name = decision.request.model.trim().slice(PANEL_PREFIX.length);
  const panel = panelNamed(name, decision);
  if (panel === undefined) {
    const own = decision.tenant.panels.map((one) => `${PANEL_PREFIX}${one.name}`);
    throw new ParallaxError(
      'model_not_found',
      `There is no panel "${name.slice(0, 60)}". ${own.length === 0 ? 'You have none of your own' : `Yours are ${eitherOf(own.slice(0, 5))}`}; GET /v1/routing/panels lists them.`,
      { param: 'model', details: { nearest: own.slice(0, 3) } },
    );
  }
  if (decision.preferences !== null) {
    throw new ParallaxError(
      'invalid_parameter',
      '`provider`: a panel asks the models that it names, wherever they are. Leave `provider` out, or name a model.',
      { param: 'provider' },
    );
  }
  const targets = usableModels(panel, decision.catalog);
  if (targets.length === 0) throw noKey(modelsOf(panel, decision.catalog));
  return routeTo(decision, targets, 'explicit', plainly(`The request names the panel "${panel.name}".`), {
    panel,
  });
}

/** Rules decide where nobody has named a model: for `auto`, aliases, and names that only a rule gives a meaning. */
function reachedByRules({ request: { model }, catalog, tenant }: Decision): boolean {
  if (tenant.rules.length === 0) return false;
  if (isAuto(model) || catalog.isAlias(model)) return true;
  return catalog.find(model) === undefined && catalog.offers(model).length === 0;
}

function byScore(decision: Decision): Route {
  const { request } = decision;
  const choice = best(decision, autoPool(decision));
  // Who names fallbacks gets those; the next best otherwise.
  const next =
    request.models.length > 0
      ? request.models.flatMap((name) => fallbacksNamed(decision, name))
      : choice.fallbacks;
  return routeTo(decision, [choice.first, ...next], 'auto', choice.explanation);
}
