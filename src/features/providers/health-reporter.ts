import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import {
  type CircuitReport,
  type HealthReport,
  type HealthSlice,
  latencyStep,
  MAX_NAMED_LIMITS,
  mergeSlices,
  type ProviderHealthStub,
  sliceStart,
  WINDOW_MS,
} from './health.ts';
import type { KeyLimits } from './key-limits.ts';
import type { LimitState } from './limits.ts';

/** How a call ended. */
export interface CallOutcome {
  readonly ok: boolean;
  readonly firstTokenMs?: number;
}

/** Takes outcomes as they come and passes them on in batches, beside the call's way and never on it. */
export interface HealthReporter {
  record(providerId: string, outcome: CallOutcome): void;
  circuit(providerId: string, circuit: CircuitReport): void;
  /** Goes with the next report of an outcome; no report goes out for it. */
  limits(providerId: string, name: string, state: LimitState): void;
}

/** Where reports go: the namespace of `ProviderHealth`, one object a provider. */
export interface HealthNamespace {
  getByName(providerId: string): ProviderHealthStub;
}

export interface HealthReporterOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly waitUntil?: (work: Promise<unknown>) => void;
  readonly buffer?: HealthBuffer;
  /** Takes in what other isolates have told the object of limits. */
  readonly keyLimits?: Pick<KeyLimits, 'adopt'>;
}

/** At most one batch a provider goes out of an isolate in this time. */
export const FLUSH_EVERY_MS = 1_000;
/** An invocation that was to send a batch and did not is given up on after this long. */
const OVERDUE_MS = 2_000;

interface Pending {
  slices: HealthSlice[];
  circuit: CircuitReport | undefined;
  limits: Map<string, LimitState>;
  lastSent: number;
  /** When an invocation has promised to send; undefined when none has. */
  due: number | undefined;
}

/** The outcomes of an isolate that have not gone out yet: plain counts, shared by all its requests, a bounded few a provider. */
export type HealthBuffer = Map<string, Pending>;

const isolateBuffer: HealthBuffer = new Map();
const NEVER = new AbortController().signal;

/**
 * A reporter for one invocation. The counts are the isolate's, but what sends them is always the present invocation's own: a Worker may
 * not use one request's connections in another.
 */
export function createHealthReporter(
  namespace: HealthNamespace,
  options: HealthReporterOptions,
): HealthReporter {
  return new InvocationReporter(namespace, options);
}

class InvocationReporter implements HealthReporter {
  readonly #namespace: HealthNamespace;
  readonly #options: HealthReporterOptions;
  readonly #buffer: HealthBuffer;

  constructor(namespace: HealthNamespace, options: HealthReporterOptions) {
    this.#namespace = namespace;
    this.#options = options;
    this.#buffer = options.buffer ?? isolateBuffer;
  }

  record(providerId: string, { ok, firstTokenMs }: CallOutcome): void {
    const now = this.#options.clock.now();
    const pending = this.#pendingOf(providerId);
    const slice: HealthSlice = {
      start: sliceStart(now),
      ok: ok ? 1 : 0,
      failed: ok ? 0 : 1,
      firstTokens: firstTokenMs === undefined ? [] : [[latencyStep(firstTokenMs), 1]],
    };
    pending.slices = mergeSlices(pending.slices, [slice], now - WINDOW_MS);
    this.#schedule(providerId, pending);
  }

  circuit(providerId: string, circuit: CircuitReport): void {
    const pending = this.#pendingOf(providerId);
    pending.circuit = circuit;
    this.#schedule(providerId, pending);
  }

  limits(providerId: string, name: string, state: LimitState): void {
    const { limits } = this.#pendingOf(providerId);
    if (limits.size < MAX_NAMED_LIMITS || limits.has(name)) limits.set(name, state);
  }

  #pendingOf(providerId: string): Pending {
    let pending = this.#buffer.get(providerId);
    if (pending === undefined) {
      pending = { slices: [], circuit: undefined, limits: new Map(), lastSent: 0, due: undefined };
      this.#buffer.set(providerId, pending);
    }
    return pending;
  }

  #schedule(providerId: string, pending: Pending): void {
    const now = this.#options.clock.now();
    if (pending.due !== undefined && now < pending.due + OVERDUE_MS) return;
    const due = Math.max(now, pending.lastSent + FLUSH_EVERY_MS);
    pending.due = due;
    const sending = this.#sendWhenDue(providerId, pending, due - now);
    this.#options.waitUntil?.(sending);
  }

  async #sendWhenDue(providerId: string, pending: Pending, waitMs: number): Promise<void> {
    const { clock, keyLimits, log, sleep } = this.#options;
    try {
      if (waitMs > 0) await sleep(waitMs, NEVER);
      const { slices, circuit } = pending;
      const limits = [...pending.limits].map(([name, state]) => ({ name, state }));
      pending.slices = [];
      pending.circuit = undefined;
      pending.limits = new Map();
      pending.lastSent = clock.now();
      pending.due = undefined;
      const report: HealthReport = {
        slices,
        ...(circuit === undefined ? {} : { circuit }),
        ...(limits.length === 0 ? {} : { limits }),
      };
      const reply = await this.#namespace.getByName(providerId).report(report);
      for (const { name, state } of reply.limits)
        keyLimits?.adopt(`${providerId}:${name}`, state, clock.now());
    } catch (cause) {
      // Statistics are not worth a second try, least of all at an object that is overloaded.
      pending.due = undefined;
      log.warn('a health report was lost', { provider: providerId, cause });
    }
  }
}
