import { ALERT_PERCENTS, MAX_BUDGETS } from '../../src/contracts/budgets.ts';
import {
  type Budget,
  type BudgetChanges,
  type BudgetQuestion,
  type BudgetStanding,
  budgetPeriodOf,
  CREDIT_LEASE_MS,
  type LeaseAnswer,
  lendCredit,
  type Settlement,
} from '../../src/features/metering/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import type { LedgerDatabase } from './database.ts';

/** How long a call's id is remembered: longer than any isolate keeps what it could not report. */
const SETTLED_AGE_MS = 2 * 24 * 60 * 60_000;
/** Periods before the present one are kept so long, for what is told late. */
const PERIOD_AGE_MS = 70 * 24 * 60 * 60_000;
/** Rows forgotten at a time. */
const FORGET_AT_ONCE = 500;

export interface BudgetRow extends Record<string, string | number | null> {
  id: string;
  name: string;
  scope: Budget['scope'];
  subject: string | null;
  period: Budget['period'];
  limit_nano: number;
  hard: number;
  created_at: number;
}

/**
 * A tenant's budgets: what was spent of each in its present period, and what of it is lent. An isolate spends only what it was lent, and of a hard budget the sum
 * of what was spent and what is lent is never more than the limit; a call that costs more than was held for it is counted whole all the same. What a call
 * cost counts in the period in which it is told, once by its id.
 */
export class Budgets {
  readonly #db: LedgerDatabase;

  constructor(db: LedgerDatabase) {
    this.#db = db;
  }

