import type { KeepQuestion, Kept, LendQuestion, Lent } from './user-limiter.ts';

/** A slot's lease is renewed when it has less than this left, while requests are under way. */
const KEEP_BEFORE_MS = 10_000;
/** No request takes longer: above the longest time that a call may have. */
const MAX_REQUEST_MS = 30 * 60_000;
/** Slots asked for beyond those in use: so many, and a share of them. */
const SLOTS_AHEAD = 8;
const SLOT_HEADROOM = 0.25;

/** The slots of one user that this isolate holds, whatever the key. */
export interface SlotState {
  held: number;
  until: number;
  /** When each of the requests that are under way was let in. */
  readonly open: Set<{ readonly at: number }>;
  limit: number;
  scarce: boolean;
  deniedUntil: number;
  keeping: boolean;
}

export function noSlots(): SlotState {
  return { held: 0, until: 0, open: new Set(), limit: 0, scarce: false, deniedUntil: 0, keeping: false };
}

/** Whether a request may take a slot without a question. */
export function slotIsFree(slots: SlotState, now: number): boolean {
  return slots.open.size < slots.held && now < slots.until;
}

/** What to ask for when so many requests wait; without slots where the user is not known yet. */
export function slotQuestion(
  slots: SlotState | undefined,
  waiting: number,
  now: number,
): Pick<LendQuestion, 'inFlight' | 'slotsNeeded' | 'slotsWanted'> {
  const inFlight = slots === undefined ? 0 : underWay(slots, now);
  return {
    inFlight,
    slotsNeeded: inFlight + waiting,
    slotsWanted: inFlight + waiting + SLOTS_AHEAD + Math.ceil((inFlight + waiting) * SLOT_HEADROOM),
  };
}

/** Takes what was lent in answer to a question of the time `asked`. A refusal is remembered for `refusalMs`. */
export function takeSlots(
  slots: SlotState,
  lent: Pick<Lent, 'slots' | 'slotLeaseMs' | 'slotLimit' | 'scarce'>,
  slotsNeeded: number,
  asked: number,
  refusalMs: number,
): void {
  slots.held = lent.slots;
  slots.until = asked + lent.slotLeaseMs;
  slots.limit = lent.slotLimit;
  slots.scarce = lent.scarce;
  // Others may have been let in meanwhile and hold what was lent: that is no refusal, and whoever finds none left asks again.
  slots.deniedUntil = lent.slots >= slotsNeeded ? 0 : asked + refusalMs;
}

/** Whether the lease wants to be renewed, because requests outlast it, or given back, because few are left. */
export function wantsKeep(slots: SlotState, now: number): boolean {
  if (slots.keeping) return false;
  const spare = slots.scarce && slots.held > slots.open.size;
  return spare || (slots.open.size > 0 && slots.until - now < KEEP_BEFORE_MS);
}

/** Renews or gives back what `isolate` holds; one at a time. Never throws: what fails is tried again at the next beat. */
export async function keepSlots(
  slots: SlotState,
  isolate: string,
  now: number,
  ask: (question: KeepQuestion) => Promise<Kept>,
): Promise<void> {
  if (slots.keeping) return;
  slots.keeping = true;
  try {
    const inFlight = underWay(slots, now);
    const kept = await ask({ isolate, inFlight });
    // Requests may have been let in or ended meanwhile; those under way keep their slots.
    slots.held = Math.max(kept.slots, slots.open.size);
    slots.until = now + kept.slotLeaseMs;
    slots.scarce = kept.scarce;
  } catch {
    // The lease stands as it did, and the next beat asks again.
  } finally {
    slots.keeping = false;
  }
}

/**
 * Requests under way. One that has been for longer than any call may take was cut off together with its invocation, before it could say so: its
 * slot is free again.
 */
function underWay(slots: SlotState, now: number): number {
  for (const request of slots.open) if (now - request.at > MAX_REQUEST_MS) slots.open.delete(request);
  return slots.open.size;
}
