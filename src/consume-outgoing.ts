import { z } from 'zod';
import { budgetAlertMessageSchema } from './features/metering/index.ts';
import { mailNotice, noticeMailMessageSchema } from './features/notices/index.ts';
import { deliver, webhookMessageSchema } from './features/webhooks/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import type { Logger } from './platform/log.ts';
import type { QueueMessage } from './platform/queue.ts';
import { tellBudgetAlert } from './tell-budget-alert.ts';

const messageSchema = z.discriminatedUnion('kind', [
  budgetAlertMessageSchema,
  noticeMailMessageSchema,
  webhookMessageSchema,
]);

/** What telling works with. */
export interface OutgoingContext {
  readonly env: Env;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells what the queue's messages say: in the web app, by mail, to webhook endpoints. Each message by itself and all at once, so that nobody waits for a slow
 * endpoint of another's. One that cannot be read, or fails, comes again and ends as a dead letter.
 */
export async function consumeOutgoing(
  context: OutgoingContext,
  messages: readonly QueueMessage[],
): Promise<void> {
  await Promise.all(messages.map((message) => consume(context, message)));
}

async function consume(context: OutgoingContext, message: QueueMessage): Promise<void> {
  try {
    const delaySeconds = await act(context, messageSchema.parse(message.body));
    if (delaySeconds === null) message.ack();
    else message.retry({ delaySeconds });
  } catch (error) {
    context.log.error('a message could not be told and will come again', { message: message.id, error });
    message.retry();
  }
}

/** Returns the seconds until the message is to come again, null when it is done. */
async function act(context: OutgoingContext, message: z.infer<typeof messageSchema>): Promise<number | null> {
  switch (message.kind) {
    case 'budget_alert':
      await tellBudgetAlert(context, message);
      return null;
    case 'notice_mail':
      return mailNotice(context, message);
    case 'webhook':
      return deliver(context, message);
  }
}
