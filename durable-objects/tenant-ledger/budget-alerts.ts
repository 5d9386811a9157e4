import { type BudgetAlertMessage, budgetPeriodOf } from '../../src/features/metering/index.ts';
import type { Logger } from '../../src/platform/log.ts';
import type { BudgetRow } from './budgets.ts';
import type { LedgerDatabase } from './database.ts';

/** When it is tried again after the queue did not take it. Milliseconds. */
const RETRY_MS = 30_000;

interface DueRow extends BudgetRow {
  start: number;
  percent: number;
  at: number;
  spent: number;
  limit_then: number;
}

/**
 * Tells how far budgets have come. What is to be told was written with what made it so (`Budgets`), so that none is lost whatever stops in between; the queue may
 * hear the same twice. Where several percentages were reached at once the highest is told.
 */
export class BudgetAlerts {
  readonly #db: LedgerDatabase;
  readonly #tenantId: string;
  readonly #queue: Pick<Queue<BudgetAlertMessage>, 'send'>;
  readonly #log: Logger;
  /** When something is to be told next, as last looked up; undefined when that is to be looked up anew. */
  #nextAt: number | null | undefined;

  constructor(
    db: LedgerDatabase,
    tenantId: string,
    queue: Pick<Queue<BudgetAlertMessage>, 'send'>,
    log: Logger,
  ) {
    this.#db = db;
    this.#tenantId = tenantId;
    this.#queue = queue;
    this.#log = log;
  }

  /** Says that there may be something new: every operation of the ledger asks for the next alarm, and must not search for it each time. */
  look(): void {
    this.#nextAt = undefined;
  }

  /** When there is something to tell next, in milliseconds; null when there is nothing. */
  dueAt(now: number): number | null {
    if (this.#nextAt === undefined) {
      const [row] = this.#db.all<{ due_at: number | null }>(
        'SELECT min(due_at) AS due_at FROM budget_alerts WHERE told_at = 0',
      );
      this.#nextAt = row?.due_at ?? null;
    }
    return this.#nextAt === null ? null : Math.max(now, this.#nextAt);
  }

  /** Tells what is due. Never throws what the queue throws: what it did not take is due again. */
  async tell(now: number): Promise<void> {
    this.look();
    for (const row of this.#due(now)) {
      const { id: budgetId, start, percent } = row;
      try {
        await this.#queue.send(messageOf(this.#tenantId, row), { contentType: 'json' });
        this.#db.all(
          'UPDATE budget_alerts SET told_at = ? WHERE budget_id = ? AND start = ? AND percent <= ?',
          now,
          budgetId,
          start,
          percent,
        );
      } catch (error) {
        this.#db.all(
          'UPDATE budget_alerts SET due_at = ? WHERE budget_id = ? AND start = ? AND told_at = 0',
          now + RETRY_MS,
          budgetId,
          start,
        );
        this.#log.error('how far a budget is could not be told; it will be tried again', { error });
      }
    }
    this.look();
  }

  /** The highest that is due of each budget and period. */
  #due(now: number): DueRow[] {
    return this.#db.all<DueRow>(
      `SELECT budgets.*, start, max(percent) AS percent, at, spent, budget_alerts.limit_nano AS limit_then
        FROM budget_alerts JOIN budgets ON budgets.id = budget_id
        WHERE told_at = 0 AND due_at <= ? GROUP BY budget_id, start`,
      now,
    );
  }
}

function messageOf(tenantId: string, row: DueRow): BudgetAlertMessage {
  const { id: budgetId, name, scope, subject, period, hard, percent, spent, start, at } = row;
  const { end } = budgetPeriodOf(period, start);
  return {
    version: 1,
    kind: 'budget_alert',
    tenantId,
    alert: {
      budgetId,
      name,
      scope,
      subject,
      period,
      hard: hard === 1,
      percent,
      spent,
      limit: row.limit_then,
      start,
      end,
      at,
    },
  };
}
