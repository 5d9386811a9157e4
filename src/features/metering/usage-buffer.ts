import type { UsageEvent } from './usage-event.ts';

/** Most events of one message: 100 are about 70 KB, and a message may have 128 (https://developers.cloudflare.com/queues/platform/limits/). */
export const EVENTS_PER_MESSAGE = 100;
/** Most events kept while the queue cannot be reached; beyond it the oldest go, which is logged. */
export const MAX_BUFFERED = 20_000;

/** A message of the usage queue. */
export interface UsageMessage {
  readonly version: 1;
  readonly events: readonly UsageEvent[];
}

/** The events of an isolate that have not gone out yet. */
export class UsageBuffer {
  readonly #max: number;
  #events: UsageEvent[] = [];
  #lost = 0;

  constructor(max: number = MAX_BUFFERED) {
    this.#max = max;
  }

  get size(): number {
    return this.#events.length;
  }

  add(event: UsageEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#max) {
      this.#events.shift();
      this.#lost += 1;
    }
  }

  /** How many events had to go since the last time this was asked. */
  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Hands everything to `send`, in messages. What could not be sent is kept, in its order, and the failure thrown. */
  async flush(send: (messages: readonly UsageMessage[]) => Promise<void>): Promise<void> {
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    const messages: UsageMessage[] = [];
    for (let at = 0; at < events.length; at += EVENTS_PER_MESSAGE)
      messages.push({ version: 1, events: events.slice(at, at + EVENTS_PER_MESSAGE) });
    try {
      await send(messages);
    } catch (error) {
      const kept = [...events, ...this.#events];
      this.#lost += Math.max(0, kept.length - this.#max);
      this.#events = kept.slice(-this.#max);
      throw error;
    }
  }
}
