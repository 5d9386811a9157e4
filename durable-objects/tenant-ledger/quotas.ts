import { PLANS, QUOTA_IDS, type QuotaId } from '../../src/contracts/plans.ts';
import {
  monthOf,
  type QuotaStanding,
  quotaExceeded,
  type TakeUses,
  type UseSettlement,
  type UsesTaken,
} from '../../src/features/metering/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import type { LedgerDatabase } from './database.ts';
import { planOf } from './plan.ts';

/**
 * How long a use is taken without a word of how its call ended, in milliseconds: longer than any call or run takes. One whose machine died comes back
 * then, as only success counts.
 */
export const TAKEN_MS = 35 * 60_000;
/** Uses are forgotten after so long: no run is kept for longer, whose merges are counted beside its earlier calls. */
const KEEP_MS = 400 * 24 * 60 * 60 * 1000;
/** Rows forgotten at a time. */
const FORGET_AT_ONCE = 200;

/** The most uses that are taken at once: above every run's calls. */
const MAX_USES = 10_000;

/** What a tenant used of its plan's monthly quotas: one row a use, counted from the begin of the tenant's own month. */
export class Quotas {
  readonly #db: LedgerDatabase;
  /** False where no plan bounds anybody (`PLAN_LIMITS`). */
  readonly #planLimits: boolean;

  constructor(db: LedgerDatabase, planLimits: boolean) {
    this.#db = db;
    this.#planLimits = planLimits;
  }

  /** Takes all or nothing. Throws `quota_exceeded`. */
  take({ id, uses }: Omit<TakeUses, 'tenantId'>, now: number): UsesTaken {
    return this.#db.transaction(() => {
      const { plan, month, limits } = this.#rules(now);
      for (const quota of QUOTA_IDS) {
        const needed = countOf(uses[quota]);
        const limit = limits[quota];
        if (limit === null) continue;
        this.#clear(id, quota);
        if (needed === 0) continue;
        const used = this.#used(quota, month.start, now);
        if (used + needed > limit)
          throw quotaExceeded({ plan, quota, limit, used, needed, resetsAt: month.end });
        const first = this.#next(id, quota);
        this.#db.all(
          `INSERT INTO quota_uses
            WITH RECURSIVE numbers (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < ?)
            SELECT ?, ?, number, 'taken', ?, ? FROM numbers`,
          first,
          first + needed,
          id,
          quota,
          now,
          now + TAKEN_MS,
        );
        this.#forget(quota, now);
      }
      return { limited: QUOTA_IDS.filter((quota) => limits[quota] !== null) };
    });
  }

  /**
   * Counts what was used, once whatever is told how often, and gives the rest back. Never more than was taken: a call that we made twice on our own account
   * is no use of the tenant's.
   */
  settle(settlements: readonly UseSettlement[]): void {
    this.#db.transaction(() => {
      for (const { id, used } of settlements)
        for (const quota of QUOTA_IDS) {
          const more = countOf(used[quota]) - this.#counted(id, quota);
          if (more > 0)
            this.#db.all(
              `UPDATE quota_uses SET state = 'used' WHERE call_id = ? AND quota = ? AND number IN (
                SELECT number FROM quota_uses WHERE call_id = ? AND quota = ? AND state = 'taken' ORDER BY number LIMIT ?)`,
              id,
              quota,
              id,
              quota,
              more,
            );
          this.#clear(id, quota);
        }
    });
  }

  standing(now: number): QuotaStanding {
    const { plan, month, limits } = this.#rules(now);
    return {
      plan,
      month,
      quotas: QUOTA_IDS.map((id) => ({
        id,
        limit: limits[id],
        used: limits[id] === null ? 0 : this.#used(id, month.start, now),
      })),
    };
  }

  #rules(now: number) {
    const { plan, anchorAt } = planOf(this.#db);
    const [books] = this.#db.all<{ unlimited: number }>('SELECT unlimited FROM ledger');
    const bounded = this.#planLimits && books?.unlimited !== 1;
    const limits = Object.fromEntries(
      QUOTA_IDS.map((quota) => [quota, bounded ? PLANS[plan].quotas[quota] : null]),
    ) as Readonly<Record<QuotaId, number | null>>;
    return { plan, month: monthOf(anchorAt, now), limits };
  }

  /** Uses since a time that count, or are under way. */
  #used(quota: QuotaId, since: number, now: number): number {
    const [row] = this.#db.all<{ count: number }>(
      "SELECT count(*) AS count FROM quota_uses WHERE quota = ? AND at >= ? AND (state = 'used' OR expires_at > ?)",
      quota,
      since,
      now,
    );
    return row?.count ?? 0;
  }

  /** Uses of one call or run that count for good. */
  #counted(id: string, quota: QuotaId): number {
    const [row] = this.#db.all<{ count: number }>(
      "SELECT count(*) AS count FROM quota_uses WHERE call_id = ? AND quota = ? AND state = 'used'",
      id,
      quota,
    );
    return row?.count ?? 0;
  }

  #next(id: string, quota: QuotaId): number {
    const [row] = this.#db.all<{ next: number }>(
      'SELECT coalesce(max(number) + 1, 0) AS next FROM quota_uses WHERE call_id = ? AND quota = ?',
      id,
      quota,
    );
    return row?.next ?? 0;
  }

  /** Gives back what is taken and not used. */
  #clear(id: string, quota: QuotaId): void {
    this.#db.all("DELETE FROM quota_uses WHERE call_id = ? AND quota = ? AND state = 'taken'", id, quota);
  }

  #forget(quota: QuotaId, now: number): void {
    this.#db.all(
      `DELETE FROM quota_uses WHERE (call_id, quota, number) IN (
        SELECT call_id, quota, number FROM quota_uses WHERE quota = ? AND at < ? LIMIT ?)`,
      quota,
      now - KEEP_MS,
      FORGET_AT_ONCE,
    );
  }
}

/** A whole number of uses. Throws `invalid_parameter` for what is none: a caller's defect, refused before anything is written. */
function countOf(count = 0): number {
  if (Number.isSafeInteger(count) && count >= 0 && count <= MAX_USES) return count;
  throw new ParallaxError('invalid_parameter', 'Uses of a quota must be a whole number.', { param: 'uses' });
}
