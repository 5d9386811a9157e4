import { DurableObject } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import type { Run } from '../../src/contracts/perspectives.ts';
import { configOf } from '../../src/env.ts';
import { priceOf } from '../../src/features/catalog/index.ts';
import {
  type AskEvent,
  askGroup,
  concludeRun,
  driveRun,
  holdMoreForRun,
  type LendForRun,
  mergeStoredRun,
  type PerspectiveCall,
  type PlannedMerge,
  type RunAnswer,
  type RunHeader,
  type RunHeld,
  RunHolds,
  type RunPlan,
  runAnswer,
  runs,
  runView,
  type StopReason,
  type StoredRun,
  type TakenForRun,
  textAnswers,
} from '../../src/features/perspectives/index.ts';
import { streamModel } from '../../src/features/providers/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { type Outcome, outcome, ParallaxError } from '../../src/platform/errors.ts';
import { createLogger, type Logger } from '../../src/platform/log.ts';
import { type Nano, ZERO } from '../../src/platform/money.ts';
import { SSE_HEADERS } from '../../src/platform/sse.ts';
import { callingFor } from './calling.ts';
import { eventStream } from './event-stream.ts';
import { answerText, eventRenderer } from './events.ts';
import { readGroup } from './group.ts';
import type { HeldMore } from './group-credit.ts';
import { dutyNow, MAX_FAILURES, nextDuty, WATCH_MS } from './logic.ts';
import { recordRun } from './record.ts';
import { type EventRow, RunStorage } from './storage.ts';

/** What came of starting a run. */
export interface CreatedRun {
  /** False when it was there before. */
  readonly created: boolean;
  /** The tokens that were taken for it, by their name; null where none are counted. */
  readonly tokens: string | null;
}

/** What was taken for a merge of a finished run. */
type MergeNeeds = Pick<TakenForRun, 'counted' | 'held' | 'tokens'>;

/** How soon a deletion that failed is tried again. */
const DELETE_RETRY_MS = 10 * 60 * 1000;

/**
 * One run, from its first call to its deletion. It drives itself: a client that goes away changes nothing, an eviction is made good by the
 * alarm or by the next request. Every method takes the tenant that asks, and another tenant's run does not exist.
 */
