import { and, asc, eq, gt, ne } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import type { CreateVaultRequest, UpdateVaultRequest, VaultView } from '../../contracts/vault.ts';
import { iso } from '../../platform/clock.ts';
import { type TenantDb, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { claimIdempotencyKey } from '../../platform/idempotency/claim.ts';
import { type IdKind, isId, newId } from '../../platform/ids.ts';
import type { VaultContext } from './provider-key-service.ts';
import { type VaultRow, vaultSecrets, vaults } from './schema.ts';

/** Most vaults of a tenant. */
export const MAX_VAULTS = 100;
const ROUTE = 'POST /v1/vaults';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

/** Something made, and whether by an earlier request with the same `Idempotency-Key`. */
export interface Made<View> {
  readonly view: View;
  readonly replayed: boolean;
}

/** Makes a vault. Throws `ParallaxError`: `conflict` (the name is taken, too many), `idempotency_mismatch`. */
export async function createVault(
  { env, clock }: VaultContext,
  principal: Principal,
  request: CreateVaultRequest,
  idempotencyKey: string | undefined,
): Promise<Made<VaultView>> {
  const db = tenantDb(env.DB, principal);
  const now = clock.now();
  let id = newId('vault', now);
  if (idempotencyKey !== undefined) {
    const claim = { route: ROUTE, key: idempotencyKey, request, resourceId: id, now };
    ({ resourceId: id } = await claimIdempotencyKey(env.DB, principal, claim));
  }
  const earlier = await db.first(vaults, eq(vaults.id, id));
  if (earlier !== undefined) return { view: vaultView(earlier), replayed: true };
  const existing = await db.select(vaults, { limit: MAX_VAULTS });
  if (existing.some(({ name }) => name === request.name)) throw nameTaken(request.name);
  // Two requests at once may both see the last place free: a bound on size, not on money.
  if (existing.length >= MAX_VAULTS)
    throw new ParallaxError('conflict', `A tenant has at most ${MAX_VAULTS} vaults. Delete one first.`);
  const { name, description = null } = request;
  await db.insert(vaults, [{ id, name, description, createdAt: now, updatedAt: now }]);
  // A row whose name was taken in the meantime is not inserted.
  const row = await db.first(vaults, eq(vaults.id, id));
  if (row === undefined) throw nameTaken(name);
  return { view: vaultView(row), replayed: false };
}

/** Vaults, oldest first. Throws `invalid_parameter` for a cursor that no list gave. */
export async function listVaults(
  { env }: VaultContext,
  principal: Principal,
  { limit, cursor }: PageRequest,
): Promise<Page<VaultView>> {
  requireCursor('vault', cursor);
  const rows = await tenantDb(env.DB, principal).select(vaults, {
    where: cursor === undefined ? undefined : gt(vaults.id, cursor),
    orderBy: asc(vaults.id),
    limit: limit + 1,
  });
  return pageOf(rows, limit, vaultView);
}

/** A vault. Throws `not_found`. */
export async function getVault({ env }: VaultContext, principal: Principal, id: string): Promise<VaultView> {
  return vaultView(await requireVault(tenantDb(env.DB, principal), id));
}

/** Changes a vault's name or description. Throws `not_found`, `conflict` (the name is taken). */
export async function updateVault(
  { env, clock }: VaultContext,
  principal: Principal,
  id: string,
  { name, description }: UpdateVaultRequest,
): Promise<VaultView> {
  const db = tenantDb(env.DB, principal);
  await requireVault(db, id);
  const taken = (other: string) => db.first(vaults, and(eq(vaults.name, other), ne(vaults.id, id)));
  if (name !== undefined && (await taken(name)) !== undefined) throw nameTaken(name);
  try {
    await db.update(
      vaults,
      {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        updatedAt: clock.now(),
      },
      eq(vaults.id, id),
    );
  } catch (error) {
    // Somebody else took the name after we had looked.
    if (name !== undefined && (await taken(name)) !== undefined) throw nameTaken(name);
    throw error;
  }
  return vaultView(await requireVault(db, id));
}

/** Deletes a vault with all that is in it. Throws `not_found`. */
export async function deleteVault({ env }: VaultContext, principal: Principal, id: string): Promise<void> {
  const db = tenantDb(env.DB, principal);
  await requireVault(db, id);
  // The secrets first: a deletion that stops in between can be repeated. And once more, for one that came in meanwhile.
  await db.delete(vaultSecrets, eq(vaultSecrets.vaultId, id));
  await db.delete(vaults, eq(vaults.id, id));
  await db.delete(vaultSecrets, eq(vaultSecrets.vaultId, id));
}

/** The vault's row. Throws `not_found`, also for another tenant's. */
export async function requireVault(db: TenantDb, id: string): Promise<VaultRow> {
  const row = await db.first(vaults, eq(vaults.id, id));
  if (row === undefined) throw new ParallaxError('not_found', 'There is no such vault.');
  return row;
}

/** Throws `invalid_parameter` for a cursor that no list gave. */
export function requireCursor(kind: IdKind, cursor: string | undefined): void {
  if (cursor === undefined || isId(kind, cursor)) return;
  throw new ParallaxError(
    'invalid_parameter',
    '`query.cursor`: must be a `next_cursor` of an earlier page.',
    { param: 'query.cursor' },
  );
}

/** A page of rows that were read one beyond it. Pure. */
export function pageOf<Row extends { readonly id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
): Page<Item> {
  const page = rows.slice(0, limit);
  return { data: page.map(view), nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

function vaultView(row: VaultRow): VaultView {
  return {
    id: row.id,
    object: 'vault',
    name: row.name,
    description: row.description,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

function nameTaken(name: string): ParallaxError {
  return new ParallaxError('conflict', `You have a vault "${name}" already.`, { param: 'name' });
}
