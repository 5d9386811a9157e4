import type { Scope } from '../../src/contracts/principal.ts';
import type { KeyKind, KeyRecord, NewKey } from '../../src/features/identity/index.ts';
import { applySqlMigrations } from '../../src/platform/sql-migrations.ts';
import { USER_LIMITER_MIGRATIONS } from './migrations.ts';

/** A row as SQLite has it. */
interface KeyRow {
  readonly id: string;
  readonly hash: string;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly kind: string;
  readonly prefix: string;
  readonly last4: string;
  readonly scopes: string;
  readonly cache_max_age_s: number | null;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

const COLUMNS =
  'id, hash, tenant_id, user_id, name, kind, prefix, last4, scopes, cache_max_age_s, created_at, expires_at, revoked_at';

/** Keys told to the index at a time. */
const INDEX_BATCH = 50;

/** A user's keys. Every change marks its row for the index, in the same statement. */
export class KeyStorage {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    applySqlMigrations(storage, USER_LIMITER_MIGRATIONS);
  }

  byHash(hash: string): KeyRecord | undefined {
    return this.#first(`SELECT ${COLUMNS} FROM keys WHERE hash = ?`, hash);
  }

  byId(id: string): KeyRecord | undefined {
    return this.#first(`SELECT ${COLUMNS} FROM keys WHERE id = ?`, id);
  }

  countLive(now: number): number {
    const row = this.#sql
      .exec<{ live: number }>(
        'SELECT count(*) AS live FROM keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
        now,
      )
      .one();
    return row.live;
  }

  insert(key: NewKey): void {
    this.#sql.exec(
      `INSERT INTO keys (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`,
      key.id,
      key.hash,
      key.tenantId,
      key.userId,
      key.name,
      key.kind,
      key.prefix,
      key.last4,
      JSON.stringify(key.scopes),
      key.cacheMaxAgeS,
      key.createdAt,
      key.expiresAt,
    );
  }

  /** Ends a key, once. */
  revoke(id: string, now: number): void {
    this.#sql.exec(
      'UPDATE keys SET revoked_at = ?, indexed = 0 WHERE id = ? AND revoked_at IS NULL',
      now,
      id,
    );
  }

  /** Ends all keys for a tenant. */
  revokeAllOf(tenantId: string, now: number): void {
    this.#sql.exec(
      'UPDATE keys SET revoked_at = ?, indexed = 0 WHERE tenant_id = ? AND revoked_at IS NULL',
      now,
      tenantId,
    );
  }

  forgetTenant(tenantId: string): void {
    this.#sql.exec('DELETE FROM keys WHERE tenant_id = ?', tenantId);
  }

  /** Some of the keys that the index has not been told of. */
  toIndex(): KeyRecord[] {
    return this.#sql
      .exec<Record<string, SqlStorageValue>>(
        `SELECT ${COLUMNS} FROM keys WHERE indexed = 0 LIMIT ${INDEX_BATCH}`,
      )
      .toArray()
      .map((row) => keyOf(row));
  }

  /** Notes that the index knows the key as it stood in `key`; one that has changed since stays to be told. */
  markIndexed(key: KeyRecord): void {
    this.#sql.exec('UPDATE keys SET indexed = 1 WHERE id = ? AND revoked_at IS ?', key.id, key.revokedAt);
  }

  #first(query: string, value: string): KeyRecord | undefined {
    const row = this.#sql.exec<Record<string, SqlStorageValue>>(query, value).toArray()[0];
    return row === undefined ? undefined : keyOf(row);
  }
}

function keyOf(values: Readonly<Record<string, SqlStorageValue>>): KeyRecord {
  // The columns' types are those of the STRICT table.
  const row = values as unknown as KeyRow;
  return {
    id: row.id,
    hash: row.hash,
    tenantId: row.tenant_id,
    userId: row.user_id,
    name: row.name,
    kind: row.kind as KeyKind,
    prefix: row.prefix,
    last4: row.last4,
    scopes: JSON.parse(row.scopes) as Scope[],
    cacheMaxAgeS: row.cache_max_age_s,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
