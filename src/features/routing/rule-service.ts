import { and, asc, eq, gt, or } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import type { RuleRequest, RuleTarget } from '../../contracts/routing.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { claimIdempotencyKey, findIdempotencyKey } from '../../platform/idempotency/claim.ts';
import { isId, newId } from '../../platform/ids.ts';
import { type Catalog, loadCatalog } from '../catalog/index.ts';
import { forgetTenantRouting } from './load-tenant.ts';
import { requireNamedModel } from './named-models.ts';
import { panelNamed } from './panels.ts';
import { PANEL_PREFIX } from './route.ts';
import type { Page, PageRequest, RoutingContext } from './routing-context.ts';
import { routingRules } from './schema.ts';
import type { RuleRow } from './stored.ts';
import { MAX_RULES, type TenantRouting } from './tenant-routing.ts';
import { readTenantRouting } from './tenant-store.ts';

const ROUTE = 'POST /v1/routing/rules';

/**
 * Makes a rule. With an `Idempotency-Key`, the same request within 24 hours gives the same rule. Throws `ParallaxError`: `insufficient_scope` for a
 * viewer, `model_not_found`, `unsupported_parameter`, `invalid_parameter` (a panel that is not there), `conflict` (too many rules), `idempotency_mismatch`.
 */
export async function createRule(
  context: RoutingContext,
  principal: Principal,
  request: RuleRequest,
  idempotencyKey: string | undefined,
): Promise<RuleRow> {
  const { env, clock } = context;
  const now = clock.now();
  const claim = idempotencyKey === undefined ? null : { route: ROUTE, key: idempotencyKey, request, now };
  if (claim !== null) {
    const known = await findIdempotencyKey(env.DB, principal, claim);
    const row = known === null ? undefined : await rowOf(context, principal, known);
    if (row !== undefined) return row;
  }
  const existing = await readTenantRouting(env.DB, principal);
  // Two requests at once may both see the last place free: a bound on memory, not on money.
  if (existing.rules.length >= MAX_RULES) {
    throw new ParallaxError('conflict', `A tenant has at most ${MAX_RULES} rules. Delete one, or join some.`);
  }
  const checked = await checkedRule(context, request, existing);
  let id = newId('rule', now);
  if (claim !== null)
    ({ resourceId: id } = await claimIdempotencyKey(env.DB, principal, { ...claim, resourceId: id }));
  await tenantDb(env.DB, principal).insert(routingRules, [
    { id, ...checked, createdAt: now, updatedAt: now },
  ]);
  return written(context, principal, id);
}

/** Replaces a rule. Throws as `createRule`, and `not_found`. */
export async function replaceRule(
  context: RoutingContext,
  principal: Principal,
  id: string,
  request: RuleRequest,
): Promise<RuleRow> {
  const { env, clock } = context;
  const checked = await checkedRule(context, request, await readTenantRouting(env.DB, principal));
  await tenantDb(env.DB, principal).update(
    routingRules,
    { ...checked, updatedAt: clock.now() },
    eq(routingRules.id, id),
  );
  return written(context, principal, id);
}

/** Deletes a rule. Throws `ParallaxError` `insufficient_scope`, `not_found`. */
export async function deleteRule(context: RoutingContext, principal: Principal, id: string): Promise<void> {
  const deleted = await tenantDb(context.env.DB, principal).delete(routingRules, eq(routingRules.id, id));
  forgetTenantRouting(context.config, principal.tenantId);
  if (deleted === 0) throw noSuchRule();
}

/** A rule. Throws `ParallaxError` `not_found`. */
export async function getRule(context: RoutingContext, principal: Principal, id: string): Promise<RuleRow> {
  const row = await rowOf(context, principal, id);
  if (row === undefined) throw noSuchRule();
  return row;
}

/** Rules in the order in which they are looked at. Throws `ParallaxError` `invalid_parameter` for a cursor that no list gave. */
export async function listRules(
  context: RoutingContext,
  principal: Principal,
  { limit, cursor }: PageRequest,
): Promise<Page<RuleRow>> {
  const after = cursor === undefined ? undefined : placeOf(cursor);
  const rows = await tenantDb(context.env.DB, principal).select(routingRules, {
    where:
      after === undefined
        ? undefined
        : or(
            gt(routingRules.priority, after.priority),
            and(eq(routingRules.priority, after.priority), gt(routingRules.id, after.id)),
          ),
    orderBy: [asc(routingRules.priority), asc(routingRules.id)],
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    nextCursor: rows.length > limit && last !== undefined ? `${last.priority}.${last.id}` : null,
  };
}

/**
 * A rule as it is kept, every name in it checked; `parallax/<name>` as a model means the panel. Throws `ParallaxError` `model_not_found`,
 * `unsupported_parameter`, `invalid_parameter`.
 */
export async function checkedRule<Request extends Pick<RuleRequest, 'target' | 'fallbacks'>>(
  { env, config, clock }: RoutingContext,
  request: Request,
  tenant: TenantRouting,
): Promise<Request> {
  const catalog = await loadCatalog(env, config, clock);
  request.fallbacks.forEach((name, index) => {
    requireNamedModel(catalog, name, `fallbacks[${index}]`);
  });
  return { ...request, target: checkedTarget(request.target, catalog, tenant) };
}

function checkedTarget(target: RuleTarget, catalog: Catalog, tenant: TenantRouting): RuleTarget {
  if ('auto' in target) {
    target.auto.forEach((name, index) => {
      requireNamedModel(catalog, name, `target.auto[${index}]`);
    });
    return target;
  }
  const named = 'panel' in target ? target.panel : target.model;
  const prefixed = named.toLowerCase().startsWith(PANEL_PREFIX);
  if ('model' in target && !prefixed) {
    requireNamedModel(catalog, target.model, 'target.model');
    return target;
  }
  const panel = (prefixed ? named.slice(PANEL_PREFIX.length) : named).toLowerCase();
  if (panelNamed(panel, { catalog, tenant }) === undefined) {
    throw new ParallaxError(
      'invalid_parameter',
      `\`target.panel\`: there is no panel "${panel}". GET /v1/routing/panels lists yours.`,
      { param: 'target.panel' },
    );
  }
  return { panel };
}

/** The row that was just written; this isolate's requests follow it from now on. */
async function written(context: RoutingContext, principal: Principal, id: string): Promise<RuleRow> {
  forgetTenantRouting(context.config, principal.tenantId);
  return getRule(context, principal, id);
}

function rowOf({ env }: RoutingContext, principal: Principal, id: string): Promise<RuleRow | undefined> {
  return tenantDb(env.DB, principal).first(routingRules, eq(routingRules.id, id));
}

function placeOf(cursor: string): { readonly priority: number; readonly id: string } {
  const [priority = '', id = ''] = cursor.split('.');
  if (/^\d{1,7}$/.test(priority) && isId('rule', id)) return { priority: Number(priority), id };
  throw new ParallaxError(
    'invalid_parameter',
    '`query.cursor`: must be a `next_cursor` of an earlier page.',
    {
      param: 'query.cursor',
    },
  );
}

function noSuchRule(): ParallaxError {
  return new ParallaxError('not_found', 'There is no such routing rule.');
}
