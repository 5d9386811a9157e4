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
  readonly rate_limit: number | null;
  readonly monthly_limit_nano: number | null;
  readonly allowed_origins: string;
  readonly last_used_at: number | null;
  readonly last_used_country: string | null;
  readonly replaced_by: string | null;
  readonly family_id: string | null;
  readonly version: number;
}

const COLUMNS =
  'id, hash, tenant_id, user_id, name, kind, prefix, last4, scopes, cache_max_age_s, created_at, expires_at, revoked_at, rate_limit, monthly_limit_nano, allowed_origins, last_used_at, last_used_country, replaced_by, family_id, version';

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
      `INSERT INTO keys (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, NULL, NULL, NULL, ?, 0)`,
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
      key.rateLimit,
      key.monthlyLimitNano,
      JSON.stringify(key.allowedOrigins),
      key.familyId,
    );
  }

  /** Ends a key, once. */
  revoke(id: string, now: number): void {
    this.#sql.exec(
      'UPDATE keys SET revoked_at = ?, version = version + 1, indexed = 0 WHERE id = ? AND revoked_at IS NULL',
      now,
      id,
    );
  }

  rename(id: string, name: string): void {
    this.#sql.exec(
      'UPDATE keys SET name = ?, version = version + 1, indexed = 0 WHERE id = ? AND name <> ?',
      name,
      id,
      name,
    );
  }

  /** Notes that another key takes this one's place, and that it ends then at the latest. */
  replace(id: string, by: string, endsAt: number): void {
    this.#sql.exec(
      'UPDATE keys SET replaced_by = ?, expires_at = min(coalesce(expires_at, ?), ?), version = version + 1, indexed = 0 WHERE id = ?',
      by,
      endsAt,
      endsAt,
      id,
    );
  }

  /** Notes that a key was used, and from where. */
  used(id: string, at: number, country: string | null): void {
    this.#sql.exec(
      'UPDATE keys SET last_used_at = ?, last_used_country = coalesce(?, last_used_country), version = version + 1, indexed = 0 WHERE id = ?',
      at,
      country,
      id,
    );
  }

  /** Ends all keys for a tenant. */
  revokeAllOf(tenantId: string, now: number): void {
    this.#sql.exec(
      'UPDATE keys SET revoked_at = ?, version = version + 1, indexed = 0 WHERE tenant_id = ? AND revoked_at IS NULL',
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
    this.#sql.exec('UPDATE keys SET indexed = 1 WHERE id = ? AND version = ?', key.id, key.version);
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
    rateLimit: row.rate_limit,
    monthlyLimitNano: row.monthly_limit_nano,
    allowedOrigins: JSON.parse(row.allowed_origins) as string[],
    lastUsedAt: row.last_used_at,
    lastUsedCountry: row.last_used_country,
    replacedBy: row.replaced_by,
    familyId: row.family_id ?? row.id,
    version: row.version,
  };
}
