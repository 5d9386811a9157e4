import type { Role } from '../../src/contracts/principal.ts';

/**
 * A user's roles, as the database said them last. The truth is in D1, where one transaction sees all members of a tenant; whoever changes a role there
 * announces it here first, and says when it is done. While a change is announced the role is not kept but asked for each time, so a role
 * that is kept here is the one that stands.
 */
export class RoleStorage {
  readonly #sql: SqlStorage;
  readonly #roles = new Map<string, Role>();
  /** Announced changes, by tenant: the change's name and until when it may still come, in milliseconds. */
  readonly #changes = new Map<string, Map<string, number>>();
  /** How often something was heard of the role in a tenant: an answer that was asked for before is not believed. */
  readonly #heard = new Map<string, number>();

  /** Made after `KeyStorage`, which brings the database up to date. */
  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    for (const row of this.#sql.exec<{ tenant_id: string; role: string }>('SELECT * FROM roles'))
      this.#roles.set(row.tenant_id, row.role as Role);
    for (const row of this.#sql.exec<{ id: string; tenant_id: string; until: number }>(
      'SELECT id, tenant_id, until FROM role_changes',
    ))
      this.#changesOf(row.tenant_id).set(row.id, row.until);
  }

  /** The role, where it is sure; undefined when the database has to be asked. */
  known(tenantId: string): Role | undefined {
    return this.#roles.get(tenantId);
  }

  /** A change was announced. */
  announce(tenantId: string, change: string, until: number): void {
    this.#sql.exec('INSERT OR REPLACE INTO role_changes VALUES (?, ?, ?)', change, tenantId, until);
    this.#changesOf(tenantId).set(change, until);
    this.forget(tenantId);
  }

  /** An announced change was made, or will not be. */
  end(tenantId: string, change: string): void {
    this.#sql.exec('DELETE FROM role_changes WHERE id = ?', change);
    const changes = this.#changesOf(tenantId);
    changes.delete(change);
    if (changes.size === 0) this.#changes.delete(tenantId);
    this.forget(tenantId);
  }

  /** To be taken before the database is asked, and given to `keep` with its answer. */
  heard(tenantId: string): number {
    return this.#heard.get(tenantId) ?? 0;
  }

  /** Keeps the database's answer, unless something was heard since it was asked for, or a change may still come. */
  keep(tenantId: string, role: Role, heard: number): void {
    if (this.heard(tenantId) !== heard || this.#changes.has(tenantId)) return;
    this.#sql.exec(
      'INSERT INTO roles VALUES (?, ?) ON CONFLICT DO UPDATE SET role = excluded.role',
      tenantId,
      role,
    );
    this.#roles.set(tenantId, role);
  }

  forget(tenantId: string): void {
    this.#sql.exec('DELETE FROM roles WHERE tenant_id = ?', tenantId);
    this.#roles.delete(tenantId);
    this.#heard.set(tenantId, this.heard(tenantId) + 1);
  }

  /** The tenant does not exist any more. */
  forgetTenant(tenantId: string): void {
    this.#sql.exec('DELETE FROM role_changes WHERE tenant_id = ?', tenantId);
    this.#changes.delete(tenantId);
    this.forget(tenantId);
  }

  /** Announced changes that nobody ended in time, and when the next of the others is due; null for none. */
  overdue(now: number): {
    readonly changes: readonly { readonly tenantId: string; readonly change: string }[];
    readonly next: number | null;
  } {
    const all = [...this.#changes].flatMap(([tenantId, changes]) =>
      [...changes].map(([change, until]) => ({ tenantId, change, until })),
    );
    const later = all.map(({ until }) => until).filter((until) => until > now);
    return {
      changes: all.filter(({ until }) => until <= now),
      next: later.length === 0 ? null : Math.min(...later),
    };
  }

  #changesOf(tenantId: string): Map<string, number> {
    const changes = this.#changes.get(tenantId) ?? new Map<string, number>();
    this.#changes.set(tenantId, changes);
    return changes;
  }
}
