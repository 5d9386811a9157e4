import { ne } from 'drizzle-orm';
import type { Config } from '../../platform/config.ts';
import { platformDb } from '../../platform/db.ts';
import { rewrap } from './data-keys.ts';
import { masterKeysOf } from './master-keys.ts';
import { vaultDataKeys } from './schema.ts';

/** Data keys wrapped anew at a time. */
const AT_ONCE = 200;

/**
 * Wraps data keys of an older master key under the current one, some at a time; stopped in between, the next call goes on. Throws `SealBroken` for a master key that
 * is not configured any more.
 */
export async function rewrapSome(
  d1: D1Database,
  config: Config,
): Promise<{ readonly rewrapped: number; readonly remaining: boolean }> {
  const masters = await masterKeysOf(config);
  const rows = await platformDb(d1)
    .select()
    .from(vaultDataKeys)
    .where(ne(vaultDataKeys.masterVersion, masters.current))
    .limit(AT_ONCE + 1);
  let rewrapped = 0;
  for (const row of rows.slice(0, AT_ONCE)) if (await rewrap(d1, row.tenantId, masters, row)) rewrapped += 1;
  return { rewrapped, remaining: rows.length > AT_ONCE };
}
