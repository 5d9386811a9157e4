import { type Nano, nano } from '../../platform/money.ts';
import { type AnswerCredit, chargedOf } from '../metering/index.ts';
import type { ReceiptLine, StoredRun } from './run-store.ts';

/** What is held of credit for a run, and for which of its calls. Whole nano-dollars at the providers' prices. */
export interface RunHeld {
  /** In all; grows with its answers. */
  readonly total: number;
  /** For each perspective, by its index. */
  readonly perspectives: readonly number[];
  /** Of the total, what is kept for the merge while perspectives are asked. */
  readonly merge: number;
  /** What calls by the tenant's own keys are expected to cost: held in budgets, not of credit. */
  readonly own: number;
}

/** What those who lend say to a wish for more. */
export interface Lent {
  /** Whether it is held now, of all of them. */
  readonly granted: boolean;
  /** What could be held beyond what was before, as they said. */
  readonly room: Nano;
}

/** Holds `total` for a run in all, of which `before` was held. Throws when somebody who lends cannot be reached. */
export type LendForRun = (wish: { before: Nano; total: Nano; own: Nano }) => Promise<Lent>;

/** The credit of one call of a merge. */
export interface MergeCallCredit extends AnswerCredit {
  /** The call has ended and this is charged for it: the rest is free for other calls. */
  end(charged: Nano): void;
}

/** What of a receipt's line is charged, at the provider's price. */
export function dueOf({ costNano, dueNano }: Pick<ReceiptLine, 'costNano' | 'dueNano'>): Nano {
  return dueNano ?? costNano;
}

/**
 * The credit that a run goes on. Each perspective begins with what is expected of it; what others left is taken before more is asked for, and what is kept for the merge is not. What
 * is held is kept with the run, so that it holds after an eviction, too.
 */
export class RunHolds {
  #total: number;
  readonly #own: number;
  readonly #perspectives: number[];
  readonly #open: Set<number>;
  readonly #merging = new Set<{ held: number }>();
  #keptForMerge: number;
  #charged: number;
  /** What those who lend have left, as last heard. */
  #left = 0;
  readonly #lend: LendForRun;
  readonly #keep: (held: RunHeld) => void;
  /** The last question under way: each says what is held in all, so one comes after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `run`: what of it has ended. `keep` writes what is held. */
  constructor(
    held: RunHeld,
    { perspectives, receipt }: Pick<StoredRun, 'perspectives' | 'receipt'>,
    lend: LendForRun,
    keep: (held: RunHeld) => void,
  ) {
    this.#total = held.total;
    this.#own = held.own;
    this.#perspectives = [...held.perspectives];
    this.#keptForMerge = held.merge;
    this.#open = new Set(
      perspectives
        .filter(({ status }) => status === 'pending' || status === 'streaming')
        .map(({ index }) => index),
    );
    this.#charged = receipt
      .filter(({ keyStrategy }) => keyStrategy === 'platform')
      .reduce((total, line) => total + dueOf(line), 0);
    this.#lend = lend;
    this.#keep = keep;
  }

  /** What is held for a perspective. */
  heldFor(index: number): Nano {
    return nano(this.#perspectives[index] ?? 0);
  }

  /** The credit of a perspective. */
  creditOf(index: number): AnswerCredit {
    const holds = this;
    return {
      get held() {
        return holds.heldFor(index);
      },
      room: () => holds.room(),
      more: (amount) =>
        holds.#more(amount, () => {
          if (!holds.#open.has(index)) return false;
          holds.#perspectives[index] = holds.heldFor(index) + amount;
          return true;
        }),
    };
  }

  /** A perspective has ended at this cost. Returns what is charged of it where credit pays it. */
  end(index: number, cost: Nano, withCredit: boolean): Nano {
    const due = withCredit ? chargedOf(cost, this.heldFor(index)) : cost;
    if (this.#open.delete(index) && withCredit) this.#charged += due;
    return due;
  }

  /** The merge begins: what was kept for it may be used. */
  beginMerge(): void {
    this.#keptForMerge = 0;
  }

  /** The credit of one call of the merge. */
  creditOfMergeCall(): MergeCallCredit {
    const holds = this;
    const call = { held: 0 };
    this.#merging.add(call);
    return {
      get held() {
        return nano(call.held);
      },
      room: () => holds.room(),
      more: (amount) =>
        holds.#more(amount, () => {
          if (!holds.#merging.has(call)) return false;
          call.held += amount;
          return true;
        }),
      end(charged) {
        if (holds.#merging.delete(call)) holds.#charged += charged;
      },
    };
  }

  /** What could be held for a call beyond what is, as last heard: of what is left its part among those under way, so that a dear answer does not end the cheap ones beside it. */
  room(): Nano {
    const calls = Math.max(1, this.#open.size + this.#merging.size);
    return nano(Math.floor((this.#free + this.#left) / calls));
  }

  /** Held, and for no call. */
  get #free(): number {
    let used = this.#charged + this.#keptForMerge;
    for (const index of this.#open) used += this.heldFor(index);
    for (const { held } of this.#merging) used += held;
    return Math.max(0, this.#total - used);
  }

  /** Hears what those who lend have left now. Never throws. */
  async hear(): Promise<void> {
    await this.#inTurn(() => this.#askFor(0));
  }

  /** Asks for nothing more, and waits for what was asked: a question that came behind the charge would hold anew. Never throws. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
  }

  /** Holds so much more or nothing; `give` says whether it is still wanted. Never throws. */
  #more(amount: Nano, give: () => boolean): Promise<boolean> {
    if (amount <= 0) return Promise.resolve(true);
    return this.#inTurn(async () => {
      const missing = amount - this.#free;
      if (missing > 0 && !(await this.#askFor(missing))) return false;
      const given = give();
      this.#keep(this.#held());
      return given;
    });
  }

  async #askFor(missing: number): Promise<boolean> {
    if (this.#closed) return false;
    const total = this.#total + missing;
    try {
      const { granted, room } = await this.#lend({
        before: nano(this.#total),
        total: nano(total),
        own: nano(this.#own),
      });
      this.#left = Math.max(0, granted ? room - missing : room);
      if (granted) this.#total = total;
      return granted;
    } catch {
      // Out of reach: there is no more now.
      this.#left = 0;
      return false;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #held(): RunHeld {
    return {
      total: this.#total,
      perspectives: this.#perspectives,
      merge: this.#keptForMerge,
      own: this.#own,
    };
  }
}
