import { and, asc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import { platformDb } from '../../platform/db.ts';
import type { OverlayRow } from './overlay.ts';
import { catalogModels } from './schema.ts';

/** What is to be written: a row's fields as JSON, or null to take it back. */
export interface OverlayChange {
  readonly id: string;
  readonly fields: string | null;
}

/** Rows read at once, at most. More than all providers' models together. */
const MAX_ROWS = 20_000;
/** Characters of JSON in one bound value; D1 takes 2 MB. */
const MAX_CHUNK_CHARACTERS = 500_000;

/** The rows that were written after a revision, in the order of writing. */
export async function rowsAfter(d1: D1Database, revision: number): Promise<OverlayRow[]> {
  return platformDb(d1)
    .select({
      source: catalogModels.source,
      id: catalogModels.id,
      fields: catalogModels.fields,
      revision: catalogModels.revision,
    })
    .from(catalogModels)
    .where(gt(catalogModels.revision, revision))
    .orderBy(asc(catalogModels.revision))
    .limit(MAX_ROWS);
}

/** The rows of a source that hold, by id. */
export async function rowsOf(d1: D1Database, source: OverlayRow['source']): Promise<Map<string, string>> {
  const rows = await platformDb(d1)
    .select({ id: catalogModels.id, fields: catalogModels.fields })
    .from(catalogModels)
    .where(and(eq(catalogModels.source, source), isNotNull(catalogModels.fields)))
    .limit(MAX_ROWS);
  return new Map(rows.map(({ id, fields }) => [id, fields ?? '']));
}

/** Whether a source has a row for a model that holds. */
export async function hasRow(d1: D1Database, source: OverlayRow['source'], id: string): Promise<boolean> {
  const rows = await platformDb(d1)
    .select({ fields: catalogModels.fields })
    .from(catalogModels)
    .where(and(eq(catalogModels.source, source), eq(catalogModels.id, id), isNotNull(catalogModels.fields)))
    .limit(1);
  return rows.length > 0;
}

/**
 * Writes rows of a source. Rows travel as one JSON value a statement, so that a statement has three bound parameters however
 * many rows it writes (D1 allows 100). Writing the same again is harmless. The revision is taken within the statement: two writers
 * cannot get the same one.
 */
export async function writeRows(
  d1: D1Database,
  source: OverlayRow['source'],
  changes: readonly OverlayChange[],
  now: number,
): Promise<void> {
  const db = platformDb(d1);
  for (const chunk of chunksOf(changes)) {
    await db.run(sql`
      INSERT INTO catalog_models (source, id, fields, updated_at, revision)
      SELECT ${source}, json_extract(value, '$.id'), json_extract(value, '$.fields'), ${now},
        (SELECT coalesce(max(revision), 0) + 1 FROM catalog_models)
      FROM json_each(${chunk}) WHERE true
      ON CONFLICT (source, id) DO UPDATE
      SET fields = excluded.fields, updated_at = excluded.updated_at, revision = excluded.revision`);
  }
}

/** JSON arrays of changes, each within the bound. */
export function chunksOf(changes: readonly OverlayChange[]): string[] {
  const chunks: string[] = [];
  let current: string[] = [];
  let size = 0;
  for (const change of changes) {
    const text = JSON.stringify(change);
    if (current.length > 0 && size + text.length > MAX_CHUNK_CHARACTERS) {
      chunks.push(`[${current.join(',')}]`);
      current = [];
      size = 0;
    }
    current.push(text);
    size += text.length + 1;
  }
  if (current.length > 0) chunks.push(`[${current.join(',')}]`);
  return chunks;
}
