import type { Principal } from '../../contracts/principal.ts';
import type { Task } from '../../contracts/routing.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger } from '../../platform/log.ts';
import { type Catalog, loadCatalog } from '../catalog/index.ts';
import { tenantKeysOf } from '../vault/index.ts';
import { decide } from './decide.ts';
import type { RoutingState } from './decision.ts';
import { routeExplicit } from './explicit.ts';
import type { Dice } from './explore.ts';
import type { LearnedFigures } from './figures.ts';
import type { WaitUntil } from './kept.ts';
import { type Knowledge, knowledgeOf } from './knowledge.ts';
import { loadFigures } from './load-figures.ts';
import { loadTenantRouting } from './load-tenant.ts';
import { panelNamed } from './panels.ts';
import type { Route, RouteRequest } from './route.ts';
import type { Panel, TenantRouting } from './tenant-routing.ts';

export interface RouterDependencies {
  readonly env: Pick<Env, 'DB'>;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Dice;
  /** Where it is given, no request waits for the database but the first of a tenant in an isolate. */
  readonly waitUntil?: WaitUntil;
}

/** Where a router gets what it decides by; the database and the catalog in production. */
export interface RouterSources {
  readonly catalog: (principal: Principal) => Promise<Catalog>;
  readonly learned: () => Promise<LearnedFigures>;
  readonly tenant: (principal: Principal) => Promise<TenantRouting>;
  readonly random: Dice;
}

export interface Router {
  /** Where a request goes. Throws `ParallaxError` as `decide` does. */
  route(principal: Principal, request: RouteRequest): Promise<Route>;
  /** Where a request would go; never explores. With a task, that is taken for the prompt's. Says the tenant's share of exploration beside it. */
  resolve(
    principal: Principal,
    request: RouteRequest,
    task?: Task,
  ): Promise<{ readonly route: Route; readonly state: RoutingState }>;
  /** A tenant's panel, or one that every tenant has, by its name without `parallax/`. */
  panel(principal: Principal, name: string): Promise<Panel | undefined>;
  /** The tenant's own panels. */
  panels(principal: Principal): Promise<readonly Panel[]>;
}

/** The router of a request. */
export function createRouter({ env, config, clock, random, waitUntil }: RouterDependencies): Router {
  return createRouterWith({
    catalog: async (principal) => {
      const context = {
        env,
        config,
        clock,
        log: createLogger({ part: 'router' }),
        waitUntil: waitUntil ?? (() => undefined),
      };
      const { providers } = await tenantKeysOf(context, { ...principal, requestId: null, reason: 'call' });
      return loadCatalog(env, config, clock, providers);
    },
    learned: () => loadFigures(env, config, clock, waitUntil),
    tenant: (principal) => loadTenantRouting(env, config, clock, principal, waitUntil),
    random,
  });
}

/** `createRouter` with its sources given. */
export function createRouterWith({ catalog: load, learned, tenant, random }: RouterSources): Router {
  const stateOf = async (principal: Principal): Promise<RoutingState> => {
    const [catalog, figures, set] = await Promise.all([load(principal), learned(), tenant(principal)]);
    return { catalog, knowledge: knowledgeFor(catalog, figures), tenant: set, dice: random };
  };
  return {
    async route(principal, request) {
      const explicit = routeExplicit(await load(principal), request);
      return explicit ?? decide(request, await stateOf(principal));
    },
    async resolve(principal, request, task) {
      const state = await stateOf(principal);
      const still = { ...state, tenant: { ...state.tenant, exploration: 0 }, task };
      return { route: decide(request, still), state };
    },
    async panel(principal, name) {
      const [catalog, set] = await Promise.all([load(principal), tenant(principal)]);
      return panelNamed(name, { catalog, tenant: set });
    },
    async panels(principal) {
      return (await tenant(principal)).panels;
    },
  };
}

/** Knowledge is worked out once for a catalog and what was learned, neither of which changes but by being replaced. */
const worked = new WeakMap<Catalog, { readonly learned: LearnedFigures; readonly knowledge: Knowledge }>();

export function knowledgeFor(catalog: Catalog, learned: LearnedFigures): Knowledge {
  let known = worked.get(catalog);
  if (known === undefined || known.learned !== learned) {
    known = { learned, knowledge: knowledgeOf(catalog.candidates(), learned) };
    worked.set(catalog, known);
  }
  return known.knowledge;
}
