import { and, eq, isNull } from 'drizzle-orm';
import { tenantDb } from '../../platform/db.ts';
import { apiKeys } from './schema.ts';
import type { KeyRecord } from './user-limiter.ts';

/**
 * Writes a key as it stands into the index in D1. May be repeated, and two writers may overlap: the row is made once, and a revocation, once
 * written, is never taken back by a writer that had not heard of it.
 */
export async function writeKeyToIndex(d1: D1Database, key: KeyRecord): Promise<void> {
  const db = tenantDb(d1, key);
  const { hash: _, tenantId: __, ...row } = key;
  await db.insert(apiKeys, [{ ...row, scopes: [...key.scopes] }]);
  if (key.revokedAt !== null) {
    await db.update(
      apiKeys,
      { revokedAt: key.revokedAt },
      and(eq(apiKeys.id, key.id), isNull(apiKeys.revokedAt)),
    );
  }
}
