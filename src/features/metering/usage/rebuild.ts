import { type SQL, sql } from 'drizzle-orm';
import type { Clock } from '../../../platform/clock.ts';
import { platformBatch } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { countedSince } from './forget.ts';
import { DAY_MS, SUM_COLUMNS, usageSumStatements } from './sum-statements.ts';

/** Tenants of one call: each is a transaction. */
const TENANTS_AT_ONCE = 20;

export interface RebuildQuestion {
  /** When the day of UTC begins, in milliseconds. */
  readonly day: number;
  readonly tenantId: string | undefined;
  readonly after: string | undefined;
}

export interface Rebuilt {
  readonly tenants: number;
  /** Tenants whose sums had not been those of their events. */
  readonly differed: readonly string[];
  readonly nextAfter: string | null;
}

/**
 * Makes the hours and the day of tenants anew from their events, one transaction a tenant: whatever comes in meanwhile is either in the events
 * that are read, or is added afterwards. Throws `ParallaxError` for a day whose events are not all kept any more: its sums are all there is.
 */
export async function rebuildDay(
  d1: D1Database,
  clock: Clock,
  retentionDays: number,
  { day, tenantId, after }: RebuildQuestion,
): Promise<Rebuilt> {
  if (day < countedSince(clock.now(), retentionDays))
    throw new ParallaxError(
      'invalid_parameter',
      'Of this day not all calls are kept any more; its sums are what is left of it, and stay as they are.',
      { param: 'day' },
    );
  const found = tenantId === undefined ? await tenantsOf(d1, day, after) : [tenantId];
  const some = found.slice(0, TENANTS_AT_ONCE);
  const differed: string[] = [];
  for (const tenant of some) if (await rebuildTenant(d1, tenant, day)) differed.push(tenant);
  return {
    tenants: some.length,
    differed,
    nextAfter: found.length > TENANTS_AT_ONCE ? (some.at(-1) ?? null) : null,
  };
}

/** Tenants that have events or sums of a day, by id. */
async function tenantsOf(d1: D1Database, day: number, after: string | undefined): Promise<string[]> {
  const within = sql`at >= ${day} AND at < ${day + DAY_MS} AND tenant_id > ${after ?? ''}`;
  const [rows = []] = await platformBatch(d1, [
    sql`SELECT tenant_id FROM usage_events WHERE ${within} UNION SELECT tenant_id FROM usage_hours WHERE ${within}
      UNION SELECT tenant_id FROM usage_days WHERE ${within} ORDER BY 1 LIMIT ${TENANTS_AT_ONCE + 1}`,
  ]);
  return rows.map(({ tenant_id }) => String(tenant_id));
}

/** Whether anything changed. */
async function rebuildTenant(d1: D1Database, tenantId: string, day: number): Promise<boolean> {
  const own = sql`tenant_id = ${tenantId} AND at >= ${day} AND at < ${day + DAY_MS}`;
  const tables = [sql`usage_hours`, sql`usage_days`];
  const digests = tables.map((table) => digestOf(table, own));
  const results = await platformBatch(d1, [
    ...digests,
    ...tables.map((table) => sql`DELETE FROM ${table} WHERE ${own}`),
    ...usageSumStatements(own),
    ...digests,
  ]);
  const text = (part: typeof results) => JSON.stringify(part);
  return text(results.slice(0, digests.length)) !== text(results.slice(-digests.length));
}

/** What a tenant's rows of a day come to, by what they are of: enough to tell whether they are the same, without all of their sketches. */
function digestOf(table: SQL, own: SQL): SQL {
  const sums = sql.raw(SUM_COLUMNS.join(', '));
  return sql`SELECT at, user_id, key_id, provider_key_id, model, provider, key_strategy, feature, ${sums},
      (SELECT group_concat(bucket, ' ') FROM (SELECT key || ':' || value AS bucket FROM json_each(${table}.times) ORDER BY key)) AS times
    FROM ${table} WHERE ${own} ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`;
}
