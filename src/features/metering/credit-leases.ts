import type { Clock } from '../../platform/clock.ts';
import { type Outcome, ParallaxError, unwrap } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { dollarsText, type Nano } from '../../platform/money.ts';
import { settledWithin } from '../../platform/settled-within.ts';
import type { CreditAnswer, CreditQuestion, Settlement } from './tenant-ledger.ts';

/** Credit held for one call. It is settled or released, once; nothing else ends it but the lease. */
export interface CreditHold {
  readonly tenantId: string;
  readonly amount: Nano;
  /** What is added to the provider's price when the call is charged, in hundredths of a percent; null where the lender says nothing of it. */
  readonly markupBasisPoints: number | null;
  /** Charges the call and frees the rest. A second settling changes nothing. */
  settle(callId: string, charge: Nano): void;
  /** Frees it: the call cost nothing. */
  release(): void;
}

/** What one lender could lend beyond what is held. Whole nano-dollars. */
export interface LeaseRoom {
  readonly free: number;
  /** Calls of this isolate that hold something. */
  readonly calls: number;
}

/** Who lends says what it adds to prices, where it adds something. */
export type LeaseAnswer = Omit<CreditAnswer, 'markupBasisPoints'> & Partial<CreditAnswer>;
export type AskLedger = (question: CreditQuestion) => Promise<Outcome<LeaseAnswer>>;

/** Bounds of what one isolate keeps. */
export interface CreditLeaseBounds {
  readonly maxTenants: number;
  /** How long a refusal is remembered, in milliseconds. */
  readonly refusalMs: number;
  /** How long a request waits for another's question before it asks for itself. */
  readonly joinMs: number;
}

const DEFAULT_BOUNDS: CreditLeaseBounds = { maxTenants: 2_000, refusalMs: 1_000, joinMs: 500 };
/** A lease is sized for about this long at the present pace. */
const AHEAD_MS = 2_000;
/** Most calls reported at once. */
const MAX_SETTLEMENTS = 1_000;
const MAX_ROUNDS = 100;
/** No call takes longer. */
const MAX_CALL_MS = 30 * 60_000;
/** A lease is renewed when it has less than this left, while calls are under way. */
const KEEP_BEFORE_MS = 15_000;

/** An answer that takes longer does not come any more: its invocation was cut off. Milliseconds. */
const MAX_QUESTION_MS = 10_000;

interface Hold {
  readonly amount: number;
  readonly at: number;
}

/** A question on its way to the lender, or back. */
interface Question {
  readonly at: number;
  /**
   * So much stays lent whatever the answer is, less what calls cost since: what the question said is held. While it is under way nothing beyond is held, for the lender
   * may have lent that to others already.
   */
  safe: number;
  /** What the calls cost that it reports. */
  readonly told: number;
  /** Whether another was answered meanwhile. */
  crossed: boolean;
}

/** What this isolate was lent of one tenant's credit. */
interface TenantCredit {
  leaseId: string;
  lent: number;
  /** The sum of `holds`. */
  held: number;
  readonly holds: Set<Hold>;
  until: number;
  /** Not yet reported; what they cost has left `lent` already. */
  settlements: Settlement[];
  /** What was held since the last answer, which tells the pace. */
  taken: number;
  since: number;
  waiting: number;
  /** The ledger had no more, and is not asked again until then. */
  deniedUntil: number;
  /** As the last answer said; null where it said nothing. */
  markupBasisPoints: number | null;
  /** What the lender had left for anybody, as the last answer said. */
  free: number;
  /** What calls under way may yet cost beyond what is held for them. */
  promised: number;
  asking: { readonly done: Promise<boolean>; readonly since: number } | null;
  readonly questions: Set<Question>;
  /** The latest turn of its lender that was heard of. */
  turn: number;
}

/**
 * The credit that this isolate was lent, by tenant. A hold within the lease costs no hop. Nothing is spent that was not lent: the ledger lends
 * only what the tenant has, so however many isolates hold, their sum is never more, also while questions are under way, cross one another or are lost. What a crashed isolate had been lent returns when its lease
 * ends; what it had not reported is then the platform's loss, a second's worth at most.
 */
export class CreditLeases {
  readonly #bounds: CreditLeaseBounds;
  readonly #tenants = new Map<string, TenantCredit>();

  constructor(bounds: Partial<CreditLeaseBounds> = {}) {
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
  }

  /** Tenants held, for tests of the bound. */
  get size(): number {
    return this.#tenants.size;
  }

