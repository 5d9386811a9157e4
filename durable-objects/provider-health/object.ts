import { DurableObject } from 'cloudflare:workers';
import type {
  HealthCheckResult,
  HealthReply,
  HealthReport,
  HealthSummary,
} from '../../src/features/providers/index.ts';
import { addCheck, addReport, type HealthMemory, limitsNow, restore, summarize } from './logic.ts';

const SNAPSHOT = 'snapshot';
/** Reports come up to once a second from every isolate; storage is written this often at most. A crash forgets no more than that. */
const PERSIST_EVERY_MS = 10_000;

/**
 * The health of one provider (named by its id): counts in memory, a snapshot in storage, so that an eviction, which comes after more than a
 * minute without requests and without warning, loses nothing.
 */
export class ProviderHealth extends DurableObject<Env> {
  #memory: HealthMemory;
  #persistedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#memory = restore(ctx.storage.kv.get(SNAPSHOT));
  }

  /** The answer carries what other isolates have told of limits: they learn of it without a call of its own. */
  report(report: HealthReport): HealthReply {
    this.#memory = addReport(this.#memory, report, Date.now());
    this.#persistSoon();
    return { limits: limitsNow(this.#memory, Date.now()) };
  }

  recordCheck(check: HealthCheckResult): void {
    this.#memory = addCheck(this.#memory, check);
    this.#persist();
  }

  summary(): HealthSummary {
    return summarize(this.#memory, Date.now());
  }

  #persistSoon(): void {
    const wait = this.#persistedAt + PERSIST_EVERY_MS - Date.now();
    if (wait <= 0) this.#persist();
    // A timer, not an alarm: an alarm is itself a write, and keeps nothing that memory has lost.
    else this.#timer ??= setTimeout(() => this.#persist(), wait);
  }

  #persist(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#persistedAt = Date.now();
    this.ctx.storage.kv.put(SNAPSHOT, this.#memory);
  }
}
