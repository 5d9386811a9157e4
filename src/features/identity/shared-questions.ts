import type { Clock } from '../../platform/clock.ts';
import { settledWithin } from '../../platform/settled-within.ts';

/** A question that is under way, and how many wait for its answer besides who asks. */
export interface Asking {
  done: Promise<boolean>;
  readonly since: number;
  waiting: number;
}

/** Questions under way, by the name of what they ask for: one asks for all that wait. */
export class SharedQuestions {
  readonly #joinMs: number;
  readonly #asking = new Map<string, Asking>();

  /** `joinMs` is how long a request waits for another's question before it asks for itself. */
  constructor(joinMs: number) {
    this.#joinMs = joinMs;
  }

  /** Asks, or waits for another's question under the same name. Throws what `question` throws, where it is this request's own. */
  async ask(name: string, clock: Clock, question: (asking: Asking) => Promise<void>): Promise<void> {
    const other = this.#asking.get(name);
    if (other !== undefined && Math.abs(clock.now() - other.since) < this.#joinMs) {
      other.waiting += 1;
      const shared = await settledWithin(other.done, this.#joinMs);
      other.waiting -= 1;
      if (shared === true) return;
    }
    const asking: Asking = { since: clock.now(), waiting: 0, done: Promise.resolve(false) };
    const done = question(asking);
    // A failure is this request's to report: those who wait ask for themselves.
    asking.done = done.then(yes, no);
    this.#asking.set(name, asking);
    try {
      await done;
    } finally {
      if (this.#asking.get(name) === asking) this.#asking.delete(name);
    }
  }
}

const yes = () => true;
const no = () => false;
