import { USAGE_EVENT_FIELDS, type UsageEventView } from '../../../contracts/usage.ts';
import { utf8 } from '../../../platform/crypto.ts';
import { csvLine } from '../../../platform/csv.ts';
import { type EventPlace, type EventSearch, eventView, findEvents } from './find-events.ts';

/** Most events of one file. */
export const MAX_EXPORTED = 500_000;
/** Events of one query: an invocation has 1,000 (https://developers.cloudflare.com/d1/platform/limits/). */
const EVENTS_AT_ONCE = 1_000;

export type ExportFormat = 'csv' | 'jsonl';

/** All events that fit, newest first, as a stream that reads a page when its reader wants more: it holds no more than that page. */
export function exportEvents(
  d1: D1Database,
  tenantId: string,
  search: EventSearch,
  format: ExportFormat,
): ReadableStream<Uint8Array> {
  let after: EventPlace | null = null;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (format === 'csv') controller.enqueue(utf8(csvLine(USAGE_EVENT_FIELDS)));
      },
      async pull(controller) {
        const rows = await findEvents(d1, tenantId, search, { after, limit: EVENTS_AT_ONCE });
        const write = format === 'csv' ? eventLine : jsonLine;
        if (rows.length > 0) controller.enqueue(utf8(rows.map((row) => write(eventView(row))).join('')));
        after = rows.at(-1) ?? null;
        if (rows.length < EVENTS_AT_ONCE) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function jsonLine(event: UsageEventView): string {
  return `${JSON.stringify(event)}\n`;
}

function eventLine(event: UsageEventView): string {
  return csvLine(USAGE_EVENT_FIELDS.map((name) => event[name]));
}
