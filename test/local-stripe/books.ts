import { createHmac } from 'node:crypto';

/** An object of Stripe's, as much of it as anybody here reads. */
export interface Thing {
  id: string;
  object: string;
  created: number;
  [field: string]: unknown;
}

export interface StripeEvent extends Thing {
  type: string;
  data: { object: Thing };
}

/** An error that Stripe answers with. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  constructor(status: number, type: string, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.body = { error: { type, message, ...more } };
  }
}

/** Everything that the local Stripe knows, and the clock that it goes by. */
export class Books {
  readonly things = new Map<string, Thing>();
  readonly events: StripeEvent[] = [];
  /** Hears of each event as it happens. */
  onEvent: (event: StripeEvent) => void = () => undefined;
  #count = 0;
  #aheadS = 0;
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Seconds, as Stripe counts. */
  now(): number {
    return Math.floor(Date.now() / 1000) + this.#aheadS;
  }

  advance(seconds: number): void {
    this.#aheadS += seconds;
  }

  add(prefix: string, object: string, fields: Record<string, unknown>): Thing {
    this.#count += 1;
    const id = `${prefix}_local${Date.now().toString(36)}${String(this.#count).padStart(5, '0')}`;
    const thing: Thing = { id, object, created: this.now(), livemode: false, metadata: {}, ...fields };
    this.things.set(id, thing);
    return thing;
  }

  /** Throws the refusal that Stripe answers when there is no such thing. */
  get(object: string, id: string): Thing {
    const thing = this.things.get(id);
    if (thing?.object !== object)
      throw new Refusal(404, 'invalid_request_error', `No such ${object}: '${id}'`, {
        code: 'resource_missing',
        param: 'id',
      });
    return thing;
  }

  /** The newest first. */
  all(object: string, fits: (thing: Thing) => boolean = () => true): Thing[] {
    return [...this.things.values()].filter((thing) => thing.object === object && fits(thing)).reverse();
  }

  emit(type: string, thing: Thing): void {
    const event = this.add('evt', 'event', {
      type,
      api_version: '2026-10-28.endive',
      data: { object: structuredClone(thing) },
    }) as StripeEvent;
    this.events.push(event);
    this.onEvent(event);
  }

  /** The header `stripe-signature` (https://docs.stripe.com/webhooks#verify-manually). */
  sign(body: string, at = Math.floor(Date.now() / 1000)): string {
    return `t=${at},v1=${createHmac('sha256', this.#secret).update(`${at}.${body}`).digest('hex')}`;
  }
}
