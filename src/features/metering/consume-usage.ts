import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import { deleteOlder, platformBatch } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import { usageEvents } from './schema.ts';
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

/** A message of a queue, as much of it as is needed here. */
export type QueueMessage = Pick<Message<unknown>, 'id' | 'body' | 'ack' | 'retry'>;

/**
 * Writes a batch of usage messages: every event once, by its id, and every sum that follows from it once, in one transaction. Delivered twice,
 * the second changes nothing. A message that cannot be read is handed back, and so comes to the dead-letter queue; a database that fails
 * hands back all.
 */
export async function consumeUsage(
  d1: D1Database,
  messages: readonly QueueMessage[],
  sums: SumStatements,
  log: Logger,
): Promise<void> {
  const events: UsageEvent[] = [];
  const readable: QueueMessage[] = [];
  for (const message of messages) {
    const parsed = messageSchema.safeParse(message.body);
    if (parsed.success) {
      events.push(...parsed.data.events);
      readable.push(message);
    } else {
      log.error('a usage message cannot be read', {
        message: message.id,
        issues: parsed.error.issues.slice(0, 3),
      });
      message.retry();
    }
  }
  if (readable.length === 0) return;
  try {
    await writeUsage(d1, events, sums);
    for (const message of readable) message.ack();
  } catch (error) {
    log.error('usage events could not be written and will come again', { events: events.length, error });
    for (const message of readable) message.retry();
  }
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

/** Deletes events older than their retention; called by cron. */
export async function forgetOldUsage(d1: D1Database, clock: Clock, retentionDays: number): Promise<void> {
  const before = clock.now() - retentionDays * 24 * 60 * 60 * 1000;
  await deleteOlder(d1, usageEvents, usageEvents.at, before);
}
