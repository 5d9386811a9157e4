import { and, asc, eq, gt } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import type {
  AccessReason,
  CreateVaultSecretRequest,
  RotateVaultSecretRequest,
  VaultSecretView,
} from '../../contracts/vault.ts';
import { iso } from '../../platform/clock.ts';
import { utf8 } from '../../platform/crypto.ts';
import { type TenantDb, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { claimIdempotencyKey } from '../../platform/idempotency/claim.ts';
import { newId } from '../../platform/ids.ts';
import { noteAccess } from './access-log.ts';
import { dataKeyOf, existingDataKey } from './data-keys.ts';
import { previewOf } from './key-settings.ts';
import { masterKeysOf, requestTag } from './master-keys.ts';
import type { VaultContext } from './provider-key-service.ts';
import { type VaultSecretRow, vaultSecrets, vaults } from './schema.ts';
import { open, seal } from './sealing.ts';
import type { TenantKeysContext } from './tenant-keys.ts';
import {
  type Made,
  type Page,
  type PageRequest,
  pageOf,
  requireCursor,
  requireVault,
} from './vault-service.ts';

/** Most secrets of a vault. */
export const MAX_SECRETS = 200;

/** Seals a secret in a vault. Throws `ParallaxError`: `not_found`, `conflict` (the name is taken, too many), `idempotency_mismatch`, `unavailable`. */
export async function createSecret(
  context: VaultContext,
  principal: Principal,
  vaultId: string,
  request: CreateVaultSecretRequest,
  idempotencyKey: string | undefined,
): Promise<Made<VaultSecretView>> {
  const { env, config, clock } = context;
  const db = tenantDb(env.DB, principal);
  await requireVault(db, vaultId);
  const masters = await masterKeysOf(config);
  const now = clock.now();
  let id = newId('vaultSecret', now);
  if (idempotencyKey !== undefined) {
    const tagged = { ...request, vaultId, value: await requestTag(config, request.value) };
    const route = 'POST /v1/vaults/{id}/secrets';
    const claim = { route, key: idempotencyKey, request: tagged, resourceId: id, now };
    ({ resourceId: id } = await claimIdempotencyKey(env.DB, principal, claim));
  }
  const earlier = await db.first(vaultSecrets, inVault(vaultId, id));
  if (earlier !== undefined) return { view: secretView(earlier, now), replayed: true };
  const existing = await db.select(vaultSecrets, {
    where: eq(vaultSecrets.vaultId, vaultId),
    limit: MAX_SECRETS,
  });
  if (existing.some(({ name }) => name === request.name)) throw nameTaken(request.name);
  if (existing.length >= MAX_SECRETS)
    throw new ParallaxError('conflict', `A vault has at most ${MAX_SECRETS} secrets. Delete one first.`);
  const dataKey = await dataKeyOf(env.DB, principal.tenantId, masters, clock);
  await db.insert(vaultSecrets, [
    {
      id,
      vaultId,
      name: request.name,
      sealed: await sealed(dataKey, principal, { id, version: 1 }, request.value),
      version: 1,
      preview: previewOf(request.value),
      expiresAt: timeOf(request.expires_at),
      createdAt: now,
      updatedAt: now,
    },
  ]);
  const row = await db.first(vaultSecrets, inVault(vaultId, id));
  if (row === undefined) throw nameTaken(request.name);
  // The vault may have been deleted since it was looked at; nothing stays behind then.
  if ((await db.first(vaults, eq(vaults.id, vaultId))) === undefined) {
    await db.delete(vaultSecrets, inVault(vaultId, id));
    await requireVault(db, vaultId);
  }
  return { view: secretView(row, now), replayed: false };
}

/** A vault's secrets, oldest first, without their values. Throws `not_found`, `invalid_parameter`. */
export async function listSecrets(
  { env, clock }: VaultContext,
  principal: Principal,
  vaultId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<VaultSecretView>> {
  requireCursor('vaultSecret', cursor);
  const db = tenantDb(env.DB, principal);
  await requireVault(db, vaultId);
  const rows = await db.select(vaultSecrets, {
    where: and(
      eq(vaultSecrets.vaultId, vaultId),
      cursor === undefined ? undefined : gt(vaultSecrets.id, cursor),
    ),
    orderBy: asc(vaultSecrets.id),
    limit: limit + 1,
  });
  const now = clock.now();
  return pageOf(rows, limit, (row) => secretView(row, now));
}

/** A secret without its value. Throws `not_found`. */
export async function getSecret(
  { env, clock }: VaultContext,
  principal: Principal,
  vaultId: string,
  id: string,
): Promise<VaultSecretView> {
  return secretView(await requireSecret(tenantDb(env.DB, principal), vaultId, id), clock.now());
}

/** Puts another value in a secret's place; its end too, where one is given. Throws `not_found`, `conflict` when it was rotated at the same time. */
export async function rotateSecret(
  { env, config, clock }: VaultContext,
  principal: Principal,
  vaultId: string,
  id: string,
  request: RotateVaultSecretRequest,
): Promise<VaultSecretView> {
  const db = tenantDb(env.DB, principal);
  const row = await requireSecret(db, vaultId, id);
  const dataKey = await dataKeyOf(env.DB, principal.tenantId, await masterKeysOf(config), clock);
  const version = row.version + 1;
  const changed = await db.update(
    vaultSecrets,
    {
      sealed: await sealed(dataKey, principal, { id, version }, request.value),
      version,
      preview: previewOf(request.value),
      updatedAt: clock.now(),
      ...(request.expires_at === undefined ? {} : { expiresAt: timeOf(request.expires_at) }),
    },
    and(inVault(vaultId, id), eq(vaultSecrets.version, row.version)),
  );
  const after = await requireSecret(db, vaultId, id);
  if (changed === 0)
    throw new ParallaxError('conflict', 'The secret was rotated meanwhile. Look at it, and try again.');
  return secretView(after, clock.now());
}

/** Deletes a secret. Throws `not_found`. */
export async function deleteSecret(
  { env }: VaultContext,
  principal: Principal,
  vaultId: string,
  id: string,
): Promise<void> {
  const deleted = await tenantDb(env.DB, principal).delete(vaultSecrets, inVault(vaultId, id));
  if (deleted === 0) throw noSuchSecret();
}

/** Whose secret is opened, which one, and why: what the access log says. */
export interface SecretUse {
  readonly tenantId: string;
  readonly userId: string | null;
  readonly requestId: string | null;
  readonly reason: Extract<AccessReason, 'scrape' | 'webhook'>;
  readonly vaultId: string;
  readonly name: string;
}

/**
 * A secret's value for one call of the platform's own, noted in the access log; no route leads here. Null where there is none of that name or it has expired. Read
 * anew each time, so that a rotation or deletion holds at once. Throws `SealBroken`.
 */
export async function openSecret(context: TenantKeysContext, use: SecretUse): Promise<string | null> {
  const { env, config, clock, log, waitUntil } = context;
  const { tenantId, vaultId, name } = use;
  const masters = await masterKeysOf(config);
  const row = await tenantDb(env.DB, { tenantId }).first(
    vaultSecrets,
    and(eq(vaultSecrets.vaultId, vaultId), eq(vaultSecrets.name, name)),
  );
  if (row === undefined || isExpired(row, clock.now())) return null;
  const dataKey = await existingDataKey(env.DB, tenantId, masters);
  if (dataKey === null) throw new Error('a sealed secret without a data key');
  const { id, version } = row;
  const content = await open(dataKey, row.sealed, { tenantId, kind: 'vault_secret', id, version });
  const { userId, requestId, reason } = use;
  noteAccess(env, clock, log, waitUntil, { tenantId, objectId: id, reason, userId, requestId });
  return new TextDecoder().decode(content);
}

function sealed(
  dataKey: CryptoKey,
  { tenantId }: Principal,
  { id, version }: Pick<VaultSecretRow, 'id' | 'version'>,
  value: string,
): Promise<string> {
  return seal(dataKey, utf8(value), { tenantId, kind: 'vault_secret', id, version });
}

async function requireSecret(db: TenantDb, vaultId: string, id: string): Promise<VaultSecretRow> {
  const row = await db.first(vaultSecrets, inVault(vaultId, id));
  if (row === undefined) throw noSuchSecret();
  return row;
}

function secretView(row: VaultSecretRow, now: number): VaultSecretView {
  return {
    id: row.id,
    object: 'vault_secret',
    vault_id: row.vaultId,
    name: row.name,
    preview: row.preview,
    version: row.version,
    status: isExpired(row, now) ? 'expired' : 'active',
    expires_at: row.expiresAt === null ? null : iso(row.expiresAt),
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

const inVault = (vaultId: string, id: string) =>
  and(eq(vaultSecrets.vaultId, vaultId), eq(vaultSecrets.id, id));

const isExpired = ({ expiresAt }: VaultSecretRow, now: number) => expiresAt !== null && expiresAt <= now;

const timeOf = (text: string | null | undefined) => (text == null ? null : Date.parse(text));

function noSuchSecret(): ParallaxError {
  return new ParallaxError('not_found', 'There is no such secret.');
}

function nameTaken(name: string): ParallaxError {
  return new ParallaxError(
    'conflict',
    `The vault has a secret "${name}" already. Rotate it, or choose another name.`,
    {
      param: 'name',
    },
  );
}
