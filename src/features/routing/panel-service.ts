import { and, asc, eq, gt, ne } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import type { PanelRequest } from '../../contracts/routing.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { claimIdempotencyKey, findIdempotencyKey } from '../../platform/idempotency/claim.ts';
import { isId, newId } from '../../platform/ids.ts';
import { loadCatalog } from '../catalog/index.ts';
import { forgetTenantRouting } from './load-tenant.ts';
import { requireNamedModel } from './named-models.ts';
import type { Page, PageRequest, RoutingContext } from './routing-context.ts';
import { routingPanels } from './schema.ts';
import type { PanelRow } from './stored.ts';
import { MAX_PANELS } from './tenant-routing.ts';

const ROUTE = 'POST /v1/routing/panels';

/**
 * Makes a panel. With an `Idempotency-Key`, the same request within 24 hours gives the same panel. Throws `ParallaxError`: `insufficient_scope` for a
 * viewer, `model_not_found`, `unsupported_parameter`, `conflict` (the name is taken, too many panels), `idempotency_mismatch`.
 */
export async function createPanel(
  context: RoutingContext,
  principal: Principal,
  request: PanelRequest,
  idempotencyKey: string | undefined,
): Promise<PanelRow> {
  const { env, clock } = context;
  const db = tenantDb(env.DB, principal);
  const now = clock.now();
  const claim = idempotencyKey === undefined ? null : { route: ROUTE, key: idempotencyKey, request, now };
  if (claim !== null) {
    const known = await findIdempotencyKey(env.DB, principal, claim);
    const row = known === null ? undefined : await rowOf(context, principal, known);
    if (row !== undefined) return row;
  }
  await checkModels(context, request);
  const existing = await db.select(routingPanels, { limit: MAX_PANELS });
  if (existing.some(({ name }) => name === request.name)) throw nameTaken(request.name);
  // Two requests at once may both see the last place free: a bound on memory, not on money.
  if (existing.length >= MAX_PANELS) {
    throw new ParallaxError('conflict', `A tenant has at most ${MAX_PANELS} panels. Delete one first.`);
  }
  let id = newId('panel', now);
  if (claim !== null)
    ({ resourceId: id } = await claimIdempotencyKey(env.DB, principal, { ...claim, resourceId: id }));
  const { name, ...panel } = request;
  await db.insert(routingPanels, [{ id, name, panel, createdAt: now, updatedAt: now }]);
  forgetTenantRouting(context.config, principal.tenantId);
  // A row whose name was taken in the meantime is not inserted.
  const row = await rowOf(context, principal, id);
  if (row === undefined) throw nameTaken(name);
  return row;
}

/** Replaces a panel. Throws as `createPanel`, and `not_found`. */
export async function replacePanel(
  context: RoutingContext,
  principal: Principal,
  id: string,
  request: PanelRequest,
): Promise<PanelRow> {
  const { env, clock } = context;
  await checkModels(context, request);
  const db = tenantDb(env.DB, principal);
  const { name, ...panel } = request;
  const other = and(eq(routingPanels.name, name), ne(routingPanels.id, id));
  if ((await db.first(routingPanels, other)) !== undefined) throw nameTaken(name);
  try {
    await db.update(routingPanels, { name, panel, updatedAt: clock.now() }, eq(routingPanels.id, id));
  } catch (error) {
    // Somebody else took the name after we had looked.
    if ((await db.first(routingPanels, other)) !== undefined) throw nameTaken(name);
    throw error;
  }
  forgetTenantRouting(context.config, principal.tenantId);
  return getPanel(context, principal, id);
}

/** Deletes a panel; rules that lead to it are passed over from then on. Throws `ParallaxError` `insufficient_scope`, `not_found`. */
export async function deletePanel(context: RoutingContext, principal: Principal, id: string): Promise<void> {
  const deleted = await tenantDb(context.env.DB, principal).delete(routingPanels, eq(routingPanels.id, id));
  forgetTenantRouting(context.config, principal.tenantId);
  if (deleted === 0) throw noSuchPanel();
}

/** A panel. Throws `ParallaxError` `not_found`. */
export async function getPanel(context: RoutingContext, principal: Principal, id: string): Promise<PanelRow> {
  const row = await rowOf(context, principal, id);
  if (row === undefined) throw noSuchPanel();
  return row;
}

/** Panels, oldest first. Throws `ParallaxError` `invalid_parameter` for a cursor that no list gave. */
export async function listPanels(
  context: RoutingContext,
  principal: Principal,
  { limit, cursor }: PageRequest,
): Promise<Page<PanelRow>> {
  if (cursor !== undefined && !isId('panel', cursor)) {
    throw new ParallaxError(
      'invalid_parameter',
      '`query.cursor`: must be a `next_cursor` of an earlier page.',
      { param: 'query.cursor' },
    );
  }
  const rows = await tenantDb(context.env.DB, principal).select(routingPanels, {
    where: cursor === undefined ? undefined : gt(routingPanels.id, cursor),
    orderBy: asc(routingPanels.id),
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  return { rows: page, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

async function checkModels({ env, config, clock }: RoutingContext, request: PanelRequest): Promise<void> {
  const catalog = await loadCatalog(env, config, clock);
  request.models.forEach((one, index) => {
    if (typeof one === 'string') requireNamedModel(catalog, one, `models[${index}]`);
    else requireNamedModel(catalog, one.model, `models[${index}].model`);
  });
  if (request.merge_model != null) requireNamedModel(catalog, request.merge_model, 'merge_model');
}

function rowOf({ env }: RoutingContext, principal: Principal, id: string): Promise<PanelRow | undefined> {
  return tenantDb(env.DB, principal).first(routingPanels, eq(routingPanels.id, id));
}

function nameTaken(name: string): ParallaxError {
  return new ParallaxError('conflict', `You have a panel "${name}" already.`, { param: 'name' });
}

function noSuchPanel(): ParallaxError {
  return new ParallaxError('not_found', 'There is no such panel.');
}
