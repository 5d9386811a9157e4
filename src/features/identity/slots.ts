/**
 * Concurrency slots of one user, lent to isolates. What an isolate holds ends by itself unless it says again that it is alive, so a slot
 * cannot leak, whatever becomes of the isolate. Times are milliseconds. Everything here is pure.
 */
export interface Holding {
  readonly slots: number;
  readonly until: number;
}

/** What each isolate holds, by its name. */
export type Holdings = ReadonlyMap<string, Holding>;

/** How long an isolate may hold slots without a word. */
export const SLOT_LEASE_MS = 15_000;

export interface SlotQuestion {
  readonly isolate: string;
  /** Requests that are under way there now; their slots are not taken from under them. */
  readonly inFlight: number;
  /** Slots that it needs for those and for the requests that wait there. */
  readonly needed: number;
  /** Slots it would like to hold in all, so that it need not ask again soon. At least `needed`. */
  readonly wanted: number;
}

export interface SlotAnswer {
  readonly holdings: Holdings;
  /** Slots that the isolate holds from now on, those of its requests under way included. */
  readonly slots: number;
  /** Few are left: what is not used is to be given back at once and not when the lease ends. */
  readonly scarce: boolean;
}

/**
 * Lends slots up to the limit, the asking isolate's earlier ones counted anew: what it needs while there is any, and of what it would like beyond at most a
 * quarter of the rest.
 */
export function lendSlots(
  holdings: Holdings,
  limit: number,
  { isolate, inFlight, needed, wanted }: SlotQuestion,
  now: number,
): SlotAnswer {
  const next = new Map<string, Holding>();
  let others = 0;
  for (const [name, holding] of holdings) {
    if (name === isolate || holding.until <= now) continue;
    next.set(name, holding);
    others += holding.slots;
  }
  const free = limit - others;
  const ahead = Math.max(0, Math.min(wanted - needed, Math.floor((free - needed) / 4)));
  const slots = Math.max(inFlight, Math.min(needed, free) + ahead);
  if (slots > 0) next.set(isolate, { slots, until: now + SLOT_LEASE_MS });
  return { holdings: next, slots, scarce: limit - others - slots < Math.max(8, limit / 4) };
}