export class PerspectiveRun extends DurableObject<Env> {
  readonly #store: RunStorage;
  readonly #log: Logger;
  #cancel = new AbortController();
  #driving: Promise<void> | null = null;
  /** The credit of the run while it is driven. */
  #holds: RunHolds | null = null;
  /** Stops the merge of the finished run that is under way. */
  #merging: AbortController | null = null;
  #wake: () => void = () => undefined;
  #changed: Promise<void> = this.#nextChange();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = createLogger({ object: 'PerspectiveRun', run: ctx.id.name ?? ctx.id.toString() });
    this.#store = new RunStorage(ctx.storage, () => this.#announce());
  }

  /**
   * Starts the run, or, when it was started by the same request before, leaves it be. `conversation` is the JSON text of what a run that
   * carries one asks its models.
   */
  create(
    header: RunHeader,
    plan: RunPlan,
    digest: string,
    conversation: string | null = null,
  ): Promise<Outcome<CreatedRun>> {
    return outcome(async () => {
      const created = this.#store.create(header, plan, digest, conversation);
      if (
        !created &&
        (this.#store.digest() !== digest || this.#store.header().tenantId !== header.tenantId)
      ) {
        throw new ParallaxError('conflict', 'A run with this id exists already.');
      }
      if (created) this.#cancel = new AbortController();
      await this.#schedule();
      if (this.#store.status() === 'running') this.#drive();
      return { created, tokens: this.#store.header().tokens?.[0]?.id ?? null };
    });
  }

  get(tenantId: string): Promise<Outcome<Run>> {
    return outcome(() => {
      this.#admit(tenantId);
      return runView(this.#store.load());
    });
  }

  /** What the run has come to as one model's turn. */
  answer(tenantId: string): Promise<Outcome<RunAnswer>> {
    return outcome(() => {
      this.#admit(tenantId);
      return runAnswer(this.#store.load());
    });
  }

  /** The plan, for a run that carries this one on. */
  plan(tenantId: string): Promise<Outcome<RunPlan>> {
    return outcome(() => {
      this.#admit(tenantId);
      return this.#store.load().plan;
    });
  }

  /** Holds more for a perspective that is asked in another invocation, or nothing. What is held for it then, and what could be held beyond. */
  holdMore(tenantId: string, index: number, amount: Nano): Promise<Outcome<HeldMore>> {
    return outcome(async () => {
      this.#admit(tenantId);
      const credit = this.#holds?.creditOf(index);
      if (credit === undefined) return { granted: false, held: null, room: ZERO };
      const granted = await credit.more(amount);
      return { granted, held: credit.held, room: credit.room() };
    });
  }

  /** Resolves when the run has finished. */
  finished(tenantId: string): Promise<Outcome<Run>> {
    return outcome(async () => {
      this.#admit(tenantId);
      while (this.#store.status() === 'running') await this.#changed;
      return runView(this.#store.load());
    });
  }

  cancel(tenantId: string): Promise<Outcome<null>> {
    return outcome(() => {
      this.#admit(tenantId);
      // The signal of a run that has ended is left alone.
      const under = this.#store.status() === 'running' ? this.#cancel : this.#merging;
      under?.abort('cancelled' satisfies StopReason);
      return null;
    });
  }

  /** Forgets everything, because the run's tenant is being deleted. One that is under way is stopped first, and goes when it is asked again. */
  async erase(tenantId: string): Promise<void> {
    if (this.#store.digest() === null || this.#store.header().tenantId !== tenantId) return;
    if (this.#store.status() === 'running') {
      this.#cancel.abort('cancelled' satisfies StopReason);
      return;
    }
    await this.ctx.storage.deleteAlarm();
    await this.#store.deleteAll();
  }

  /** Merges a finished run, in place of the merge it had. What was taken for it is settled by the run. */
  merge(
    tenantId: string,
    planned: PlannedMerge,
    { counted, held, tokens }: MergeNeeds,
  ): Promise<Outcome<Run>> {
    return outcome(async () => {
      this.#admit(tenantId);
      if (this.#store.status() === 'running') {
        throw new ParallaxError('conflict', 'The run has not finished; merge it when it has.', {
          retryAfterMs: 2000,
        });
      }
      const stored = this.#store.load();
      if (textAnswers(stored).length === 0) {
        throw new ParallaxError(
          'conflict',
          this.#store.standing().completed === 0
            ? 'No perspective of this run was completed; there is nothing to merge.'
            : 'Every model of this run called tools in place of answering; there is nothing to merge.',
        );
      }
      if (this.#merging !== null)
        throw new ParallaxError('conflict', 'This run is being merged already.', { retryAfterMs: 2000 });
      const merging = new AbortController();
      // What was charged of the run before has been taken from its tenant already, or will be: this is held besides.
      const holds = new RunHolds(held, { perspectives: [], receipt: [] }, this.#lend, () => undefined);
      this.#merging = merging;
      try {
        if (counted) this.#store.kept.markCounted();
        if (tokens !== null) this.#store.kept.keepTokens(tokens);
        // Should the machine stop on the way, the alarm records what had been paid.
        await this.ctx.storage.setAlarm(systemClock.now() + WATCH_MS);
        await this.#merge(
          mergeStoredRun,
          { ...stored, plan: { ...stored.plan, merge: planned } },
          merging.signal,
          holds,
        );
      } finally {
        await holds.close();
        this.#merging = null;
        await this.#record();
        await this.#schedule();
      }
      if (merging.signal.aborted) {
        throw new ParallaxError('conflict', 'The merge was cancelled; the run is as it was.');
      }
      return runView(this.#store.load());
    });
  }

  /**
   * `GET /events?tenant=…&after=N`: the events after N as a stream; `/answer` in place of `/events`: those that a chat client's answer needs. Over `fetch`, because
   * a body tells us when its reader has gone.
   */
  override fetch(request: Request): Response {
    const { pathname, searchParams: query } = new URL(request.url);
    try {
      this.#admit(query.get('tenant') ?? '');
    } catch (error) {
      if (error instanceof ParallaxError) return new Response(null, { status: error.status });
      throw error;
    }
    const after = Number(query.get('after') ?? 0);
    const render = pathname === '/answer' ? answerText : eventRenderer(() => this.#store.load());
    return new Response(this.#eventStream(after, render), { headers: SSE_HEADERS });
  }

  /** The run's upkeep: goes on with it after an eviction, records it, drops its deltas, deletes it. */
  override async alarm(): Promise<void> {
    if (this.#store.digest() === null) return;
    const duty = dutyNow(this.#upkeep(), systemClock.now());
    if (duty === 'delete') {
      await this.#delete();
      return;
    }
    await this.#schedule();
    if (duty === 'drive') await this.#drive();
    // What a merge under way has cost is told when it has ended: what is held for it must stay.
    else if (duty === 'record' && this.#merging === null) await this.#record();
    else if (duty === 'drop-deltas') this.#store.dropDeltas();
    await this.#schedule();
  }

  #admit(tenantId: string): void {
    if (this.#store.digest() === null || this.#store.header().tenantId !== tenantId) {
      throw new ParallaxError(
        'not_found',
        'There is no such run. Runs are kept for a limited time; see docs/configuration.md.',
      );
    }
    if (this.#store.status() === 'running') this.#drive();
  }

  /** Drives the run unless it is being driven. Never rejects: what goes wrong is logged, counted, and tried again by the alarm. */
  #drive(): Promise<void> {
    this.#driving ??= this.#driveOnce()
      .catch((error: unknown) => this.#log.error('a run’s upkeep failed; its alarm tries again', { error }))
      .finally(() => {
        this.#driving = null;
      });
    return this.#driving;
  }

  async #driveOnce(): Promise<void> {
    try {
      const config = configOf(this.env);
      const run = this.#store.load();
      const { catalog, context } = await callingFor(this.env, config, run.header, this.#log);
      const keep = (held: RunHeld) => this.#store.kept.keepHeld(held);
      const holds =
        run.header.held === undefined ? null : new RunHolds(run.header.held, run, this.#lend, keep);
      this.#holds = holds;
      const credit = ({ index }: PerspectiveCall) => holds?.creditOf(index) ?? null;
      await driveRun({
        store: this.#store,
        clock: systemClock,
        ask: (calls, group, signal) =>
          this.#ask(calls, group, signal, () =>
            askGroup({ stream: streamModel, context, catalog, credit }, calls, signal),
          ),
        holds,
        merge: (run, signal) => this.#merge(concludeRun, run, signal, holds),
        price: (modelId, usage) => {
          const model = catalog.find(modelId);
          return model === undefined ? null : priceOf(model, usage);
        },
        sleep: context.sleep,
        signal: this.#cancel.signal,
      });
    } catch (error) {
      const failures = this.#store.countFailure();
      this.#log.error('a run could not be driven', { error, failures });
      if (failures >= MAX_FAILURES) this.#store.giveUp(systemClock.now());
    } finally {
      const holds = this.#holds;
      this.#holds = null;
      // Before anything is charged: what is still being asked for would be held behind it.
      await holds?.close();
    }
    if (this.#store.status() !== 'running') await this.#record();
    await this.#schedule();
  }

  /** The first group is asked from here; each further one in an invocation of its own, for the platform's bound on connections. */
  #ask(
    calls: readonly PerspectiveCall[],
    group: number,
    signal: AbortSignal,
    here: () => AsyncIterable<AskEvent>,
  ): AsyncIterable<AskEvent> {
    if (group === 0) return here();
    return readGroup(this.ctx.exports.PerspectiveGroup, this.#store.header(), calls, signal, this.#log);
  }

  readonly #lend: LendForRun = (wish) => holdMoreForRun(this.env, systemClock, this.#store.header(), wish);

  async #merge(
    merge: typeof mergeStoredRun,
    run: StoredRun,
    signal: AbortSignal,
    holds: RunHolds | null,
  ): Promise<void> {
    const config = configOf(this.env);
    const { catalog, context } = await callingFor(this.env, config, run.header, this.#log);
    await merge(run, { store: this.#store, catalog, context, signal, holds });
  }

  #record(): Promise<void> {
    return recordRun(this.env, this.#store, this.#log);
  }

  async #delete(): Promise<void> {
    const { tenantId, id } = this.#store.header();
    // Before anything can fail: the platform gives up on an alarm that throws six times, and the run would stay for good.
    await this.ctx.storage.setAlarm(systemClock.now() + DELETE_RETRY_MS);
    try {
      await tenantDb(this.env.DB, { tenantId }).delete(runs, eq(runs.id, id));
    } catch (error) {
      this.#log.warn('a run at the end of its retention could not be deleted and will be again', { error });
      return;
    }
    await this.ctx.storage.deleteAlarm();
    await this.#store.deleteAll();
  }

  async #schedule(): Promise<void> {
    if (this.#store.digest() === null) return;
    await this.ctx.storage.setAlarm(nextDuty(this.#upkeep(), systemClock.now()).at);
  }

  #upkeep() {
    return {
      ...this.#store.upkeep(),
      retentionMs: configOf(this.env).runRetentionDays * 24 * 60 * 60 * 1000,
    };
  }

  #eventStream(after: number, render: (rows: readonly EventRow[]) => string): ReadableStream<Uint8Array> {
    const source = {
      eventsAfter: (id: number, limit: number) => this.#store.eventsAfter(id, limit),
      isRunning: () => this.#store.status() === 'running',
      changed: () => this.#changed,
    };
    return eventStream(source, after, render);
  }

  #announce(): void {
    const wake = this.#wake;
    this.#changed = this.#nextChange();
    wake();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
