import type { AnswerCredit } from '../../src/features/metering/index.ts';
import { type Nano, nano, ZERO } from '../../src/platform/money.ts';
import type { RunOwner } from './calling.ts';

/** What a run's object says to a wish for more. Whole nano-dollars at the providers' prices. */
export interface HeldMore {
  readonly granted: boolean;
  /** For the perspective, in all; null where the run is not driven any more. */
  readonly held: Nano | null;
  readonly room: Nano;
}

/** The credit of a perspective that is asked in another invocation than its run's object, which alone holds more. */
export class GroupCredit implements AnswerCredit {
  readonly #runs: Env['PERSPECTIVE_RUN'];
  readonly #owner: RunOwner;
  readonly #index: number;
  #held: Nano;
  #room: Nano = ZERO;

  constructor(runs: Env['PERSPECTIVE_RUN'], owner: RunOwner, index: number, heldNano: number) {
    this.#runs = runs;
    this.#owner = owner;
    this.#index = index;
    this.#held = nano(heldNano);
  }

  get held(): Nano {
    return this.#held;
  }

  room(): Nano {
    return this.#room;
  }

  async more(amount: Nano): Promise<boolean> {
    const { id, tenantId } = this.#owner;
    try {
      const answer = await this.#runs.getByName(id).holdMore(tenantId, this.#index, amount);
      if (!answer.ok) return false;
      const { granted, held, room } = answer.value;
      this.#held = held ?? this.#held;
      this.#room = room;
      return granted;
    } catch {
      // Out of reach: there is no more now.
      this.#room = ZERO;
      return false;
    }
  }
}
