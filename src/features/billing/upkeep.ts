import { waitingSignUpCodes } from '../identity/index.ts';
import type { StripeMessage } from './consume-events.ts';
import type { BillingContext } from './context.ts';
import { EVENT_TYPES } from './event-routing.ts';
import { readUntil, setReadUntil, storeEvent, waitingEvents } from './event-store.ts';
import { lookAtCustomer } from './look-at-customer.ts';
import { lookAtPlan } from './look-at-plan.ts';
import { dueAgreements, pastGrace } from './owners.ts';
import { claimOfSignUp } from './referrals/claim.ts';
import { tellReferral } from './referrals/look-at-referral.ts';
import { untoldReferrals } from './referrals/referrers.ts';
import { stripeFor } from './stripe.ts';

/** Stripe's list is read again this far back: an event may be listed a little after its time. */
const OVERLAP_MS = 60 * 60_000;
/** An event that waits longer than this is sent to the queue again. */
const WAITS_MS = 10 * 60_000;
const SENT_AT_ONCE = 50;

/** Called by cron: fetches events that no webhook brought, sends again what waits, and ends the plans whose grace is over. */
export async function billingUpkeep(context: BillingContext): Promise<void> {
  const { env, clock, config, log } = context;
  for (const tenantId of await dueAgreements(env, clock.now()))
    await lookAtPlan(context, tenantId).catch((error: unknown) =>
      log.error('a plan by agreement could not be told yet', { tenant: tenantId, error }),
    );
  for (const sign of await waitingSignUpCodes(env, SENT_AT_ONCE))
    await claimOfSignUp(context, sign).catch((error: unknown) =>
      log.error('a code of a sign-up could not be looked at yet', { tenant: sign.tenantId, error }),
    );
  for (const tenantId of await untoldReferrals(env, SENT_AT_ONCE))
    await tellReferral(context, tenantId).catch((error: unknown) =>
      log.error('a bonus could not be told yet', { tenant: tenantId, error }),
    );
  if (config.stripe === undefined) return;
  try {
    await fetchMissedEvents(context);
  } catch (error) {
    log.error('Stripe’s events could not be read; they will be another time', { error });
  }
  for (const id of await waitingEvents(env, clock.now() - WAITS_MS, SENT_AT_ONCE)) await enqueue(env, id);
  for (const customer of await pastGrace(env, clock.now()))
    await lookAtCustomer(context, customer).catch((error: unknown) =>
      log.error('a plan past its grace could not be looked at', { customer, error }),
    );
}

/** Reads what happened at Stripe since the last time; gives how many events were new to us or wait. The mark moves only when all were stored. */
export async function fetchMissedEvents(context: BillingContext): Promise<number> {
  const { env, clock, config } = context;
  const stripe = await stripeFor(config);
  const now = clock.now();
  const since = (await readUntil(env)) ?? now;
  let waiting = 0;
  const list = stripe.events.list({
    created: { gte: Math.floor((since - OVERLAP_MS) / 1000) },
    types: [...EVENT_TYPES],
    limit: 100,
  });
  for await (const event of list) {
    if (!(await storeEvent(env, event, clock))) continue;
    waiting += 1;
    await enqueue(env, event.id);
  }
  await setReadUntil(env, now);
  return waiting;
}

export async function enqueue(env: Pick<Env, 'STRIPE_QUEUE'>, eventId: string): Promise<void> {
  const message: StripeMessage = { version: 1, eventId };
  await env.STRIPE_QUEUE.send(message, { contentType: 'json' });
}
