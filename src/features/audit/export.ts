import type { AuditEntryView, AuditFilters } from '../../contracts/audit.ts';
import { utf8 } from '../../platform/crypto.ts';
import { csvLine } from '../../platform/csv.ts';
import { findEntries } from './copy.ts';
import { entryView } from './row.ts';

const ENTRIES_AT_ONCE = 500;

export type ExportFormat = 'csv' | 'jsonl';

const COLUMNS: readonly (readonly [name: string, of: (entry: AuditEntryView) => unknown])[] = [
  ['number', (entry) => entry.number],
  ['created_at', (entry) => entry.created_at],
  ['id', (entry) => entry.id],
  ['actor_type', (entry) => entry.actor.type],
  ['actor_id', (entry) => entry.actor.id],
  ['user_id', (entry) => entry.actor.user_id],
  ['action', (entry) => entry.action],
  ['target_type', (entry) => entry.target.type],
  ['target_id', (entry) => entry.target.id],
  ['changed', (entry) => entry.changed?.join(' ')],
  ['request_id', (entry) => entry.request_id],
  ['ip', (entry) => entry.ip],
  ['country', (entry) => entry.country],
  ['user_agent', (entry) => entry.user_agent],
  ['risk', (entry) => entry.risk],
  ['before', (entry) => entry.before],
  ['after', (entry) => entry.after],
  ['previous', (entry) => entry.previous],
  ['hash', (entry) => entry.hash],
];

/** All entries that fit, newest first, as a stream that reads a page when its reader wants more. */
export function exportEntries(
  d1: D1Database,
  tenantId: string,
  filters: AuditFilters,
  format: ExportFormat,
): ReadableStream<Uint8Array> {
  let below: number | null = null;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (format === 'csv') controller.enqueue(utf8(csvLine(COLUMNS.map(([name]) => name))));
    },
    async pull(controller) {
      const entries = await findEntries(d1, tenantId, filters, { below, limit: ENTRIES_AT_ONCE });
      const write = format === 'csv' ? entryLine : jsonLine;
      if (entries.length > 0)
        controller.enqueue(utf8(entries.map((entry) => write(entryView(entry))).join('')));
      below = entries.at(-1)?.seq ?? null;
      if (entries.length < ENTRIES_AT_ONCE) controller.close();
    },
  });
}

function jsonLine(entry: AuditEntryView): string {
  return `${JSON.stringify(entry)}\n`;
}

function entryLine(entry: AuditEntryView): string {
  return csvLine(COLUMNS.map(([, of]) => of(entry)));
}
