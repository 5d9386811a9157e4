/**
 * A circuit breaker as a pure state machine. Closed, it counts outcomes in a sliding window; enough failures, and at least half of all, open it.
 * Open, it refuses until a time has passed; then it is half open and lets one probe through, whose outcome closes or opens it again, for
 * twice as long. Times are milliseconds and always given.
 */
export interface BreakerSettings {
  /** Failures within the window that open it. */
  readonly failures: number;
  readonly windowMs: number;
  /** How long it stays open the first time; doubles while probes fail. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** A probe that has not come back after this long is given up, and another may go. */
  readonly probeMs: number;
}

export const BREAKER_SETTINGS: BreakerSettings = {
  failures: 5,
  windowMs: 30_000,
  openMs: 10_000,
  maxOpenMs: 120_000,
  probeMs: 130_000,
};

interface Slice {
  readonly start: number;
  readonly succeeded: number;
  readonly failed: number;
}

export type BreakerState =
  | { readonly phase: 'closed'; readonly slices: readonly Slice[] }
  | { readonly phase: 'open'; readonly until: number; readonly openMs: number }
  | { readonly phase: 'half_open'; readonly probeUntil: number; readonly openMs: number };

export const CLOSED: BreakerState = { phase: 'closed', slices: [] };

/** Whether a call may go. `probe` marks the one call whose outcome decides. */
export type Admission =
  | { readonly allowed: true; readonly probe: boolean }
  | { readonly allowed: false; readonly retryAfterMs: number };

const SLICES = 6;

/** Asks to make a call now. */
export function admit(
  state: BreakerState,
  now: number,
  settings: BreakerSettings = BREAKER_SETTINGS,
): { readonly state: BreakerState; readonly admission: Admission } {
  if (state.phase === 'closed') return { state, admission: { allowed: true, probe: false } };
  const until = state.phase === 'open' ? state.until : state.probeUntil;
  if (now < until) {
    // While a probe is out nobody knows when it returns; its first open time is a fair guess for when to come back.
    const retryAfterMs = state.phase === 'open' ? until - now : Math.min(until - now, settings.openMs);
    return { state, admission: { allowed: false, retryAfterMs } };
  }
  return {
    state: { phase: 'half_open', probeUntil: now + settings.probeMs, openMs: state.openMs },
    admission: { allowed: true, probe: true },
  };
}

/** A call ended well. Only a probe's outcome counts once the circuit has opened: older calls speak of before. */
export function succeed(
  state: BreakerState,
  now: number,
  probe: boolean,
  settings: BreakerSettings = BREAKER_SETTINGS,
): BreakerState {
  if (state.phase === 'closed') return { phase: 'closed', slices: count(state.slices, now, true, settings) };
  return probe && state.phase === 'half_open' ? CLOSED : state;
}

/** A call failed by the provider's fault. */
export function fail(
  state: BreakerState,
  now: number,
  probe: boolean,
  settings: BreakerSettings = BREAKER_SETTINGS,
): BreakerState {
  if (state.phase === 'half_open' && probe) {
    const openMs = Math.min(state.openMs * 2, settings.maxOpenMs);
    return { phase: 'open', until: now + openMs, openMs };
  }
  if (state.phase !== 'closed') return state;
  const slices = count(state.slices, now, false, settings);
  const failed = slices.reduce((sum, slice) => sum + slice.failed, 0);
  const succeeded = slices.reduce((sum, slice) => sum + slice.succeeded, 0);
  if (failed < settings.failures || failed < succeeded) return { phase: 'closed', slices };
  return { phase: 'open', until: now + settings.openMs, openMs: settings.openMs };
}

/** A call ended in a way that says nothing of the provider (cancelled, refused for its content). A probe's place becomes free. */
export function abandon(state: BreakerState, now: number, probe: boolean): BreakerState {
  return state.phase === 'half_open' && probe ? { phase: 'open', until: now, openMs: state.openMs } : state;
}

/** What people are shown: an open circuit whose time has passed lets the next call probe, so it is half open. */
export function phaseAt(state: BreakerState, now: number): BreakerState['phase'] {
  return state.phase === 'open' && now >= state.until ? 'half_open' : state.phase;
}

function count(slices: readonly Slice[], now: number, ok: boolean, settings: BreakerSettings): Slice[] {
  const length = settings.windowMs / SLICES;
  const start = Math.floor(now / length) * length;
  const fresh = slices.filter((slice) => slice.start > now - settings.windowMs && slice.start < start);
  const current = slices.find((slice) => slice.start === start) ?? { start, succeeded: 0, failed: 0 };
  const counted = ok
    ? { ...current, succeeded: current.succeeded + 1 }
    : { ...current, failed: current.failed + 1 };
  return [...fresh, counted];
}
