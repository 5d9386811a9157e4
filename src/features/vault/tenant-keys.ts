import { asc, eq } from 'drizzle-orm';
import type { AccessReason } from '../../contracts/vault.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { addressPolicyOf, refusedAddress } from '../../platform/guarded-fetch/index.ts';
import type { Logger } from '../../platform/log.ts';
import { settledWithin } from '../../platform/settled-within.ts';
import { addressesOf, type KeySource, keyFrom, noUsableKey } from '../providers/index.ts';
import { noteAccess } from './access-log.ts';
import { existingDataKey } from './data-keys.ts';
import type { KeySettings } from './key-settings.ts';
import { hasVault, masterKeysOf } from './master-keys.ts';
import { type ProviderKeyRow, providerKeyMonths, providerKeys } from './schema.ts';
import { open } from './sealing.ts';

/** How long what was read of a tenant's keys holds: a key that was changed or taken away holds no longer anywhere. Milliseconds. */
export const KEYS_AGE_MS = 5_000;
/** The same for a tenant that had none: from then on it is read again beside the answer, not before it. */
const NONE_AGE_MS = 5_000;
/** How long that goes on: a tenant that asked nothing for longer may have brought its first key since, and waits for the reading. Milliseconds. */
const NONE_AT_MOST_MS = 60_000;
const MAX_TENANTS = 2_000;
/** How long a request waits for another's reading. Milliseconds. */
const JOIN_MS = 500;
/** Most keys of a tenant. */
export const MAX_PROVIDER_KEYS = 100;

/** A tenant's keys as an isolate knows them: sealed, and the handle of the key that opens them. No secret is kept open. */
interface KnownKeys {
  readonly at: number;
  readonly rows: readonly ProviderKeyRow[];
  readonly spent: ReadonlyMap<string, number>;
  readonly dataKey: CryptoKey | null;
}

const known = new Map<string, KnownKeys>();
const reading = new Map<string, Promise<KnownKeys>>();

