import { type Nano, nano, ZERO } from '../../platform/money.ts';
import {
  type AnswerCredit,
  type CallCost,
  chargedOf,
  holdUpTo,
  type Meter,
  type MeterHold,
  payable,
} from '../metering/index.ts';

/** What could yet be spent is plenty when it is so many times what a call may yet cost: what was heard of it may be a second old, and others hear the same. */
const PLENTY = 4;
/** A part of what is left that a call may hold beyond what is likely, when that is not plenty: the first of several at once a quarter, each further one less. */
const SHARE = 4;

/**
 * The credit of the tenant that is held for one call on the platform's key: what is likely, and more while its answer grows. Amounts are at the provider's prices; what
 * the plan adds is added by the meter.
 */
export class CallCredit implements AnswerCredit {
  readonly #meter: Meter;
  readonly #hold: MeterHold;
  readonly #holdMore: (amount: Nano) => Promise<MeterHold>;
  readonly #more: MeterHold[] = [];
  #held: Nano;
  #over = false;

  constructor(meter: Meter, hold: MeterHold, held: Nano, holdMore: (amount: Nano) => Promise<MeterHold>) {
    this.#meter = meter;
    this.#hold = hold;
    this.#held = held;
    this.#holdMore = holdMore;
  }

  get held(): Nano {
    return this.#held;
  }

  /** What the plan adds, in hundredths of a percent; null where nothing is known of it. */
  get markupBasisPoints(): number | null {
    return this.#hold.markupBasisPoints;
  }

  room(): Nano {
    // What is held carries what the plan adds.
    const added = 10_000 + (this.markupBasisPoints ?? 0);
    return nano(Math.max(0, Math.floor((this.#hold.room().free * 10_000) / added) - 1));
  }

  async more(amount: Nano): Promise<boolean> {
    if (amount <= 0) return true;
    try {
      const hold = await this.#holdMore(amount);
      if (this.#over) hold.release();
      else {
        this.#more.push(hold);
        this.#held = nano(this.#held + amount);
      }
      return !this.#over;
    } catch {
      // Refused, or out of reach: either way there is no more now.
      return false;
    }
  }

  /** Whether the call may cost so much at most: it is held, or there is plenty beside it, which is then counted on so that others do not. */
  mayCost(most: Nano): boolean {
    if (most <= payable(this.#held)) return true;
    const beyond = nano(most - this.#held);
    if (beyond > this.room() / PLENTY) return false;
    this.#hold.promise(beyond);
    return true;
  }

  /** Holds a part of what is left, for an answer that cannot be followed while it is made; no more than it may cost. */
  async holdShare(most: Nano): Promise<void> {
    const { calls } = this.#hold.room();
    const share = Math.floor(this.room() / (SHARE * Math.max(1, calls) ** 2));
    await this.more(nano(Math.min(share, Math.max(0, most - this.#held))));
  }

  /** Holds what a call cost beyond what was held, as far as there is credit. */
  cover(cost: Nano): Promise<void> {
    return holdUpTo(this, cost);
  }

  /** What is charged of a cost: no more than what is held and the overrun. */
  charged(cost: Nano): Nano {
    return chargedOf(cost, this.#held);
  }

  beat(): void {
    for (const hold of [this.#hold, ...this.#more]) this.#meter.beat(hold);
  }

  settle(callId: string, cost: CallCost): void {
    this.#over = true;
    for (const hold of this.#more) hold.release();
    this.#meter.settle(this.#hold, callId, cost);
  }

  release(): void {
    this.#over = true;
    for (const hold of [this.#hold, ...this.#more]) hold.release();
    this.#held = ZERO;
  }
}
