import type { z } from 'zod';
import type { Logger } from './log.ts';

/** A message of a queue, as much of it as is needed. */
export type QueueMessage = Pick<Message<unknown>, 'id' | 'body' | 'ack' | 'retry'>;

/**
 * Writes what a batch of messages says, all of it at once. A message that cannot be read is handed back, and so comes to the dead-letter queue; a
 * `write` that fails hands back all, so it must change nothing the second time. `what` names the messages in the log.
 */
export async function writeBatch<Body>(
  messages: readonly QueueMessage[],
  schema: z.ZodType<Body>,
  write: (bodies: readonly Body[]) => Promise<void>,
  { log, what }: { readonly log: Logger; readonly what: string },
): Promise<void> {
  const bodies: Body[] = [];
  const readable: QueueMessage[] = [];
  for (const message of messages) {
    const parsed = schema.safeParse(message.body);
    if (parsed.success) {
      bodies.push(parsed.data);
      readable.push(message);
    } else {
      log.error(`a message with ${what} cannot be read`, {
        message: message.id,
        issues: parsed.error.issues.slice(0, 3),
      });
      message.retry();
    }
  }
  if (readable.length === 0) return;
  try {
    await write(bodies);
    for (const message of readable) message.ack();
  } catch (error) {
    log.error(`${what} could not be written and will come again`, { messages: readable.length, error });
    for (const message of readable) message.retry();
  }
}
