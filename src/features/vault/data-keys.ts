import { eq } from 'drizzle-orm';
import type { Clock } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import type { MasterKeys } from './master-keys.ts';
import { vaultDataKeys } from './schema.ts';
import { open, SealBroken, seal } from './sealing.ts';

const KEY_BYTES = 32;

/**
 * The tenant's data key, made when there is none. Made twice at once, the first that is written stands for both. The key itself is not extractable:
 * it opens and seals, and cannot be read.
 */
export async function dataKeyOf(
  d1: D1Database,
  tenantId: string,
  masters: MasterKeys,
  clock: Clock,
): Promise<CryptoKey> {
  const existing = await existingDataKey(d1, tenantId, masters);
  if (existing !== null) return existing;
  const raw = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const wrapped = await wrap(masters, raw, tenantId);
  await tenantDb(d1, { tenantId }).insert(vaultDataKeys, [{ ...wrapped, createdAt: clock.now() }]);
  const stored = await existingDataKey(d1, tenantId, masters);
  if (stored === null) throw new Error('a data key vanished while it was being made');
  return stored;
}

/** The tenant's data key; null where nothing was ever sealed. Throws `SealBroken` when its master key is not configured any more. */
export async function existingDataKey(
  d1: D1Database,
  tenantId: string,
  masters: MasterKeys,
): Promise<CryptoKey | null> {
  const row = await tenantDb(d1, { tenantId }).first(vaultDataKeys, undefined);
  if (row === undefined) return null;
  return importKey(await unwrapped(masters, row));
}

/**
 * The same data key under the current master key, unless it is there already. Returns whether it was changed. What it seals is untouched, so nothing has to stop
 * for it; two that do it at once write equivalent wraps.
 */
export async function rewrap(
  d1: D1Database,
  tenantId: string,
  masters: MasterKeys,
  row: typeof vaultDataKeys.$inferSelect,
): Promise<boolean> {
  if (row.masterVersion === masters.current) return false;
  const raw = await unwrapped(masters, row);
  const wrapped = await wrap(masters, raw, tenantId);
  const changed = await tenantDb(d1, { tenantId }).update(
    vaultDataKeys,
    wrapped,
    eq(vaultDataKeys.masterVersion, row.masterVersion),
  );
  return changed > 0;
}

async function wrap(masters: MasterKeys, raw: Uint8Array<ArrayBuffer>, tenantId: string) {
  const master = masters.byVersion.get(masters.current);
  if (master === undefined) throw new Error('the current master key is missing');
  const version = masters.current;
  return { wrapped: await seal(master, raw, aadOf(tenantId, version)), masterVersion: version };
}

async function unwrapped(
  masters: MasterKeys,
  row: typeof vaultDataKeys.$inferSelect,
): Promise<Uint8Array<ArrayBuffer>> {
  const master = masters.byVersion.get(row.masterVersion);
  if (master === undefined) {
    throw new SealBroken(
      `A data key is wrapped by version ${row.masterVersion} of VAULT_MASTER_KEY, which is not configured.`,
    );
  }
  return open(master, row.wrapped, aadOf(row.tenantId, row.masterVersion));
}

function importKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

const aadOf = (tenantId: string, version: number) =>
  ({ tenantId, kind: 'data_key', id: tenantId, version }) as const;
