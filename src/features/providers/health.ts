/**
 * What is known of a provider's health, in the forms that travel between isolates and the provider's Durable Object. Times are
 * milliseconds. Everything here is pure and bounded.
 */

import type { LimitState } from './limits.ts';

/** Outcomes are kept in slices of this length … */
export const SLICE_MS = 10_000;
/** … over this long. */
export const WINDOW_MS = 5 * 60_000;
export const MAX_SLICES = WINDOW_MS / SLICE_MS;

/** Outcomes of calls that ended within one slice of time. */
export interface HealthSlice {
  /** A multiple of `SLICE_MS`. */
  readonly start: number;
  readonly ok: number;
  readonly failed: number;
  /** First-token latencies as `[step, count]`, steps of `latencyStep`, ascending. */
  readonly firstTokens: readonly (readonly [step: number, count: number])[];
}

export type CircuitPhase = 'closed' | 'open' | 'half_open';

/** A change of the platform's circuit, as an isolate saw it. `until` is when an open one lets a call through. */
export interface CircuitReport {
  readonly state: CircuitPhase;
  readonly until: number;
}

/** What is known of the limits of one key with one model (`limitName`). Of the platform's own keys only. */
export interface NamedLimits {
  readonly name: string;
  readonly state: LimitState;
}

/** Most of them in a report, in an answer to one, and in the object's memory. */
export const MAX_NAMED_LIMITS = 50;

/** What an isolate sends, at most about once a second. */
export interface HealthReport {
  readonly slices: readonly HealthSlice[];
  readonly circuit?: CircuitReport;
  /** Limits that are nearly or wholly used up. */
  readonly limits?: readonly NamedLimits[];
}

/** What a report is answered with: the limits that the provider's isolates have told of. */
export interface HealthReply {
  readonly limits: readonly NamedLimits[];
}

/** An active check. `error` is a sentence without secrets. */
export interface HealthCheckResult {
  readonly ok: boolean;
  readonly at: number;
  readonly latencyMs: number;
  readonly error: string | null;
}

export interface HealthSummary {
  readonly calls: number;
  readonly succeeded: number;
  readonly firstTokenP50Ms: number | null;
  readonly firstTokenP95Ms: number | null;
  readonly circuit: CircuitPhase;
  readonly check: HealthCheckResult | null;
}

export const NOTHING_KNOWN: HealthSummary = {
  calls: 0,
  succeeded: 0,
  firstTokenP50Ms: null,
  firstTokenP95Ms: null,
  circuit: 'closed',
  check: null,
};

/** What `ProviderHealth` answers to, as its slice sees it. */
export interface ProviderHealthStub {
  report(report: HealthReport): Promise<HealthReply>;
  recordCheck(check: HealthCheckResult): Promise<void>;
  summary(): Promise<HealthSummary>;
}

const FIRST_STEP_MS = 5;
const GROWTH = 1.15;
/** The last step holds everything slower than about five minutes. */
export const LATENCY_STEPS = 80;

/** The step of a latency: steps grow by 15 %, so that a quantile read from them is within 7.5 % of the truth at any scale. */
export function latencyStep(milliseconds: number): number {
  if (!(milliseconds > FIRST_STEP_MS)) return 0;
  return Math.min(
    LATENCY_STEPS - 1,
    Math.ceil(Math.log(milliseconds / FIRST_STEP_MS) / Math.log(GROWTH) - 1e-9),
  );
}

/** The latency that a step stands for, its geometric middle, in whole milliseconds. */
export function latencyOf(step: number): number {
  return step === 0 ? FIRST_STEP_MS : Math.round(FIRST_STEP_MS * GROWTH ** (step - 0.5));
}

/** The latency below which the share `q` of the counted ones lies (nearest rank); null of none. */
export function quantile(counts: ReadonlyMap<number, number>, q: number): number | null {
  let total = 0;
  for (const count of counts.values()) total += count;
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const step of [...counts.keys()].sort((a, b) => a - b)) {
    seen += counts.get(step) ?? 0;
    if (seen >= rank) return latencyOf(step);
  }
  return null;
}

/** Puts slices together, by time; those that begin before `from` are left out and at most `MAX_SLICES`, the latest, stay. */
export function mergeSlices(
  a: readonly HealthSlice[],
  b: readonly HealthSlice[],
  from: number,
): HealthSlice[] {
  const byStart = new Map<number, HealthSlice>();
  for (const slice of [...a, ...b]) {
    if (slice.start < from) continue;
    const known = byStart.get(slice.start);
    byStart.set(slice.start, known === undefined ? slice : addSlices(known, slice));
  }
  return [...byStart.values()].sort((x, y) => x.start - y.start).slice(-MAX_SLICES);
}

function addSlices(a: HealthSlice, b: HealthSlice): HealthSlice {
  const counts = new Map(a.firstTokens);
  for (const [step, count] of b.firstTokens) counts.set(step, (counts.get(step) ?? 0) + count);
  return {
    start: a.start,
    ok: a.ok + b.ok,
    failed: a.failed + b.failed,
    firstTokens: [...counts].sort((x, y) => x[0] - y[0]),
  };
}

/** The start of the slice that a time lies in. */
export function sliceStart(time: number): number {
  return Math.floor(time / SLICE_MS) * SLICE_MS;
}
