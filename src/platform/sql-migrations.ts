/**
 * Append-only SQL migrations of a Durable Object's own database. The list only ever grows: an object that slept through several
 * versions runs those it lacks, in order, each in one transaction with the record that it ran.
 */
export interface SqlMigration {
  readonly name: string;
  readonly sql: string;
}

/** Applies what has not been applied yet. Throws when the stored history is not a prefix of the list. */
export function applySqlMigrations(storage: DurableObjectStorage, migrations: readonly SqlMigration[]): void {
  storage.sql.exec(
    'CREATE TABLE IF NOT EXISTS _migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT',
  );
  const applied = storage.sql
    .exec<{ name: string }>('SELECT name FROM _migrations ORDER BY position')
    .toArray();
  applied.forEach((row, position) => {
    if (migrations[position]?.name !== row.name) {
      throw new Error(
        `migration ${position} was applied as "${row.name}" and is now "${migrations[position]?.name}"`,
      );
    }
  });
  migrations.slice(applied.length).forEach((migration, index) => {
    storage.transactionSync(() => {
      storage.sql.exec(migration.sql);
      storage.sql.exec('INSERT INTO _migrations VALUES (?, ?)', applied.length + index, migration.name);
    });
  });
}
