/** How long it is remembered that tokens were settled, in milliseconds: longer than whoever took them goes on telling it. */
const SETTLED_AGE_MS = 2 * 24 * 60 * 60_000;

/** Which takings of tokens have been settled, so that each counts once. */
export class SettledStorage {
  readonly #sql: SqlStorage;

  /** Made after `KeyStorage`, which brings the database up to date. */
  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  /** Whether the taking is settled for the first time; from then on it is not. */
  isFirst(id: string, now: number): boolean {
    this.#sql.exec('DELETE FROM tokens_settled WHERE at < ?', now - SETTLED_AGE_MS);
    return this.#sql.exec('INSERT OR IGNORE INTO tokens_settled VALUES (?, ?)', id, now).rowsWritten > 0;
  }
}
