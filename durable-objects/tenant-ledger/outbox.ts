import {
  type LedgerMessage,
  messageOf,
  TRANSACTIONS_PER_MESSAGE,
} from '../../src/features/metering/index.ts';
import type { Logger } from '../../src/platform/log.ts';
import type { LedgerDatabase } from './database.ts';
import { markMirrored, mirroredUpTo, transactionsAfter, unmirrored } from './transactions.ts';

/** A change goes out this long after it, with all that has followed. Milliseconds. */
const AFTER_MS = 1_000;
/** While changes go on they go out this far apart. */
const APART_MS = 5_000;
/** When it is tried again after the queue did not take it. */
const RETRY_MS = 30_000;
/** Most messages of one sending; the rest follows at once in another. */
const MESSAGES_AT_ONCE = 50;

/**
 * The way of a ledger's transactions into the mirror. The transactions are their own outbox: what the queue has not taken is what is numbered above
 * `mirrored`, which moves only after it took it. A machine that stops in between sends again, and the mirror has each once by its number.
 */
export class Outbox {
  readonly #db: LedgerDatabase;
  readonly #tenantId: string;
  readonly #queue: Pick<Queue<LedgerMessage>, 'send'>;
  readonly #log: Logger;
  #dueAt: number | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(db: LedgerDatabase, tenantId: string, queue: Pick<Queue<LedgerMessage>, 'send'>, log: Logger) {
    this.#db = db;
    this.#tenantId = tenantId;
    this.#queue = queue;
    this.#log = log;
  }

  /** When there is something to send next, in milliseconds; null when there is nothing. */
  dueAt(now: number): number | null {
    if (this.#dueAt === null && this.#isBehind())
      this.#dueAt = Math.max(now + AFTER_MS, this.#sentAt + APART_MS);
    return this.#dueAt;
  }

  /** Sends what waits. Never throws: what could not be sent is due again. */
  async send(now: number): Promise<void> {
    try {
      this.#dueAt = null;
      for (let sent = 0; this.#isBehind(); sent++) {
        if (sent === MESSAGES_AT_ONCE) {
          this.#dueAt = now;
          break;
        }
        await this.#sendNext();
      }
      this.#sentAt = now;
    } catch (error) {
      this.#dueAt = now + RETRY_MS;
      this.#log.error('transactions could not be sent to the mirror; it will be tried again', { error });
    }
  }

  /** Sends transactions that the mirror lost. Throws what the queue throws. */
  async sendAgain(first: number, last: number): Promise<void> {
    for (let after = first - 1; after < last; ) {
      const some = transactionsAfter(this.#db, after, TRANSACTIONS_PER_MESSAGE);
      const { transactions } = messageOf(
        this.#tenantId,
        some.filter(({ seq }) => seq <= last),
      );
      const end = transactions.at(-1);
      if (end === undefined) return;
      await this.#queue.send({ version: 1, tenantId: this.#tenantId, transactions }, { contentType: 'json' });
      after = end.seq;
    }
  }

  /** Begins anew: everything is to be sent. */
  beginAnew(): void {
    this.#db.all('UPDATE ledger SET mirrored = 0');
  }

  async #sendNext(): Promise<void> {
    const from = mirroredUpTo(this.#db);
    const message = messageOf(this.#tenantId, unmirrored(this.#db, TRANSACTIONS_PER_MESSAGE));
    await this.#queue.send(message, { contentType: 'json' });
    markMirrored(this.#db, from, message.transactions.at(-1)?.seq ?? from);
  }

  #isBehind(): boolean {
    const [row] = this.#db.all<{ behind: number }>('SELECT seq > mirrored AS behind FROM ledger');
    return row?.behind === 1;
  }
}