  list(now: number): BudgetStanding[] {
    return this.#db
      .all<BudgetRow>('SELECT * FROM budgets ORDER BY created_at, id')
      .map((row) => this.#standing(row, now));
  }

  create(budget: Budget, now: number): BudgetStanding {
    return this.#db.transaction(() => {
      const known = this.#row(budget.id);
      if (known !== undefined) return this.#standing(known, now);
      const [row] = this.#db.all<{ count: number }>('SELECT count(*) AS count FROM budgets');
      if ((row?.count ?? 0) >= MAX_BUDGETS)
        throw new ParallaxError(
          'invalid_parameter',
          `A tenant has at most ${MAX_BUDGETS} budgets. Delete one that is not needed any more.`,
        );
      this.#db.all(
        'INSERT INTO budgets VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        budget.id,
        budget.name,
        budget.scope,
        budget.subject,
        budget.period,
        amountOf(budget.limit),
        budget.hard ? 1 : 0,
        budget.createdAt,
      );
      return this.#standing(this.#known(budget.id), now);
    });
  }

  change(id: string, { name, limit, hard }: BudgetChanges, now: number): BudgetStanding {
    return this.#db.transaction(() => {
      const row = this.#known(id);
      this.#db.all(
        'UPDATE budgets SET name = ?, limit_nano = ?, hard = ? WHERE id = ?',
        name ?? row.name,
        limit === undefined ? row.limit_nano : amountOf(limit),
        Number(hard ?? row.hard === 1),
        id,
      );
      const changed = this.#known(id);
      // Under a higher limit it has yet to come as far as was told, under a lower one it may be further on.
      this.#forgetAhead(changed, now);
      this.#alert(changed, now);
      return this.#standing(this.#known(id), now);
    });
  }

  delete(id: string, now: number): BudgetStanding {
    return this.#db.transaction(() => {
      const standing = this.#standing(this.#known(id), now);
      this.#db.all('DELETE FROM budgets WHERE id = ?', id);
      for (const table of ['budget_spent', 'budget_leases', 'budget_settled', 'budget_alerts'])
        this.#db.all(`DELETE FROM ${table} WHERE budget_id = ?`, id);
      return standing;
    });
  }

  /** Counts and lends, as `BudgetRpc.lendBudget` says. */
  lend(question: Omit<BudgetQuestion, 'tenantId'>, now: number): LeaseAnswer {
    return this.#db.transaction(() => {
      const { budgetId, leaseId, settlements, held, needed, wanted, leaseMs = CREDIT_LEASE_MS } = question;
      this.#db.all('DELETE FROM budget_leases WHERE until <= ?', now);
      const row = this.#row(budgetId);
      if (row === undefined) return { lent: wanted, leaseMs, available: Number.MAX_SAFE_INTEGER - wanted };
      this.#settle(row, settlements, now);
      // A soft budget counts what it is told; nothing is kept back for it.
      if (row.hard !== 1) return { lent: wanted, leaseMs, available: Number.MAX_SAFE_INTEGER - wanted };
      const others = this.#lent(budgetId, leaseId, '<>');
      const free = row.limit_nano - this.#spent(row, now) - others;
      const lent = lendCredit({ free, lent: this.#lent(budgetId, leaseId, '='), held, needed, wanted });
      if (lent === 0)
        this.#db.all('DELETE FROM budget_leases WHERE id = ? AND budget_id = ?', leaseId, budgetId);
      else
        this.#db.all(
          'INSERT INTO budget_leases VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET lent = excluded.lent, until = excluded.until',
          leaseId,
          budgetId,
          lent,
          now + leaseMs,
        );
      return { lent, leaseMs, available: Math.max(0, free - lent) };
    });
  }

  #settle(row: BudgetRow, settlements: readonly Settlement[], now: number): void {
    if (settlements.length === 0) return;
    const { start } = budgetPeriodOf(row.period, now);
    let more = 0;
    for (const { callId, cost } of settlements) {
      amountOf(cost);
      const fresh = this.#db.all(
        'INSERT INTO budget_settled VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
        row.id,
        callId,
        now,
      );
      if (fresh.length > 0) more += cost;
    }
    if (more > 0)
      this.#db.all(
        'INSERT INTO budget_spent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET spent = spent + excluded.spent',
        row.id,
        start,
        more,
      );
    this.#alert(row, now);
    this.#forget(now);
  }

  /** Writes what is to be told of, with what makes it so: each percentage once a period. */
  #alert(row: BudgetRow, now: number): void {
    const { start } = budgetPeriodOf(row.period, now);
    const spent = this.#spent(row, now);
    for (const percent of ALERT_PERCENTS)
      if (spent * 100 >= row.limit_nano * percent)
        this.#db.all(
          'INSERT INTO budget_alerts VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING',
          row.id,
          start,
          percent,
          now,
          spent,
          row.limit_nano,
          now,
        );
  }

  /** Forgets what was told of the present period and does not hold any more, so that it is told again when it does. */
  #forgetAhead(row: BudgetRow, now: number): void {
    this.#db.all(
      'DELETE FROM budget_alerts WHERE budget_id = ? AND start = ? AND ? * 100 < percent * ?',
      row.id,
      budgetPeriodOf(row.period, now).start,
      this.#spent(row, now),
      row.limit_nano,
    );
  }

  #standing(row: BudgetRow, now: number): BudgetStanding {
    const { id, name, scope, subject, period, limit_nano: limit, hard, created_at: createdAt } = row;
    const budget = { id, name, scope, subject, period, limit, hard: hard === 1, createdAt };
    return { ...budget, spent: this.#spent(row, now), ...budgetPeriodOf(period, now) };
  }

  #spent({ id, period }: BudgetRow, now: number): number {
    const [row] = this.#db.all<{ spent: number }>(
      'SELECT spent FROM budget_spent WHERE budget_id = ? AND start = ?',
      id,
      budgetPeriodOf(period, now).start,
    );
    return row?.spent ?? 0;
  }

  #lent(budgetId: string, leaseId: string, which: '=' | '<>'): number {
    const [row] = this.#db.all<{ lent: number }>(
      `SELECT coalesce(sum(lent), 0) AS lent FROM budget_leases WHERE budget_id = ? AND id ${which} ?`,
      budgetId,
      leaseId,
    );
    return row?.lent ?? 0;
  }

  #row(id: string): BudgetRow | undefined {
    return this.#db.all<BudgetRow>('SELECT * FROM budgets WHERE id = ?', id)[0];
  }

  #known(id: string): BudgetRow {
    const row = this.#row(id);
    if (row === undefined) throw new ParallaxError('not_found', 'There is no such budget.');
    return row;
  }

  #forget(now: number): void {
    this.#db.all(
      'DELETE FROM budget_settled WHERE (budget_id, call_id) IN (SELECT budget_id, call_id FROM budget_settled WHERE at < ? LIMIT ?)',
      now - SETTLED_AGE_MS,
      FORGET_AT_ONCE,
    );
    for (const table of ['budget_spent', 'budget_alerts'])
      this.#db.all(`DELETE FROM ${table} WHERE start < ?`, now - PERIOD_AGE_MS);
  }
}

/** A whole amount above 0. Throws `invalid_parameter` for what is none: a caller's defect, refused before anything is written. */
function amountOf(amount: number): number {
  if (Number.isSafeInteger(amount) && amount > 0) return amount;
  throw new ParallaxError('invalid_parameter', 'An amount must be a whole number of nano-dollars above 0.', {
    param: 'amount',
  });
}
