import type { LowCreditMessage } from '../../src/features/metering/index.ts';
import type { Logger } from '../../src/platform/log.ts';
import type { LedgerDatabase } from './database.ts';

/** While credit stays below the threshold it is told again this far apart: a message that was lost is made good. Milliseconds. */
const AGAIN_MS = 10 * 60_000;
/** When it is tried again after the queue did not take it. */
const RETRY_MS = 30_000;

/**
 * Tells billing that available credit is below what is watched for. It looks at the books and not at what changed them, so that no crossing is missed
 * whatever stops in between; who is told decides whether anything follows. An unlimited tenant needs no credit.
 */
export class CreditWatch {
  readonly #db: LedgerDatabase;
  readonly #tenantId: string;
  readonly #queue: Pick<Queue<LowCreditMessage>, 'send'>;
  readonly #log: Logger;

  constructor(
    db: LedgerDatabase,
    tenantId: string,
    queue: Pick<Queue<LowCreditMessage>, 'send'>,
    log: Logger,
  ) {
    this.#db = db;
    this.#tenantId = tenantId;
    this.#queue = queue;
    this.#log = log;
  }

  /** Watches for another amount, or none, unless something later is known. */
  set(threshold: number | null, asOf: number): void {
    this.#db.all(
      `INSERT INTO watch VALUES (1, ?, ?, NULL) ON CONFLICT DO UPDATE SET
        threshold = excluded.threshold, as_of = excluded.as_of, told_at = NULL WHERE excluded.as_of > as_of`,
      threshold,
      asOf,
    );
  }

  /** When it is to be told next, in milliseconds; null while there is credit enough, or nobody watches. */
  dueAt(now: number): number | null {
    const [row] = this.#db.all<{ told_at: number | null }>(
      `SELECT told_at FROM watch, ledger
        WHERE watch.threshold IS NOT NULL AND ledger.unlimited = 0 AND balance - reserved < watch.threshold`,
    );
    if (row === undefined) return null;
    return row.told_at === null ? now : Math.max(now, row.told_at + AGAIN_MS);
  }

  /** Tells it, if it is due. Never throws: what the queue did not take is due again. */
  async tell(now: number): Promise<void> {
    const due = this.dueAt(now);
    if (due === null || due > now) return;
    try {
      await this.#queue.send({ version: 1, lowCredit: this.#tenantId }, { contentType: 'json' });
      this.#db.all('UPDATE watch SET told_at = ?', now);
    } catch (error) {
      this.#db.all('UPDATE watch SET told_at = ?', now - AGAIN_MS + RETRY_MS);
      this.#log.error('low credit could not be told; it will be tried again', { error });
    }
  }
}
