import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * What is known of models beyond the bundled data: rows that the operator wrote, and rows copied from models.dev. `revision` grows with
 * every write, so that an isolate reads only what is new to it; a row that was taken back stays with null `fields` for the same reason.
 */
export const catalogModels = sqliteTable(
  'catalog_models',
  {
    source: text('source', { enum: ['operator', 'models.dev'] }).notNull(),
    /** `provider/name`. */
    id: text('id').notNull(),
    /** JSON of `OverlayFields`. */
    fields: text('fields'),
    updatedAt: integer('updated_at').notNull(),
    revision: integer('revision').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.source, table.id] }),
    index('catalog_models_revision').on(table.revision),
  ],
);