export interface TenantKeysContext {
  readonly env: Pick<Env, 'DB'>;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Who calls, and why: what the access log says. */
export interface KeyUse {
  readonly tenantId: string;
  readonly userId: string | null;
  readonly requestId: string | null;
  readonly reason: Extract<AccessReason, 'call' | 'run'>;
}

/** What a tenant brings to a call. */
export interface TenantKeys {
  /** Providers that the tenant has a usable key for. */
  readonly providers: readonly string[];
  /** Providers whose models the tenant has served by its own keys alone: the platform's are never used. */
  readonly ownOnly: readonly string[];
  readonly source: KeySource;
}

const NONE: TenantKeys = { providers: [], ownOnly: [], source: async () => undefined };

/**
 * A tenant's own keys for the calls of one request. A tenant without any costs nothing: what was read is kept, and read again beside the answer. A secret is opened
 * when a call needs it, noted in the access log, and kept nowhere. Throws `ParallaxError` `unavailable` when the keys cannot be read: another's key must not be
 * used in their place, at the tenant's cost.
 */
export async function tenantKeysOf(context: TenantKeysContext, use: KeyUse): Promise<TenantKeys> {
  if (!hasVault(context.config)) return NONE;
  const keys = await knownKeys(context, use.tenantId);
  if (keys.rows.length === 0) return NONE;
  const now = context.clock.now();
  const usable = inOrderOfUse(keys.rows.filter((row) => unusableBecause(row, keys.spent, now) === null));
  const ownOnly = [
    ...new Set(keys.rows.filter((row) => !row.platformFallback).map(({ provider }) => provider)),
  ];
  return {
    providers: [...new Set(usable.map(({ provider }) => provider))],
    ownOnly,
    source: async (provider) => {
      for (const row of usable) {
        if (row.provider !== provider.id || keys.dataKey === null) continue;
        const settings = await openedSettings(keys.dataKey, row);
        const policy = addressPolicyOf(context.config);
        // Rules may have become stricter since it was saved.
        if (addressesOf(provider, settings).some((address) => refusedAddress(address, policy) !== null))
          continue;
        const key = await keyFrom(provider, settings, 'tenant');
        if (key === undefined) continue;
        noteAccess(context.env, context.clock, context.log, context.waitUntil, {
          ...use,
          objectId: row.id,
        });
        return { ...key, id: row.id };
      }
      // One key that forbids it decides for its provider: what is left would be paid by the tenant's credit.
      if (ownOnly.includes(provider.id)) {
        throw noUsableKey(
          `None of your keys for ${provider.name} can be used: they have expired or spent their monthly budget, and \`platform_fallback\` is off.`,
        );
      }
      return undefined;
    },
  };
}

/** Of keys in order of preference: one that its provider did not accept comes after those that nothing is known against. Pure. */
export function inOrderOfUse<Row extends Pick<ProviderKeyRow, 'checkError'>>(rows: readonly Row[]): Row[] {
  return [
    ...rows.filter(({ checkError }) => checkError === null),
    ...rows.filter(({ checkError }) => checkError !== null),
  ];
}

/** Why a key is not used; null when it is. Pure. */
export function unusableBecause(
  row: Pick<ProviderKeyRow, 'id' | 'expiresAt' | 'monthlyBudgetNano'>,
  spent: ReadonlyMap<string, number>,
  now: number,
): 'expired' | 'over_budget' | null {
  if (row.expiresAt !== null && row.expiresAt <= now) return 'expired';
  const over = row.monthlyBudgetNano !== null && (spent.get(row.id) ?? 0) >= row.monthlyBudgetNano;
  return over ? 'over_budget' : null;
}

/** The settings of a sealed key. Throws `SealBroken`. */
export async function openedSettings(dataKey: CryptoKey, row: ProviderKeyRow): Promise<KeySettings> {
  const { tenantId, id, version, sealed } = row;
  const content = await open(dataKey, sealed, { tenantId, kind: 'provider_key', id, version });
  return JSON.parse(new TextDecoder().decode(content)) as KeySettings;
}

/** Makes this isolate read a tenant's keys anew, after it has changed them; the others do within `KEYS_AGE_MS`. */
export function forgetTenantKeys(tenantId: string): void {
  known.delete(tenantId);
  reading.delete(tenantId);
}

async function knownKeys(context: TenantKeysContext, tenantId: string): Promise<KnownKeys> {
  const kept = known.get(tenantId);
  const age = kept === undefined ? Number.POSITIVE_INFINITY : context.clock.now() - kept.at;
  if (kept !== undefined && age < KEYS_AGE_MS) return kept;
  const none = kept !== undefined && kept.rows.length === 0;
  if (none && age < NONE_AT_MOST_MS) {
    if (age >= NONE_AGE_MS) context.waitUntil(readOnce(context, tenantId).catch(() => undefined));
    return kept;
  }
  try {
    return await readOnce(context, tenantId);
  } catch (error) {
    // It had none, and the database is away: those who bring no keys are served all the same.
    if (none) return kept;
    context.log.error('a tenant’s provider keys could not be read', { tenant: tenantId, error });
    throw new ParallaxError(
      'unavailable',
      'Your provider keys cannot be read at the moment. Please try again.',
      {
        retryAfterMs: 1_000,
        cause: error,
      },
    );
  }
}

/** Reads a tenant's keys. Who asks meanwhile waits for the same, but not for long: the request that reads may be cancelled with its client. */
async function readOnce(context: TenantKeysContext, tenantId: string): Promise<KnownKeys> {
  const under = reading.get(tenantId);
  if (under !== undefined) {
    const joined = await settledWithin(
      under.catch(() => null),
      JOIN_MS,
    );
    if (joined !== null) return joined;
  }
  const promise = readKeys(context, tenantId);
  reading.set(tenantId, promise);
  try {
    const keys = await promise;
    // Forgotten meanwhile: what was read may be older than the change.
    if (reading.get(tenantId) === promise) keep(tenantId, keys);
    return keys;
  } finally {
    if (reading.get(tenantId) === promise) reading.delete(tenantId);
  }
}

function keep(tenantId: string, keys: KnownKeys): void {
  known.delete(tenantId);
  known.set(tenantId, keys);
  if (known.size > MAX_TENANTS) known.delete(known.keys().next().value ?? '');
}

async function readKeys({ env, config, clock }: TenantKeysContext, tenantId: string): Promise<KnownKeys> {
  const at = clock.now();
  const db = tenantDb(env.DB, { tenantId });
  const rows = await db.select(providerKeys, {
    orderBy: [providerKeys.priority, providerKeys.id].map((column) => asc(column)),
    limit: MAX_PROVIDER_KEYS,
  });
  if (rows.length === 0) return { at, rows, spent: new Map(), dataKey: null };
  const [spent, dataKey] = await Promise.all([
    spentThisMonth(env.DB, tenantId, at),
    existingDataKey(env.DB, tenantId, await masterKeysOf(config)),
  ]);
  return { at, rows, spent, dataKey };
}

/** What was spent with each key in the month of a time, nano-dollars. */
export async function spentThisMonth(
  d1: D1Database,
  tenantId: string,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tenantDb(d1, { tenantId }).select(providerKeyMonths, {
    where: eq(providerKeyMonths.month, monthOf(now)),
    limit: MAX_PROVIDER_KEYS * 4,
  });
  return new Map(rows.map(({ keyId, costNano }) => [keyId, costNano]));
}

/** The calendar month of a time, UTC: `2026-11`. */
export function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}
