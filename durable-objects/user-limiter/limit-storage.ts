import type { Bucket, Holding } from '../../src/features/identity/index.ts';
import type { LimitState } from './logic.ts';

/** How long changes gather in memory before they are written: a write a lease would cost more than the lease. */
const WRITE_AFTER_MS = 1_000;
/** Every bucket is full after so long, however slowly it is refilled. */
const FULL_AFTER_MS = 60 * 60_000;

/**
 * How a user's limits stand: in memory, written within a second of a change. An object that stops before the write forgets at most that second,
 * and lends its requests once more. Made after `KeyStorage`, which brings the database up to date.
 */
export class LimitStorage {
  readonly #sql: SqlStorage;
  readonly #onError: (error: unknown) => void;
  #state: LimitState;
  #writing = false;

  constructor(storage: DurableObjectStorage, onError: (error: unknown) => void) {
    this.#sql = storage.sql;
    this.#onError = onError;
    this.#state = this.#read();
  }

  get state(): LimitState {
    return this.#state;
  }

  set state(state: LimitState) {
    this.#state = state;
    if (this.#writing) return;
    this.#writing = true;
    setTimeout(() => {
      this.#writing = false;
      try {
        this.#write();
      } catch (error) {
        this.#onError(error);
      }
    }, WRITE_AFTER_MS);
  }

  #read(): LimitState {
    const [row] = this.#sql.exec<{ state: string }>('SELECT state FROM limits').toArray();
    if (row === undefined) return { buckets: new Map(), holdings: new Map() };
    const { buckets, holdings } = JSON.parse(row.state) as {
      buckets: [string, Bucket][];
      holdings: [string, Holding][];
    };
    return { buckets: new Map(buckets), holdings: new Map(holdings) };
  }

  #write(): void {
    const { buckets, holdings } = this.#state;
    // A bucket that nobody has taken from for so long is full: as if there were none.
    const lately = [...buckets].filter(([, { at }]) => Date.now() - at < FULL_AFTER_MS);
    const state = JSON.stringify({ buckets: lately, holdings: [...holdings] });
    this.#sql.exec(
      'INSERT INTO limits VALUES (1, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
      state,
    );
  }
}
