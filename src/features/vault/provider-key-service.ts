import { and, asc, eq, type SQL } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import type {
  CreateProviderKeyRequest,
  ProviderKeyView,
  UpdateProviderKeyRequest,
} from '../../contracts/vault.ts';
import { iso } from '../../platform/clock.ts';
import { utf8 } from '../../platform/crypto.ts';
import { type TenantDb, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { addressPolicyOf } from '../../platform/guarded-fetch/index.ts';
import { claimIdempotencyKey } from '../../platform/idempotency/claim.ts';
import { newId } from '../../platform/ids.ts';
import { fromUsd, nano, toUsd } from '../../platform/money.ts';
import { checkProvider, keyFrom } from '../providers/index.ts';
import { noteAccess } from './access-log.ts';
import { dataKeyOf } from './data-keys.ts';
import { type KeySettings, previewOf, requireProvider, settingsOfKey } from './key-settings.ts';
import { masterKeysOf, requestTag } from './master-keys.ts';
import { type ProviderKeyRow, providerKeyMonths, providerKeys } from './schema.ts';
import { seal } from './sealing.ts';
import {
  forgetTenantKeys,
  MAX_PROVIDER_KEYS,
  openedSettings,
  spentThisMonth,
  type TenantKeysContext,
  unusableBecause,
} from './tenant-keys.ts';

/** What the operations on provider keys work with. */
export interface VaultContext extends TenantKeysContext {
  readonly requestId: string;
}

const ROUTE = 'POST /v1/provider-keys';

/** Seals a new key, after asking the provider whether it takes it, where that is wished. Throws as `settingsOfKey`, `conflict` beyond the bound. */
export async function createProviderKey(
  context: VaultContext,
  principal: Principal,
  request: CreateProviderKeyRequest,
  idempotencyKey: string | undefined,
): Promise<{ readonly view: ProviderKeyView; readonly replayed: boolean }> {
  const { env, config, clock } = context;
  const settings = settingsOfKey(request, addressPolicyOf(config));
  const masters = await masterKeysOf(config);
  const now = clock.now();
  let id = newId('providerKey', now);
  if (idempotencyKey !== undefined) {
    // What is remembered of the request is looked at by whoever sees the database: the secret is in it under a key alone.
    const tagged = { ...request, key: await requestTag(config, request.key) };
    const claim = { route: ROUTE, key: idempotencyKey, request: tagged, resourceId: id, now };
    ({ resourceId: id } = await claimIdempotencyKey(env.DB, principal, claim));
  }
  const db = tenantDb(env.DB, principal);
  const replayed = (await db.first(providerKeys, eq(providerKeys.id, id))) !== undefined;
  if (!replayed) {
    const existing = await db.select(providerKeys, { limit: MAX_PROVIDER_KEYS });
    if (existing.length >= MAX_PROVIDER_KEYS) {
      throw new ParallaxError(
        'conflict',
        `A tenant has at most ${MAX_PROVIDER_KEYS} provider keys. Delete one first.`,
      );
    }
    const checked = request.validate
      ? await check(context, request.provider, settings)
      : { checkedAt: null, checkError: null };
    const dataKey = await dataKeyOf(env.DB, principal.tenantId, masters, clock);
    await db.insert(providerKeys, [
      {
        id,
        provider: request.provider,
        name: request.name ?? requireProvider(request.provider).name,
        sealed: await sealed(dataKey, principal, { id, version: 1 }, settings),
        version: 1,
        preview: previewOf(request.key),
        baseUrl: request.base_url ?? null,
        priority: request.priority,
        platformFallback: request.platform_fallback,
        monthlyBudgetNano: budgetNano(request.monthly_budget_usd),
        expiresAt: request.expires_at == null ? null : Date.parse(request.expires_at),
        ...checked,
        createdAt: now,
        updatedAt: now,
      },
    ]);
  }
  forgetTenantKeys(principal.tenantId);
  return { view: await viewOf(context, principal, await requireKey(db, id)), replayed };
}

/** The tenant's keys, in the order in which they are used. */
export async function listProviderKeys(
  context: VaultContext,
  principal: Principal,
): Promise<ProviderKeyView[]> {
  const rows = await tenantDb(context.env.DB, principal).select(providerKeys, {
    orderBy: [asc(providerKeys.provider), asc(providerKeys.priority), asc(providerKeys.id)],
    limit: MAX_PROVIDER_KEYS,
  });
  const now = context.clock.now();
  const spent = await spentThisMonth(context.env.DB, principal.tenantId, now);
  return rows.map((row) => providerKeyView(row, spent, now));
}

export async function getProviderKey(
  context: VaultContext,
  principal: Principal,
  id: string,
): Promise<ProviderKeyView> {
  return viewOf(context, principal, await requireKey(tenantDb(context.env.DB, principal), id));
}

export async function updateProviderKey(
  context: VaultContext,
  principal: Principal,
  id: string,
  change: UpdateProviderKeyRequest,
): Promise<ProviderKeyView> {
  const { name, priority, platform_fallback, monthly_budget_usd, expires_at } = change;
  return write(context, principal, id, {
    ...(name === undefined ? {} : { name }),
    ...(priority === undefined ? {} : { priority }),
    ...(platform_fallback === undefined ? {} : { platformFallback: platform_fallback }),
    ...(monthly_budget_usd === undefined ? {} : { monthlyBudgetNano: budgetNano(monthly_budget_usd) }),
    ...(expires_at === undefined ? {} : { expiresAt: expires_at === null ? null : Date.parse(expires_at) }),
  });
}

/** Puts another secret in the place of a key's; everything else of it stays. */
export async function rotateProviderKey(
  context: VaultContext,
  principal: Principal,
  id: string,
  given: { readonly key: string; readonly settings?: Readonly<Record<string, string>> | undefined },
): Promise<ProviderKeyView> {
  const { env, config, clock } = context;
  const row = await requireKey(tenantDb(env.DB, principal), id);
  const settings = settingsOfKey(
    { ...given, provider: row.provider, ...(row.baseUrl === null ? {} : { base_url: row.baseUrl }) },
    addressPolicyOf(config),
  );
  const checked = await check(context, row.provider, settings);
  const dataKey = await dataKeyOf(env.DB, principal.tenantId, await masterKeysOf(config), clock);
  const version = row.version + 1;
  return write(
    context,
    principal,
    id,
    {
      sealed: await sealed(dataKey, principal, { id, version }, settings),
      version,
      preview: previewOf(given.key),
      ...checked,
    },
    row.version,
  );
}

/** Asks the provider whether it accepts the key, and keeps what it said. */
export async function validateProviderKey(
  context: VaultContext,
  principal: Principal,
  id: string,
): Promise<ProviderKeyView> {
  const { env, config, clock, log, waitUntil, requestId } = context;
  const row = await requireKey(tenantDb(env.DB, principal), id);
  const dataKey = await dataKeyOf(env.DB, principal.tenantId, await masterKeysOf(config), clock);
  const settings = await openedSettings(dataKey, row);
  noteAccess(env, clock, log, waitUntil, {
    tenantId: principal.tenantId,
    objectId: id,
    reason: 'validate',
    userId: principal.userId,
    requestId,
  });
  // What was said of a secret is not written beside the one that came into its place meanwhile.
  return write(context, principal, id, await check(context, row.provider, settings), row.version);
}

export async function deleteProviderKey(
  context: VaultContext,
  principal: Principal,
  id: string,
): Promise<void> {
  const db = tenantDb(context.env.DB, principal);
  await requireKey(db, id);
  await db.delete(providerKeys, eq(providerKeys.id, id));
  await db.delete(providerKeyMonths, eq(providerKeyMonths.keyId, id));
  forgetTenantKeys(principal.tenantId);
}

async function write(
  context: VaultContext,
  principal: Principal,
  id: string,
  change: Partial<ProviderKeyRow>,
  ofVersion?: number,
): Promise<ProviderKeyView> {
  const db = tenantDb(context.env.DB, principal);
  await requireKey(db, id);
  const same: SQL | undefined = and(
    eq(providerKeys.id, id),
    ofVersion === undefined ? undefined : eq(providerKeys.version, ofVersion),
  );
  const changed = await db.update(providerKeys, { ...change, updatedAt: context.clock.now() }, same);
  forgetTenantKeys(principal.tenantId);
  if (changed === 0) {
    await requireKey(db, id);
    throw new ParallaxError('conflict', 'The key was rotated meanwhile. Look at it, and try again.');
  }
  return viewOf(context, principal, await requireKey(db, id));
}

async function requireKey(db: TenantDb, id: string): Promise<ProviderKeyRow> {
  const row = await db.first(providerKeys, eq(providerKeys.id, id));
  if (row === undefined) throw new ParallaxError('not_found', 'There is no such provider key.');
  return row;
}

async function check(context: VaultContext, providerId: string, settings: KeySettings) {
  const provider = requireProvider(providerId);
  const key = await keyFrom(provider, settings, 'tenant');
  if (key === undefined) throw new Error('settings were checked and are not complete');
  const { at, error } = await checkProvider(provider, key, context.clock);
  return { checkedAt: at, checkError: error };
}

function sealed(
  dataKey: CryptoKey,
  { tenantId }: Principal,
  { id, version }: Pick<ProviderKeyRow, 'id' | 'version'>,
  settings: KeySettings,
): Promise<string> {
  return seal(dataKey, utf8(JSON.stringify(settings)), { tenantId, kind: 'provider_key', id, version });
}

async function viewOf(
  { env, clock }: VaultContext,
  { tenantId }: Principal,
  row: ProviderKeyRow,
): Promise<ProviderKeyView> {
  const now = clock.now();
  return providerKeyView(row, await spentThisMonth(env.DB, tenantId, now), now);
}

/** A key as clients see it: nothing of what is sealed but its preview. Pure. */
export function providerKeyView(
  row: ProviderKeyRow,
  spent: ReadonlyMap<string, number>,
  now: number,
): ProviderKeyView {
  const unusable = unusableBecause(row, spent, now);
  const checked = row.checkedAt === null ? 'unchecked' : row.checkError === null ? 'valid' : 'refused';
  return {
    id: row.id,
    object: 'provider_key',
    provider: row.provider,
    name: row.name,
    preview: row.preview,
    status: unusable ?? checked,
    status_message: row.checkError,
    base_url: row.baseUrl,
    priority: row.priority,
    monthly_budget_usd: row.monthlyBudgetNano === null ? null : toUsd(nano(row.monthlyBudgetNano)),
    spent_this_month_usd: toUsd(nano(spent.get(row.id) ?? 0)),
    platform_fallback: row.platformFallback,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    checked_at: row.checkedAt === null ? null : iso(row.checkedAt),
    expires_at: row.expiresAt === null ? null : iso(row.expiresAt),
  };
}

function budgetNano(usd: number | null | undefined): number | null {
  return usd === null || usd === undefined ? null : fromUsd(usd);
}
