import { and, asc, eq, gt, inArray } from 'drizzle-orm';
import type { Clock } from '../../platform/clock.ts';
import { platformDb } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import type { QueueMessage } from '../../platform/queue.ts';
import { deadLetters } from './schema.ts';

/** Rows written in one statement: four columns each, of 100 parameters. */
const ROWS_AT_ONCE = 20;
/** Letters sent again at a time. */
const REPLAYED_AT_ONCE = 50;

/** Keeps what a queue gave up on where an operator can see it. A message is written once, by its id. */
export async function keepDeadLetters(
  d1: D1Database,
  queue: string,
  messages: readonly QueueMessage[],
  clock: Clock,
  log: Logger,
): Promise<void> {
  const db = platformDb(d1);
  for (let at = 0; at < messages.length; at += ROWS_AT_ONCE) {
    const some = messages.slice(at, at + ROWS_AT_ONCE);
    const rows = some.map(({ id, body }) => ({
      id,
      queue,
      body: JSON.stringify(body) ?? 'null',
      createdAt: clock.now(),
    }));
    try {
      await db.insert(deadLetters).values(rows).onConflictDoNothing();
      for (const message of some) message.ack();
    } catch (error) {
      log.error('dead letters could not be kept and will come again', { queue, error });
      for (const message of some) message.retry();
    }
  }
  log.error('messages ended in the dead-letter queue', { queue, messages: messages.length });
}

export interface DeadLetter {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly createdAt: number;
}

/** Dead letters of a queue by id, a page of them. */
export async function listDeadLetters(
  d1: D1Database,
  queue: string,
  page: { readonly limit: number; readonly after: string | undefined },
): Promise<DeadLetter[]> {
  return platformDb(d1)
    .select()
    .from(deadLetters)
    .where(
      and(
        eq(deadLetters.queue, queue),
        page.after === undefined ? undefined : gt(deadLetters.id, page.after),
      ),
    )
    .orderBy(asc(deadLetters.id))
    .limit(page.limit);
}

/**
 * Sends dead letters to their queue again, so many at a time, and forgets those that were sent. Stopped in between, they are sent
 * again another time, which is why every consumer counts once.
 */
export async function replayDeadLetters(
  d1: D1Database,
  queue: string,
  producer: Pick<Queue, 'send'>,
): Promise<number> {
  const letters = await listDeadLetters(d1, queue, { limit: REPLAYED_AT_ONCE, after: undefined });
  for (const { body } of letters) await producer.send(JSON.parse(body), { contentType: 'json' });
  if (letters.length > 0) {
    await platformDb(d1)
      .delete(deadLetters)
      .where(
        inArray(
          deadLetters.id,
          letters.map(({ id }) => id),
        ),
      );
  }
  return letters.length;
}
