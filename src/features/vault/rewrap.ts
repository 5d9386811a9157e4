import { and, asc, gt, ne } from 'drizzle-orm';
import type { Config } from '../../platform/config.ts';
import { platformDb } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import { rewrap } from './data-keys.ts';
import { masterKeysOf } from './master-keys.ts';
import { vaultDataKeys } from './schema.ts';
import { SealBroken } from './sealing.ts';

/** Data keys wrapped anew at a time. */
const AT_ONCE = 200;

export interface Rewrapped {
  readonly rewrapped: number;
  /** Data keys that did not open, so that they are as they were. */
  readonly failed: number;
  readonly remaining: boolean;
  readonly nextAfter: string | null;
}

/**
 * Wraps data keys of an older master key under the current one, some at a time, in the order of their tenants; stopped in between, the next call goes on, from
 * the beginning or after the tenant that the last one came to. One that does not open is counted and stands in nobody's way.
 */
export async function rewrapSome(
  d1: D1Database,
  config: Config,
  log: Logger,
  after: string | undefined,
  atOnce = AT_ONCE,
): Promise<Rewrapped> {
  const masters = await masterKeysOf(config);
  const rows = await platformDb(d1)
    .select()
    .from(vaultDataKeys)
    .where(
      and(
        ne(vaultDataKeys.masterVersion, masters.current),
        after === undefined ? undefined : gt(vaultDataKeys.tenantId, after),
      ),
    )
    .orderBy(asc(vaultDataKeys.tenantId))
    .limit(atOnce + 1);
  const page = rows.slice(0, atOnce);
  let [rewrapped, failed] = [0, 0];
  for (const row of page) {
    try {
      if (await rewrap(d1, row.tenantId, masters, row)) rewrapped += 1;
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      failed += 1;
      log.error('a data key does not open', { tenant: row.tenantId, version: row.masterVersion, error });
    }
  }
  const remaining = rows.length > atOnce;
  return { rewrapped, failed, remaining, nextAfter: remaining ? (page.at(-1)?.tenantId ?? null) : null };
}
