import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import { platformBatch } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import { type QueueMessage, writeBatch } from '../../platform/queue.ts';
import { usageEvents } from './schema.ts';
import { countedSince } from './usage/forget.ts';
import { writePoints } from './usage/points.ts';
import { usageSumStatements } from './usage/sum-statements.ts';
import { type UsageEvent, usageEventSchema } from './usage-event.ts';

/**
 * Messages are our own, of this version of the code or of the one before: what is looked at is what the table cannot refuse by itself. Checking every member
 * of every event would cost more than writing it.
 */
const messageSchema = z.object({
  version: z.literal(1),
  events: z.array(z.custom<UsageEvent>(looksLikeAnEvent)),
});

function looksLikeAnEvent(value: unknown): value is UsageEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { id, tenantId, at, costNano, chargeNano } = value as Partial<UsageEvent>;
  return (
    typeof id === 'string' &&
    typeof tenantId === 'string' &&
    [at, costNano, chargeNano].every((count) => Number.isSafeInteger(count) && (count ?? -1) >= 0)
  );
}

/** Most events of one statement: about 400 KB of JSON, of the 2 MB that a bound text may have (https://developers.cloudflare.com/d1/platform/limits/). */
const EVENTS_PER_STATEMENT = 500;

/**
 * Statements that add to somebody's sums the events that a batch has written, and no others: they run in the transaction that writes them. `written` is the
 * condition on `usage_events` that holds for these rows alone; it finds them by their keys.
 */
export type SumStatements = (written: SQL) => readonly SQL[];

/** What a batch is written with besides the database. */
export interface UsageConsumer {
  readonly clock: Clock;
  readonly log: Logger;
  /** Days that events are kept. */
  readonly retentionDays: number;
  /** Statements of other slices that belong to a batch. */
  readonly sums: SumStatements;
  /** Where the points of new events go; they are written when the events are, and may be lost. */
  readonly points?: Pick<AnalyticsEngineDataset, 'writeDataPoint'>;
}

/**
 * Writes a batch of usage messages: every event once, by its id, and every sum that follows from it once, in one transaction. Delivered twice,
 * the second changes nothing. A message that cannot be read is handed back, and so comes to the dead-letter queue; a database that fails
 * hands back all. Events that are older than events are kept are left out: whether they were counted before cannot be told any more.
 */
export function consumeUsage(
  d1: D1Database,
  messages: readonly QueueMessage[],
  { clock, log, retentionDays, sums, points }: UsageConsumer,
): Promise<void> {
  const write = async (bodies: readonly z.infer<typeof messageSchema>[]) => {
    const events = bodies.flatMap((body) => body.events);
    const since = countedSince(clock.now(), retentionDays);
    const counted = events.filter(({ at }) => at >= since);
    if (counted.length < events.length) {
      const late = events.filter(({ at }) => at < since);
      log.error('usage events came after the time for which events are kept, and are not counted', {
        events: late.length,
        tenants: [...new Set(late.map(({ tenantId }) => tenantId))].slice(0, 20),
        chargeNano: late.reduce((sum, { chargeNano }) => sum + chargeNano, 0),
      });
    }
    const written = await writeUsage(d1, counted, sums);
    if (points !== undefined) writePoints(points, written, log);
  };
  return writeBatch(messages, messageSchema, write, { log, what: 'usage events' });
}

/**
 * Writes events and the sums that follow from them; events that are there already are left alone and not summed again. Returns those that are
 * new.
 */
export async function writeUsage(
  d1: D1Database,
  events: readonly UsageEvent[],
  sums: SumStatements,
): Promise<readonly UsageEvent[]> {
  if (events.length === 0) return [];
  const ingest = crypto.randomUUID();
  const statements: SQL[] = [];
  for (let at = 0; at < events.length; at += EVENTS_PER_STATEMENT) {
    const some = events.slice(at, at + EVENTS_PER_STATEMENT);
    const part = `${ingest}/${at}`;
    const written = writtenBy(part, some);
    statements.push(insertEvents(some, part), ...usageSumStatements(written), ...sums(written));
  }
  const rows = await platformBatch(d1, statements);
  const unseen = new Set(rows.flat().map(({ id }) => id));
  // Of an event that stands twice in a batch only one is new.
  return events.filter(({ id }) => unseen.delete(id));
}

/** Rows that one insert has written: those it found there already carry another marker. */
export function writtenBy(ingest: string, events: readonly Pick<UsageEvent, 'id'>[]): SQL {
  const ids = JSON.stringify(events.map(({ id }) => id));
  return sql`usage_events.id IN (SELECT value FROM json_each(${ids})) AND usage_events.ingest = ${ingest}`;
}

/** Fields by column; booleans become 0 and 1 on their way through JSON. */
const COLUMNS: readonly (readonly [field: keyof UsageEvent, column: string])[] = (
  Object.keys(usageEventSchema.shape) as (keyof UsageEvent)[]
).map((field) => [field, usageEvents[field].name]);

/** One statement for many rows: the events travel as one JSON text, because a statement has at most 100 parameters. */
function insertEvents(events: readonly UsageEvent[], ingest: string): SQL {
  const columns = sql.raw(COLUMNS.map(([, column]) => `"${column}"`).join(', '));
  const values = sql.raw(COLUMNS.map(([field]) => `json_extract(value, '$.${field}')`).join(', '));
  return sql`INSERT INTO ${usageEvents} ("ingest", ${columns}) SELECT ${ingest}, ${values} FROM json_each(${JSON.stringify(events)}) WHERE true ON CONFLICT DO NOTHING RETURNING id`;
}
