/** How long an isolate may keep what it was lent without a word. Milliseconds. */
export const CREDIT_LEASE_MS = 30_000;

/** How an isolate's question stands towards the tenant's credit, whole nano-dollars. */
export interface Lending {
  /** The balance, less what is lent to others. */
  readonly free: number;
  /** What the isolate has now. */
  readonly lent: number;
  readonly held: number;
  readonly needed: number;
  readonly wanted: number;
}

/**
 * What an isolate is lent from now on. What it holds for calls under way stays with it; of what it needs it gets all that there is; what it would like
 * beyond, so as not to ask again soon, is at most a quarter of what would be left, so that no isolate keeps from another what it does not
 * use itself. Pure.
 */
export function lendCredit({ free, lent, held, needed, wanted }: Lending): number {
  if (needed > free) return Math.max(0, free, Math.min(held, lent));
  return Math.max(needed, Math.min(wanted, needed + Math.floor((free - needed) / 4)));
}

let lastTurn = 0;

/**
 * An answer with its turn: greater than that of every answer of the same object before, so that an isolate to which two come in another order knows which holds. By
 * the clock, so that it also grows when the object begins anew; `now` in milliseconds.
 */
export function inTurn<Answer extends { readonly lent: number }>(
  answer: Answer,
  now: number,
): Answer & { readonly turn: number } {
  lastTurn = Math.max(lastTurn + 1, now * 1_000);
  return { ...answer, turn: lastTurn };
}
