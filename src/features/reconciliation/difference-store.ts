import { and, asc, eq, gt, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { platformBatch, platformDb } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import type { Difference } from './compare.ts';
import { type DifferenceRow, reconciliationDifferences } from './schema.ts';

type DbEnv = Pick<Env, 'DB'>;

/** New differences that are logged one by one; beyond them their number is. */
const LOGGED = 20;
/** Rows of one statement; a row is at most some hundred bytes of the 2 MB that a bound text may have. */
const ROWS_AT_ONCE = 500;

/**
 * Keeps what was found of a tenant: once each, with when it was seen first and last. What is new, or has come back, is an error in the log. Returns the
 * rows as they stand.
 */
export async function keepDifferences(
  env: DbEnv,
  tenantId: string,
  differences: readonly Difference[],
  { now, log }: { readonly now: number; readonly log: Logger },
): Promise<DifferenceRow[]> {
  const statements: SQL[] = [];
  for (let at = 0; at < differences.length; at += ROWS_AT_ONCE) {
    const rows = JSON.stringify(differences.slice(at, at + ROWS_AT_ONCE));
    statements.push(sql`INSERT INTO ${reconciliationDifferences} (tenant_id, kind, subject, expected, found, amount_nano, first_seen_at, last_seen_at)
      SELECT ${tenantId}, json_extract(value, '$.kind'), json_extract(value, '$.subject'), json_extract(value, '$.expected'),
        json_extract(value, '$.found'), json_extract(value, '$.amountNano'), ${now}, ${now} FROM json_each(${rows}) WHERE true
      ON CONFLICT DO UPDATE SET expected = excluded.expected, found = excluded.found, amount_nano = excluded.amount_nano,
        first_seen_at = iif(resolved_at IS NULL, first_seen_at, excluded.first_seen_at), last_seen_at = excluded.last_seen_at, resolved_at = NULL
      RETURNING kind, subject, expected, found, amount_nano AS amountNano, first_seen_at AS firstSeenAt`);
  }
  const kept = (await platformBatch(env.DB, statements)).flat() as unknown as Omit<
    DifferenceRow,
    'tenantId' | 'lastSeenAt' | 'resolvedAt'
  >[];
  const rows = kept.map((row) => ({ ...row, tenantId, lastSeenAt: now, resolvedAt: null }));
  const fresh = rows.filter(({ firstSeenAt }) => firstSeenAt === now);
  for (const { kind, subject, expected, found, amountNano } of fresh.slice(0, LOGGED))
    log.error('the ledger and what others know of its money differ', {
      tenant: tenantId,
      kind,
      subject,
      expected,
      found,
      amountNano,
    });
  if (fresh.length > LOGGED)
    log.error('more differs than is logged', { tenant: tenantId, differences: fresh.length });
  return rows;
}

export interface DifferenceSearch {
  readonly tenantId: string | undefined;
  readonly status: 'open' | 'resolved' | 'all';
  /** The last that was seen. */
  readonly after: Pick<DifferenceRow, 'tenantId' | 'kind' | 'subject'> | null;
  readonly limit: number;
}

/** Differences of all tenants, by tenant, kind and subject. */
export function listDifferences(
  env: DbEnv,
  { tenantId, status, after, limit }: DifferenceSearch,
): Promise<DifferenceRow[]> {
  const rows = reconciliationDifferences;
  const behind =
    after === null
      ? undefined
      : or(
          gt(rows.tenantId, after.tenantId),
          and(
            eq(rows.tenantId, after.tenantId),
            sql`(${rows.kind}, ${rows.subject}) > (${after.kind}, ${after.subject})`,
          ),
        );
  return platformDb(env.DB)
    .select()
    .from(rows)
    .where(
      and(
        tenantId === undefined ? undefined : eq(rows.tenantId, tenantId),
        status === 'all'
          ? undefined
          : status === 'open'
            ? isNull(rows.resolvedAt)
            : isNotNull(rows.resolvedAt),
        behind,
      ),
    )
    .orderBy(asc(rows.tenantId), asc(rows.kind), asc(rows.subject))
    .limit(limit);
}
