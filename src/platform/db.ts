import { and, eq, type InferInsertModel, type InferSelectModel, lt, type SQL, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import {
  SQLiteAsyncDialect,
  type SQLiteColumn,
  type SQLiteInsertValue,
  type SQLiteTable,
  type SQLiteUpdateSetSource,
} from 'drizzle-orm/sqlite-core';
import type { Principal } from '../contracts/principal.ts';

/** A table whose rows belong to tenants: it has a `tenantId` column. */
export type TenantTable = SQLiteTable & { readonly tenantId: SQLiteColumn };

export interface SelectOptions {
  readonly where?: SQL | undefined;
  readonly orderBy?: SQL | readonly SQL[];
  /** Most rows; every list has a bound. */
  readonly limit: number;
}

/**
 * The way to query a tenant's rows: every statement carries the principal's tenant id, whatever the caller adds.
 * D1 retries reads only, so writes are made so that repeating one changes nothing.
 */
export interface TenantDb {
  select<Table extends TenantTable>(table: Table, options: SelectOptions): Promise<InferSelectModel<Table>[]>;
  first<Table extends TenantTable>(
    table: Table,
    where: SQL | undefined,
  ): Promise<InferSelectModel<Table> | undefined>;
  /** Inserts rows under the principal's tenant; a row whose key is taken is left as it is. */
  insert<Table extends TenantTable>(
    table: Table,
    rows: readonly Omit<InferInsertModel<Table>, 'tenantId'>[],
  ): Promise<void>;
  /** Changes rows; returns how many. */
  update<Table extends TenantTable>(
    table: Table,
    set: SQLiteUpdateSetSource<Table>,
    where: SQL | undefined,
  ): Promise<number>;
  delete<Table extends TenantTable>(table: Table, where: SQL | undefined): Promise<number>;
}

/** Opens a tenant's view of the database. A principal is the only way in. */
export function tenantDb(d1: D1Database, principal: Pick<Principal, 'tenantId'>): TenantDb {
  const db = drizzle(d1);
  const own = (table: TenantTable, where: SQL | undefined) =>
    and(eq(table.tenantId, principal.tenantId), where);
  const select: TenantDb['select'] = async (table, { where, orderBy, limit }) => {
    const ordering: readonly SQL[] =
      orderBy === undefined ? [] : Array.isArray(orderBy) ? orderBy : [orderBy as SQL];
    // drizzle's select result type cannot be followed through a generic table; the rows are that table's by construction.
    const rows: unknown = await db
      .select()
      .from(table as SQLiteTable)
      .where(own(table, where))
      .orderBy(...ordering)
      .limit(limit);
    return rows as InferSelectModel<typeof table>[];
  };
  return {
    select,
    first: async (table, where) => (await select(table, { where, limit: 1 }))[0],
    async insert(table, rows) {
      const owned = rows.map((row) => ({ ...row, tenantId: principal.tenantId }));
      await db
        .insert(table)
        .values(owned as unknown as SQLiteInsertValue<typeof table>[])
        .onConflictDoNothing();
    },
    async update(table, set, where) {
      const result = await db.update(table).set(set).where(own(table, where));
      return result.meta.changes;
    },
    async delete(table, where) {
      const result = await db.delete(table).where(own(table, where));
      return result.meta.changes;
    },
  };
}

/**
 * The database without a tenant, for tables that belong to the platform (catalog, users, tenants themselves).
 * Only the slices that own such tables may import it: the floor check keeps the list.
 */
export function platformDb(d1: D1Database): DrizzleD1Database {
  return drizzle(d1);
}

/** Rows deleted at a time by `deleteOlder`: few enough for one statement to end in good time. */
const DELETED_AT_ONCE = 5_000;
/** Most statements of one call: what is left after half a million rows waits for the next. */
const MOST_DELETIONS = 100;

/**
 * Deletes rows past their age, whoever they belong to, some thousands at a time: retention is the one thing that is done to all tenants' rows alike.
 * `at` is the column with the time in milliseconds. Returns whether there may be more, after so many `rounds`.
 */
export async function deleteOlder(
  d1: D1Database,
  table: TenantTable,
  at: SQLiteColumn,
  before: number,
  rounds = MOST_DELETIONS,
): Promise<boolean> {
  const old = sql`SELECT rowid FROM ${table} WHERE ${lt(at, before)} ORDER BY ${at} LIMIT ${DELETED_AT_ONCE}`;
  for (let round = 0; round < rounds; round++) {
    const [, counted] = await platformBatch(d1, [
      sql`DELETE FROM ${table} WHERE rowid IN (${old})`,
      sql`SELECT changes() AS deleted`,
    ]);
    if (Number(counted?.[0]?.deleted ?? 0) < DELETED_AT_ONCE) return false;
  }
  return true;
}

const dialect = new SQLiteAsyncDialect();

/**
 * Runs statements written in SQL as one transaction: all of them hold, or none. Returns the rows of each. For sums over many rows, which no query builder
 * writes; the same slices as `platformDb` may import it.
 */
export async function platformBatch(
  d1: D1Database,
  statements: readonly SQL[],
): Promise<readonly (readonly Record<string, unknown>[])[]> {
  if (statements.length === 0) return [];
  const prepared = statements.map((statement) => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return d1.prepare(text).bind(...params);
  });
  return (await d1.batch<Record<string, unknown>>(prepared)).map(({ results }) => results);
}
