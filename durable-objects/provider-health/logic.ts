import {
  type CircuitPhase,
  type CircuitReport,
  current,
  type HealthCheckResult,
  type HealthReport,
  type HealthSlice,
  type HealthSummary,
  MAX_NAMED_LIMITS,
  mergeLimits,
  mergeSlices,
  type NamedLimits,
  quantile,
  SLICE_MS,
  sliceStart,
  WINDOW_MS,
} from '../../src/features/providers/index.ts';

/**
 * What one provider's object remembers, and what it says of it. Pure: the time is always given. The state is plain data of bounded size
 * (at most thirty slices of at most eighty counts), so it is its own snapshot.
 */
export interface HealthMemory {
  readonly version: 1;
  readonly slices: readonly HealthSlice[];
  readonly circuit: CircuitReport | null;
  readonly check: HealthCheckResult | null;
  /** By name of key and model; absent in what was stored before there were any. */
  readonly limits?: readonly NamedLimits[];
}

export const EMPTY: HealthMemory = { version: 1, slices: [], circuit: null, check: null };

/** A stored snapshot as memory; anything that is not one, or of another version, is as if there were none. */
export function restore(stored: unknown): HealthMemory {
  const isMemory =
    typeof stored === 'object' && stored !== null && 'version' in stored && stored.version === 1;
  // Only this object writes the snapshot, so its version says its shape.
  return isMemory ? (stored as HealthMemory) : EMPTY;
}

/** Takes an isolate's report in. Slices of a clock that runs ahead count as now; those older than the window are dropped. */
export function addReport(memory: HealthMemory, report: HealthReport, now: number): HealthMemory {
  const latest = sliceStart(now);
  const slices = report.slices.map((slice) => (slice.start > latest ? { ...slice, start: latest } : slice));
  return {
    ...memory,
    slices: mergeSlices(memory.slices, slices, now - WINDOW_MS),
    circuit: report.circuit ?? memory.circuit,
    limits: addLimits(memory.limits ?? [], report.limits ?? [], now),
  };
}

/** What is known of the limits that still count. */
export function limitsNow(memory: HealthMemory, now: number): readonly NamedLimits[] {
  return addLimits(memory.limits ?? [], [], now);
}

function addLimits(known: readonly NamedLimits[], told: readonly NamedLimits[], now: number): NamedLimits[] {
  const byName = new Map<string, NamedLimits['state']>();
  for (const { name, state } of [...known, ...told]) {
    const before = byName.get(name);
    // Told last, kept longest.
    byName.delete(name);
    byName.set(name, before === undefined ? state : mergeLimits(before, state));
  }
  return [...byName]
    .flatMap(([name, state]) => {
      const live = current(state, now);
      return live === undefined ? [] : [{ name, state: live }];
    })
    .slice(-MAX_NAMED_LIMITS);
}

/** Takes the result of an active check in; an older one than the last is ignored. */
export function addCheck(memory: HealthMemory, check: HealthCheckResult): HealthMemory {
  return memory.check !== null && check.at < memory.check.at ? memory : { ...memory, check };
}

/** The last five minutes, the circuit as last reported, the last check. */
export function summarize(memory: HealthMemory, now: number): HealthSummary {
  const counts = new Map<number, number>();
  let ok = 0;
  let failed = 0;
  for (const slice of memory.slices) {
    // A slice counts until its last moment has left the window.
    if (slice.start + SLICE_MS <= now - WINDOW_MS) continue;
    ok += slice.ok;
    failed += slice.failed;
    for (const [step, count] of slice.firstTokens) counts.set(step, (counts.get(step) ?? 0) + count);
  }
  return {
    calls: ok + failed,
    succeeded: ok,
    firstTokenP50Ms: quantile(counts, 0.5),
    firstTokenP95Ms: quantile(counts, 0.95),
    circuit: circuitAt(memory.circuit, now),
    check: memory.check,
  };
}

/** An open circuit whose time has passed lets the next call probe; if none has come for a whole window, there is nothing to say. */
function circuitAt(circuit: CircuitReport | null, now: number): CircuitPhase {
  if (circuit === null || circuit.state === 'closed') return 'closed';
  if (now < circuit.until) return 'open';
  return now < circuit.until + WINDOW_MS ? 'half_open' : 'closed';
}
