import { z } from 'zod';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AppContext } from '../../../platform/http/context.ts';
import { operation } from '../../../platform/http/operation.ts';
import { readText } from '../../../platform/http/read-json.ts';
import { storeEvent } from '../event-store.ts';
import { loadStripe, requireStripe, type Stripe } from '../stripe.ts';
import { enqueue } from '../upkeep.ts';
import { TAG } from './context-of.ts';

const MAX_BYTES = 512 * 1024;
/** How old a signature may be: a copied request is of no use after it. */
const TOLERANCE_S = 300;

export const postStripeWebhook = operation({
  operationId: 'stripeWebhook',
  method: 'post',
  path: '/webhooks/stripe',
  tag: TAG,
  summary: 'Take an event of Stripe’s',
  description:
    'For Stripe alone: the signature over the body is the credential. An event is answered with 200 once it is stored, and handled after that.',
  access: { kind: 'public', why: 'the signature over the body is the credential' },
  describedBody: z.object({ id: z.string(), type: z.string() }).meta({ id: 'StripeEvent' }),
  responses: {
    200: { description: 'It is stored.', schema: z.object({ received: z.literal(true) }) },
  },
  errors: [404, 503],
  async handler({ c }) {
    const event = await verified(c);
    if (await storeEvent(c.env, event, c.var.clock))
      // Should the queue fail, the event is stored: cron sends it again.
      await enqueue(c.env, event.id).catch((error: unknown) =>
        c.var.log.error('an event of Stripe is stored but not queued', { event: event.id, error }),
      );
    return c.json({ received: true });
  },
});

/** The event, if one of the secrets signed exactly this body, lately. Throws `ParallaxError` `malformed_request`. */
async function verified(c: AppContext): Promise<Stripe.Event> {
  const body = await readText(c.req.raw, MAX_BYTES);
  const { webhookSecrets } = requireStripe(c.var.config);
  const signature = c.req.header('stripe-signature');
  if (signature === undefined || signature.length > 2_000)
    throw new ParallaxError('malformed_request', 'The header `stripe-signature` is missing.');
  const Stripe = await loadStripe();
  const crypto = Stripe.createSubtleCryptoProvider();
  for (const secret of webhookSecrets) {
    try {
      return await Stripe.webhooks.constructEventAsync(body, signature, secret, TOLERANCE_S, crypto);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw unreadable(error);
    }
  }
  throw new ParallaxError('malformed_request', 'The signature is not one of ours, or is too old.');
}

function unreadable(cause: unknown): ParallaxError {
  return new ParallaxError('malformed_request', 'The body is no event.', { cause });
}
