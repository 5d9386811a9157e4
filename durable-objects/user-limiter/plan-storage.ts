import type { PlanId } from '../../src/contracts/plans.ts';

/** A plan that was read this long ago is read again, beside the answer. */
export const PLAN_FRESH_MS = 60_000;

/**
 * The plans of a user's tenants, as their ledgers said them last. What is known is used at once and read again beside the answer when it is old, so that no
 * request waits for it but the first that a user ever makes in a tenant.
 */
export class PlanStorage {
  readonly #sql: SqlStorage;
  readonly #plans = new Map<string, { readonly plan: PlanId; readonly readAt: number }>();
  readonly #reading = new Map<string, Promise<PlanId>>();

  /** Made after `KeyStorage`, which brings the database up to date. */
  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    // When they were read is not kept: after a sleep they are read anew, beside the first answer.
    for (const row of this.#sql.exec<{ tenant_id: string; plan: string }>(
      'SELECT tenant_id, plan FROM plans',
    ))
      this.#plans.set(row.tenant_id, { plan: row.plan as PlanId, readAt: 0 });
  }

  /**
   * The tenant's plan: as known, else as `read` says; the free one where that cannot be had. `beside` keeps alive a reading that nobody waits for.
   */
  async planOf(
    tenantId: string,
    now: number,
    read: () => Promise<PlanId>,
    beside: (work: Promise<unknown>) => void,
  ): Promise<PlanId> {
    const known = this.#plans.get(tenantId);
    if (known !== undefined && now - known.readAt < PLAN_FRESH_MS) return known.plan;
    const reading = this.#reading.get(tenantId) ?? this.#read(tenantId, now, read);
    if (known === undefined) return reading.catch(() => 'free' as const);
    beside(reading.catch(() => undefined));
    return known.plan;
  }

  forgetTenant(tenantId: string): void {
    this.#sql.exec('DELETE FROM plans WHERE tenant_id = ?', tenantId);
    this.#plans.delete(tenantId);
  }

  #read(tenantId: string, now: number, read: () => Promise<PlanId>): Promise<PlanId> {
    const reading = read()
      .then((plan) => {
        if (this.#plans.get(tenantId)?.plan !== plan)
          this.#sql.exec(
            'INSERT INTO plans VALUES (?, ?) ON CONFLICT DO UPDATE SET plan = excluded.plan',
            tenantId,
            plan,
          );
        this.#plans.set(tenantId, { plan, readAt: now });
        return plan;
      })
      .finally(() => this.#reading.delete(tenantId));
    this.#reading.set(tenantId, reading);
    return reading;
  }
}