  /** Holds an amount. Throws `ParallaxError` `insufficient_credit`, with what is needed and what there is, and what `ask` throws. */
  async hold(tenantId: string, amount: Nano, clock: Clock, ask: AskLedger): Promise<CreditHold> {
    const credit = this.#creditOf(tenantId);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const now = clock.now();
      if (now < credit.until && safelyLent(credit) - credit.held >= amount) {
        credit.taken += amount;
        return this.#hold(tenantId, credit, amount, now);
      }
      if (now < credit.deniedUntil) throw insufficient(amount, credit.lent - credit.held);
      await this.#ask(tenantId, credit, amount, clock, ask);
    }
    throw new ParallaxError('unavailable', 'Too many calls came at once. Please try again in a second.', {
      retryAfterMs: 1_000,
    });
  }

  /** What was lent or refused does not count any more: it is asked anew before the next call. */
  askAnew(tenantId: string): void {
    const credit = this.#tenants.get(tenantId);
    if (credit === undefined) return;
    credit.until = 0;
    credit.deniedUntil = 0;
  }

  /** Counts a call that was made without a hold, because nobody could be asked: it is reported with the others. */
  count(tenantId: string, callId: string, cost: Nano): void {
    if (cost <= 0) return;
    const credit = this.#creditOf(tenantId);
    spend(credit, cost);
    credit.settlements.push({ callId, cost });
  }

  /** What the tenant's plan adds to prices, as last heard; null when nothing was heard yet. */
  markupOf(tenantId: string): number | null {
    const credit = this.#tenants.get(tenantId);
    return credit === undefined || credit.until === 0 ? null : credit.markupBasisPoints;
  }

  /** How much more could be held, as last heard: what this isolate has left and the lender with it, but for what was promised. And how many calls hold. */
  room(tenantId: string): LeaseRoom {
    const credit = this.#tenants.get(tenantId);
    if (credit === undefined) return { free: 0, calls: 0 };
    const { lent, held, free, promised, holds } = credit;
    return { free: Math.max(0, lent - held + free - promised), calls: holds.size };
  }

  /** Counts on a call to cost so much beyond what is held for it, until it is taken back with the negative amount. */
  promise(tenantId: string, amount: number): void {
    const credit = this.#tenants.get(tenantId);
    if (credit !== undefined) credit.promised = Math.max(0, credit.promised + amount);
  }

  /** Whether there is something to report, or a lease to renew. */
  isDue(tenantId: string, now: number): boolean {
    const credit = this.#tenants.get(tenantId);
    if (credit === undefined) return false;
    return credit.settlements.length > 0 || (credit.held > 0 && credit.until - now < KEEP_BEFORE_MS);
  }

  /** Reports what calls cost and renews the lease. What cannot be reported now is kept for the next time. Throws what `ask` throws. */
  async report(tenantId: string, clock: Clock, ask: AskLedger): Promise<void> {
    const credit = this.#tenants.get(tenantId);
    if (credit === undefined) return;
    await this.#ask(tenantId, credit, 0, clock, ask);
  }

  #hold(tenantId: string, credit: TenantCredit, amount: Nano, now: number): CreditHold {
    const hold = { amount, at: now };
    credit.holds.add(hold);
    credit.held += amount;
    let settled = false;
    return {
      tenantId,
      amount,
      markupBasisPoints: credit.markupBasisPoints,
      settle: (callId, cost) => {
        if (settled) return;
        settled = true;
        free(credit, hold);
        spend(credit, cost);
        if (cost > 0) credit.settlements.push({ callId, cost });
      },
      release: () => {
        settled = true;
        free(credit, hold);
      },
    };
  }

  /** Asks the ledger for all that wait, or waits for another request's question. */
  async #ask(
    tenantId: string,
    credit: TenantCredit,
    amount: number,
    clock: Clock,
    ask: AskLedger,
  ): Promise<void> {
    credit.waiting += amount;
    try {
      const other = credit.asking;
      if (other !== null && Math.abs(clock.now() - other.since) < this.#bounds.joinMs) {
        if ((await settledWithin(other.done, this.#bounds.joinMs)) === true) return;
      }
      const done = this.#askFor(tenantId, credit, clock, ask);
      // A failure is this request's to report: those who wait ask for themselves.
      const asking = { done: done.then(yes, no), since: clock.now() };
      credit.asking = asking;
      try {
        await done;
      } finally {
        if (credit.asking === asking) credit.asking = null;
      }
    } finally {
      credit.waiting -= amount;
    }
  }

  async #askFor(tenantId: string, credit: TenantCredit, clock: Clock, ask: AskLedger): Promise<void> {
    // Whoever came in the same moment gets to say so before the question goes out.
    await null;
    const now = clock.now();
    freeAbandoned(credit, now);
    const settlements = credit.settlements.splice(0, MAX_SETTLEMENTS);
    const pace = Math.ceil(paceOf(credit, now));
    // A part of the rest stays with calls that begin before the answer is there; not more, so that nothing is kept that is not used.
    const rest = Math.max(0, safelyLent(credit) - credit.held);
    const held = credit.held + Math.min(Math.ceil(pace / 8), Math.floor(rest / 8));
    const needed = held + credit.waiting;
    const question: Question = { at: now, safe: held, told: costOf(settlements), crossed: false };
    credit.questions.add(question);
    let answer: LeaseAnswer;
    try {
      const { leaseId } = credit;
      answer = unwrap(await ask({ tenantId, leaseId, settlements, held, needed, wanted: needed + pace }));
    } catch (error) {
      credit.settlements.unshift(...settlements);
      // It may have been heard all the same.
      credit.lent = Math.min(credit.lent, question.safe);
      throw error;
    } finally {
      credit.questions.delete(question);
    }
    const before = credit.lent;
    // Calls may have been settled while the question was under way: they are reported next time, or by another question, and have been spent already.
    credit.lent = answer.lent - costOf(credit.settlements);
    for (const other of credit.questions) credit.lent -= other.told;
    // Of two that crossed the one that was heard last holds; where that is not said, the lesser.
    const { turn = 0 } = answer;
    if (question.crossed && turn <= credit.turn) credit.lent = Math.min(credit.lent, before);
    credit.turn = Math.max(credit.turn, turn);
    for (const other of credit.questions) {
      if (now - other.at > MAX_QUESTION_MS) credit.questions.delete(other);
      else other.crossed = true;
    }
    credit.until = now + answer.leaseMs;
    credit.markupBasisPoints = answer.markupBasisPoints ?? null;
    credit.free = answer.available;
    credit.taken = 0;
    credit.since = now;
    // The ledger has no more: whoever does not fit into what it lent is refused, and need not ask again at once.
    credit.deniedUntil = answer.lent < needed ? now + this.#bounds.refusalMs : 0;
  }

  #creditOf(tenantId: string): TenantCredit {
    let credit = this.#tenants.get(tenantId);
    if (credit !== undefined) return credit;
    credit = {
      leaseId: newId('lease'),
      lent: 0,
      held: 0,
      holds: new Set(),
      until: 0,
      settlements: [],
      taken: 0,
      since: 0,
      waiting: 0,
      deniedUntil: 0,
      markupBasisPoints: null,
      free: 0,
      promised: 0,
      asking: null,
      questions: new Set(),
      turn: 0,
    };
    this.#tenants.set(tenantId, credit);
    // Whoever has nothing under way and nothing to report can be forgotten: the lease ends by itself.
    if (this.#tenants.size > this.#bounds.maxTenants) {
      for (const [id, other] of this.#tenants) {
        if (this.#tenants.size <= this.#bounds.maxTenants) break;
        if (id !== tenantId && other.held === 0 && other.waiting === 0 && other.settlements.length === 0)
          this.#tenants.delete(id);
      }
    }
    return credit;
  }
}

/** What may be held in all: what was lent, and what no question under way gives up. */
function safelyLent({ lent, questions }: TenantCredit): number {
  let least = lent;
  for (const { safe } of questions) least = Math.min(least, safe);
  return least;
}

/** Takes what a call cost out of what was lent, and out of what stays lent whatever is answered. */
function spend(credit: TenantCredit, cost: number): void {
  credit.lent -= cost;
  for (const question of credit.questions) question.safe -= cost;
}

const costOf = (settlements: readonly Settlement[]) =>
  settlements.reduce((total, { cost }) => total + cost, 0);

function free(credit: TenantCredit, hold: Hold): void {
  if (credit.holds.delete(hold)) credit.held -= hold.amount;
}

/** A hold that is older than any call may take was cut off together with its invocation, before it could say so. */
function freeAbandoned(credit: TenantCredit, now: number): void {
  for (const hold of credit.holds) if (now - hold.at > MAX_CALL_MS) free(credit, hold);
}

const yes = () => true;
const no = () => false;

/** Nano-dollars held in the time a lease is sized for, at the pace of the last one. */
function paceOf(credit: TenantCredit, now: number): number {
  const elapsed = Math.max(AHEAD_MS / 8, now - credit.since);
  return credit.taken === 0 ? 0 : (2 * credit.taken * AHEAD_MS) / elapsed;
}

function insufficient(needed: number, available: number): ParallaxError {
  return new ParallaxError(
    'insufficient_credit',
    `This call may cost ${dollarsText(needed)}, and ${dollarsText(available)} of credit is free. Ask for fewer tokens, choose a cheaper model, or ask the operator for credit.`,
    { details: { needed_nano_usd: needed, available_nano_usd: Math.max(0, available) } },
  );
}
