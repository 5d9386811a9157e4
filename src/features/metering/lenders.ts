import type { Clock } from '../../platform/clock.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Nano } from '../../platform/money.ts';
import type { AskLedger, CreditHold, CreditLeases, LeaseRoom } from './credit-leases.ts';

/** What a call cost, as those who lend for it count it. Whole nano-dollars. */
export interface CallCost {
  /** What the tenant's credit is charged: nothing where the tenant's own key paid. */
  readonly charge: Nano;
  /** What it costs the tenant: the charge, or the provider's price where its own key paid. */
  readonly spent: Nano;
}

/**
 * One that lends a part of what a call needs: the tenant's credit, a key's monthly limit, a budget. Plain data and ways to ask, kept by the isolate
 * between requests: it holds nothing of the invocation that made it.
 */
export interface Lender<Round> {
  /** Names it among all lenders of the isolate. */
  readonly id: string;
  /** What it lent to this isolate is kept here, under `of`. */
  readonly leases: CreditLeases;
  readonly of: string;
  /** The way to it in one round of questions. */
  ask(round: Round): AskLedger;
  /** How much of what a call cost it counts. */
  share(cost: CallCost): Nano;
  /** Its refusal, in its own words: what is short, and what to do. */
  refused(error: ParallaxError): ParallaxError;
}

/** So much of one lender. */
export interface Wish<Round> {
  readonly lender: Lender<Round>;
  readonly amount: Nano;
}

/** What is held of all lenders for one call. It is settled or released, once. */
export interface CallHold<Round> {
  readonly lenders: readonly Lender<Round>[];
  /** What is added to the provider's price when the call is charged, in hundredths of a percent; null where no credit is held. */
  readonly markupBasisPoints: number | null;
  /** How much more could be held of all lenders, as last heard: what the one with the least left has. */
  room(): LeaseRoom;
  /** Counts on the call to cost up to so much beyond what is held, so that others do not; null takes it back, as its end does. */
  promise(amount: Nano | null): void;
  /** Counts the call with each lender and frees the rest. Returns those that have something to be told. A second settling changes nothing. */
  settle(callId: string, cost: CallCost): readonly Lender<Round>[];
  /** Frees it: the call cost nothing. */
  release(): void;
}

/**
 * Holds with all lenders or with none: they are asked at once, so that a call makes one round whatever it needs, and when one refuses, what the others had
 * held is free again before the refusal is thrown. Of several refusals the first in the order of the wishes is thrown.
 */
export async function holdAll<Round>(
  wishes: readonly Wish<Round>[],
  round: Round,
  clock: Clock,
): Promise<CallHold<Round>> {
  const results = await Promise.allSettled(
    wishes.map(({ lender, amount }) => lender.leases.hold(lender.of, amount, clock, lender.ask(round))),
  );
  const held: { readonly lender: Lender<Round>; readonly hold: CreditHold }[] = [];
  const refusals: unknown[] = [];
  wishes.forEach(({ lender }, at) => {
    const result = results[at] as PromiseSettledResult<CreditHold>;
    if (result.status === 'fulfilled') held.push({ lender, hold: result.value });
    else refusals.push(inWordsOf(lender, result.reason));
  });
  if (refusals.length > 0) {
    for (const { hold } of held) hold.release();
    throw refusals[0];
  }
  let over = false;
  let promised = 0;
  const promise = (amount: Nano | null) => {
    const change = (amount ?? 0) - promised;
    promised += change;
    if (change !== 0) for (const { lender } of held) lender.leases.promise(lender.of, change);
  };
  return {
    room: () =>
      held
        .map(({ lender }) => lender.leases.room(lender.of))
        .reduce((least, one) => ({
          free: Math.min(least.free, one.free),
          calls: Math.max(least.calls, one.calls),
        })),
    promise,
    lenders: wishes.map(({ lender }) => lender),
    markupBasisPoints:
      held.find(({ hold }) => hold.markupBasisPoints !== null)?.hold.markupBasisPoints ?? null,
    settle(callId, cost) {
      if (over) return [];
      over = true;
      promise(null);
      for (const { lender, hold } of held) hold.settle(callId, lender.share(cost));
      return held.map(({ lender }) => lender).filter((lender) => lender.share(cost) > 0);
    },
    release() {
      if (over) return;
      over = true;
      promise(null);
      for (const { hold } of held) hold.release();
    },
  };
}

/** A call that is made though those who would lend for it cannot be asked: it is counted with them when it is over. */
export function countOnly<Round>(lenders: readonly Lender<Round>[]): CallHold<Round> {
  let over = false;
  return {
    lenders: [],
    markupBasisPoints: null,
    room: () => ({ free: 0, calls: 0 }),
    promise: () => undefined,
    settle(callId, cost) {
      if (over) return [];
      over = true;
      for (const lender of lenders) lender.leases.count(lender.of, callId, lender.share(cost));
      return lenders.filter((lender) => lender.share(cost) > 0);
    },
    release() {
      over = true;
    },
  };
}

function inWordsOf<Round>(lender: Lender<Round>, error: unknown): unknown {
  return error instanceof ParallaxError && error.code === 'insufficient_credit'
    ? lender.refused(error)
    : error;
}
