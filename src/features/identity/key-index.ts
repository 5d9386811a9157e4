import { and, eq, lte } from 'drizzle-orm';
import { tenantDb } from '../../platform/db.ts';
import { apiKeys } from './schema.ts';
import type { KeyRecord } from './user-limiter.ts';

/**
 * Writes a key as it stands into the index in D1. May be repeated, and two writers may overlap: the row is made once, and what stands in it is never
 * overwritten by a writer that had not heard of it.
 */
export async function writeKeyToIndex(d1: D1Database, key: KeyRecord): Promise<void> {
  const db = tenantDb(d1, key);
  const { hash: _, tenantId: __, familyId: ___, ...rest } = key;
  const row = { ...rest, scopes: [...key.scopes], allowedOrigins: [...key.allowedOrigins] };
  await db.insert(apiKeys, [row]);
  const { name, expiresAt, revokedAt, lastUsedAt, lastUsedCountry, replacedBy, version } = row;
  if (version === 0 && revokedAt === null) return;
  await db.update(
    apiKeys,
    { name, expiresAt, revokedAt, lastUsedAt, lastUsedCountry, replacedBy, version },
    and(eq(apiKeys.id, key.id), lte(apiKeys.version, version)),
  );
}
