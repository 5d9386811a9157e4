import { z } from 'zod';
import type { QueueMessage } from '../../platform/queue.ts';
import type { BillingContext } from './context.ts';
import { looksOf } from './event-routing.ts';
import { type IncomingEvent, markHandled, noteFailure, openEvent } from './event-store.ts';
import { lookAtCustomer } from './look-at-customer.ts';
import { lookAtInvoice, lookAtPayment } from './look-at-payment.ts';
import { topUp } from './top-up-service.ts';

const eventMessage = z.object({ version: z.literal(1), eventId: z.string() });
export type StripeMessage = z.infer<typeof eventMessage>;
/** A ledger says that a tenant's credit is low. */
const lowCreditMessage = z.object({ version: z.literal(1), lowCredit: z.string() });
const messageSchema = z.union([eventMessage, lowCreditMessage]);

/** Handles stored events. One that fails comes again, and at last to the dead letters; one that was handled is left alone. */
export async function consumeStripe(
  context: BillingContext,
  messages: readonly QueueMessage[],
): Promise<void> {
  for (const message of messages) {
    const parsed = messageSchema.safeParse(message.body);
    if (!parsed.success) {
      context.log.error('a message of Stripe’s queue cannot be read', { message: message.id });
      message.retry();
      continue;
    }
    if ('lowCredit' in parsed.data) {
      await consumeLowCredit(context, message, parsed.data.lowCredit);
      continue;
    }
    const { eventId } = parsed.data;
    try {
      const event = await openEvent(context.env, eventId);
      if (event !== null) await handleEvent(context, event);
      message.ack();
    } catch (error) {
      context.log.error('an event of Stripe could not be handled and will come again', {
        event: eventId,
        error,
      });
      message.retry();
      await noteFailure(context.env, eventId, error).catch((second: unknown) =>
        context.log.error('the failure could not be noted', { event: eventId, error: second }),
      );
    }
  }
}

async function consumeLowCredit(
  context: BillingContext,
  message: QueueMessage,
  tenantId: string,
): Promise<void> {
  try {
    await topUp(context, tenantId);
    message.ack();
  } catch (error) {
    context.log.error('credit could not be bought; it will be tried again', { tenant: tenantId, error });
    message.retry();
  }
}

/** Looks afresh at what an event is about. May stop anywhere and be repeated. */
export async function handleEvent(context: BillingContext, event: IncomingEvent): Promise<void> {
  const object = event.data.object as Readonly<Record<string, unknown>>;
  for (const { at, id } of looksOf(event.type, object)) {
    if (at === 'payment') await lookAtPayment(context, id);
    else if (at === 'invoice') await lookAtInvoice(context, id);
    else await lookAtCustomer(context, id);
  }
  await markHandled(context.env, event.id, context.clock);
}
