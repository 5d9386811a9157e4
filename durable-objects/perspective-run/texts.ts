import { wholeParts } from '../../src/features/perspectives/index.ts';

/** Longest text in one row: SQLite in a Durable Object takes 2 MB a value, and a UTF-16 unit has up to three bytes in UTF-8. */
export const MAX_TEXT = 500_000;

/** Long texts by name, in as many rows as their length needs. */
export class TextRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Keeps a text in place of what had the name before. */
  save(name: string, text: string): void {
    this.#sql.exec('DELETE FROM texts WHERE name = ?', name);
    for (const { at, part } of wholeParts(text, MAX_TEXT)) {
      this.#sql.exec('INSERT INTO texts (name, part, text) VALUES (?, ?, ?)', name, at, part);
    }
  }

  /** Adds to a text, in rows of its own. */
  append(name: string, text: string): void {
    for (const { part } of wholeParts(text, MAX_TEXT)) {
      this.#sql.exec(
        'INSERT INTO texts (name, part, text) SELECT ?, COALESCE(MAX(part) + 1, 0), ? FROM texts WHERE name = ?',
        name,
        part,
        name,
      );
    }
  }

  /** A kept text; empty when there is none. */
  load(name: string): string {
    return this.#sql
      .exec<{ text: string }>('SELECT text FROM texts WHERE name = ? ORDER BY part', name)
      .toArray()
      .map(({ text }) => text)
      .join('');
  }
}
