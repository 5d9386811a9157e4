import { env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { inject } from 'vitest';
import { configOf } from '../../src/env.ts';
import { consumeStripe } from '../../src/features/billing/index.ts';
import { type Somebody, somebody, tenantOf } from '../../src/features/identity/people-and-tenants.fixture.ts';
import { call, OPERATOR_TOKEN } from '../../src/features/identity/test-support.ts';
import { callLedger } from '../../src/features/metering/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { unwrap } from '../../src/platform/errors.ts';
import { createLogger } from '../../src/platform/log.ts';
import { ORIGIN } from '../worker/client.ts';

export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly signature: string;
}

/** Does at the local Stripe what no API does (`test/local-stripe/README.md`). */
export async function atStripe<T = { id: string }>(act: string, form: Record<string, string>): Promise<T> {
  const response = await fetch(`${inject('localStripeUrl')}/test/${act}`, {
    method: 'POST',
    body: new URLSearchParams(form).toString(),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** Sends a body to the webhook as Stripe does. */
export function send(body: string, signature: string | null): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}/webhooks/stripe`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signature === null ? {} : { 'stripe-signature': signature }),
    },
    body,
  });
}

export const context = () => ({
  env,
  config: configOf(env),
  clock: systemClock,
  log: createLogger({ test: 'billing' }),
});

/** Handles an event now, as its queue would: true when it was taken. */
export async function handle(eventId: string): Promise<boolean> {
  let taken = false;
  const message = {
    id: eventId,
    body: { version: 1, eventId },
    ack: () => {
      taken = true;
    },
    retry: () => undefined,
  };
  await consumeStripe(context(), [message]);
  return taken;
}

/** Delivers events in this order, and handles them. */
export async function deliver(events: readonly Delivery[]): Promise<void> {
  for (const { id, body, signature } of events) {
    const response = await send(body, signature);
    if (response.status !== 200) throw new Error(await response.text());
    if (!(await handle(id))) throw new Error(`${id} was not handled`);
  }
}

/** Somebody with a tenant that buys. */
export class Shopper {
  readonly person: Somebody;
  readonly tenantId: string;
  constructor(person: Somebody, tenantId: string) {
    this.person = person;
    this.tenantId = tenantId;
  }

  static async come(): Promise<Shopper> {
    const person = await somebody();
    return new Shopper(person, await tenantOf(person));
  }

  ask(method: string, path: string, body?: object) {
    return this.person.browser.ask(method, path, body === undefined ? {} : { body });
  }

  async checkout(body: object): Promise<string> {
    const answer = await this.ask('POST', '/v1/billing/checkout', body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body.id;
  }

  /** Buys and pays; gives the session as it stands then. */
  async buy(body: object, more: Record<string, string> = {}): Promise<Record<string, string>> {
    const id = await this.checkout(body);
    return atStripe('pay', { id, ...more });
  }

  /** Has the operator put the tenant on a plan. */
  agree(body: object, key?: string) {
    return call('POST', `/v1/operator/tenants/${this.tenantId}/plan`, {
      bearer: OPERATOR_TOKEN,
      body: { reason: 'Contract 42', ...body },
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  }

  async customer(): Promise<string> {
    const row = await env.DB.prepare(
      'SELECT id FROM billing_customers WHERE tenant_id = ? AND deleted_at IS NULL',
    )
      .bind(this.tenantId)
      .first<{ id: string }>();
    return row?.id ?? '';
  }

  /** Everything that Stripe would have told us of this customer. */
  async events(): Promise<Delivery[]> {
    return atStripe('events', { customer: await this.customer() });
  }

  async deliverAll(): Promise<void> {
    await deliver(await this.events());
  }

  /** Dollars of credit and of debt, and the plan. */
  async standing() {
    const standing = unwrap(await callLedger(env, this.tenantId, (ledger) => ledger.standing(this.tenantId)));
    const plan = unwrap(await callLedger(env, this.tenantId, (ledger) => ledger.plan(this.tenantId)));
    return { usd: standing.balance / 1e9, owed: standing.owed / 1e9, plan: plan.plan, seats: plan.seats };
  }
}

/** The flags about a thing. */
export async function flagsOf(objectId: string): Promise<string[]> {
  const { results } = await env.DB.prepare('SELECT kind FROM billing_flags WHERE object_id = ? ORDER BY kind')
    .bind(objectId)
    .all<{ kind: string }>();
  return results.map(({ kind }) => kind);
}
