import type { Clock } from '../../platform/clock.ts';
import { type Nano, ZERO } from '../../platform/money.ts';
import type { KeyStrategy, TokenUsage } from '../providers/index.ts';
import { type AskEvent, OUR_FAILURE, type PerspectiveCall, type PerspectiveFailure } from './ask.ts';
import { interleave } from './interleave.ts';
import type { PlannedPerspective, RunPlan } from './plan.ts';
import { producedUsage } from './produced-usage.ts';
import { perspectiveMessages, promptTokens } from './prompt.ts';
import { afterEnd, connectionGroups, runStatus } from './quorum.ts';
import type { Delta, PerspectiveEnd, ReceiptLine, RunStore, StoredRun } from './run-store.ts';
import { wholeUntil } from './whole-characters.ts';

/** Why a run is stopped early; the reason of the abort signal that the engine takes. */
export type StopReason = 'cancelled' | 'straggler';

/** Deltas are gathered for this long before they are written and published, so that a fast stream costs few writes. */
export const FLUSH_INTERVAL_MS = 25;
/** Times that a perspective is asked when an eviction interrupts it before its first word. */
export const MAX_ASKS = 3;

export interface EngineDependencies {
  readonly store: RunStore;
  readonly clock: Clock;
  /** Asks one group of models, in an invocation of its own when `groups` is more than one. */
  readonly ask: (
    calls: readonly PerspectiveCall[],
    group: number,
    signal: AbortSignal,
  ) => AsyncIterable<AskEvent>;
  /** Merges the completed perspectives and writes the outcome to the store. Never throws for what a model does. */
  readonly merge: (run: StoredRun, signal: AbortSignal) => Promise<void>;
  /** The price of a model's usage; null when the catalog has none, which the receipt then says. */
  readonly price: (modelId: string, usage: TokenUsage) => Nano | null;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
}

/**
 * Drives a run from wherever it stands to its end: asks what has not been asked, merges, finishes. Called again after an eviction it goes on
 * from what the store holds: ended perspectives stay, a perspective that had begun to speak ends as `interrupted` with what it
 * said (asking again would splice a second answer), one that had not is asked again.
 */
export async function driveRun(dependencies: EngineDependencies): Promise<void> {
  const { store, signal, clock } = dependencies;
  const begun = store.load();
  if (begun.status !== 'running') return;
  closeInterrupted(dependencies, begun);
  await askAll(dependencies);
  const asked = store.load();
  if (
    asked.plan.merge !== null &&
    asked.merge === null &&
    !signal.aborted &&
    store.standing().completed > 0
  ) {
    await dependencies.merge(asked, signal);
  }
  store.finish(runStatus(store.standing()), clock.now());
}

function closeInterrupted(dependencies: EngineDependencies, run: StoredRun): void {
  for (const perspective of run.perspectives) {
    if (perspective.status !== 'streaming') continue;
    const text = dependencies.store.publishedText(perspective.index);
    if (text === '' && perspective.asked < MAX_ASKS) continue;
    const planned = run.plan.perspectives[perspective.index];
    if (planned === undefined) continue;
    const progress = new Progress(run.plan, planned, null);
    progress.text = text;
    progress.keyStrategy = perspective.keyStrategy;
    progress.fail(dependencies, {
      code: 'interrupted',
      message:
        'The machine that held this answer stopped. What had been said is kept; ask again for the rest.',
      retryable: true,
    });
  }
}

async function askAll(dependencies: EngineDependencies): Promise<void> {
  const { store, clock, signal, sleep } = dependencies;
  const run = store.load();
  const { plan } = run;
  const open = run.perspectives.filter(
    (perspective) => perspective.status === 'pending' || perspective.status === 'streaming',
  );
  const progress = new Map<number, Progress>();
  for (const { index } of open) {
    const planned = plan.perspectives[index];
    if (planned !== undefined) progress.set(index, new Progress(plan, planned, clock.now()));
  }

  const stragglers = new AbortController();
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, stragglers.signal, broken.signal]);
  let inGrace = false;
  const allEnded = new AbortController();

  const ended = () => {
    switch (afterEnd(store.standing(), plan.quorum)) {
      case 'finish':
        allEnded.abort('finished');
        return;
      case 'grace':
        if (inGrace) return;
        inGrace = true;
        sleep(plan.stragglerGraceMs, AbortSignal.any([signal, allEnded.signal])).then(
          () => stragglers.abort('straggler' satisfies StopReason),
          () => undefined, // All ended within their grace, or the run was cancelled.
        );
        return;
      case 'wait':
        return;
    }
  };

  const usable: PerspectiveCall[] = [];
  for (const [index, one] of progress) {
    if (one.planned.usable) {
      store.markAsked(index);
      usable.push(callOf(plan, one.planned));
    } else {
      one.fail(dependencies, withoutKey(one.planned.provider));
    }
  }
  ended();

  const cutOpen = (calls: readonly PerspectiveCall[]) => {
    flusher.flush();
    for (const { index } of calls) {
      const one = progress.get(index);
      if (one === undefined || one.ended) continue;
      one.fail(dependencies, cutFailure(stop));
      ended();
    }
  };

  const flusher = new Flusher(dependencies, progress, (error) => broken.abort(error));
  // All groups are waited for, also when one breaks: none may go on writing when the run is driven again.
  await Promise.all(
    connectionGroups(usable).map(async (calls, group) => {
      try {
        for await (const event of interleave([dependencies.ask(calls, group, stop)], stop)) {
          const one = progress.get(event.index);
          if (one === undefined || one.ended) continue;
          switch (event.type) {
            case 'started':
              one.keyStrategy = event.keyStrategy;
              store.markStarted(event.index, event.keyStrategy);
              break;
            case 'text':
              one.firstTokenAt ??= clock.now();
              one.text += event.text;
              flusher.add(event.index, event.text);
              break;
            case 'usage':
              one.usage = event.usage;
              break;
            case 'finished':
              flusher.flush();
              one.complete(dependencies, event.reason);
              ended();
              break;
            case 'failed':
              flusher.flush();
              one.fail(dependencies, event.error);
              ended();
              break;
          }
        }
        cutOpen(calls);
      } catch (error) {
        broken.abort(error);
      }
    }),
  );
  allEnded.abort('finished');
  if (!broken.signal.aborted) return;
  cutOpen(usable);
  throw broken.signal.reason;
}

function cutFailure(stop: AbortSignal): PerspectiveFailure {
  if (!stop.aborted) return { code: 'connection', message: 'The answer broke off.', retryable: true };
  switch (stop.reason) {
    case 'straggler' satisfies StopReason:
      return {
        code: 'straggler_cut',
        message: 'The quorum was in and this answer was late; what it had said is kept.',
        retryable: true,
      };
    case 'cancelled' satisfies StopReason:
      return {
        code: 'cancelled',
        message: 'The run was cancelled; what had been said is kept.',
        retryable: true,
      };
    default:
      return OUR_FAILURE;
  }
}

function withoutKey(provider: string): PerspectiveFailure {
  return { code: 'no_provider_key', message: `There is no usable key for ${provider}.`, retryable: false };
}

function callOf(plan: RunPlan, planned: PlannedPerspective): PerspectiveCall {
  return {
    index: planned.index,
    modelId: planned.modelId,
    messages: perspectiveMessages(plan, planned),
    maxTokens: plan.maxTokens,
    temperature: plan.temperature,
    timeoutMs: plan.timeoutMs,
  };
}

/** What is known of one perspective while it runs; turns into its end and its receipt line, once. */
class Progress {
  text = '';
  usage: TokenUsage | null = null;
  keyStrategy: KeyStrategy = 'none';
  firstTokenAt: number | null = null;
  ended = false;
  readonly plan: RunPlan;
  readonly planned: PlannedPerspective;
  /** When it was asked; null when that was before an eviction. */
  readonly startedAt: number | null;

  constructor(plan: RunPlan, planned: PlannedPerspective, startedAt: number | null) {
    this.plan = plan;
    this.planned = planned;
    this.startedAt = startedAt;
  }

  complete(dependencies: EngineDependencies, reason: string): void {
    this.#end(dependencies, 'completed', reason, null);
  }

  fail(dependencies: EngineDependencies, error: PerspectiveFailure): void {
    this.#end(dependencies, 'failed', error.code === 'refused' ? 'refusal' : null, error);
  }

  #end(
    { store, clock, price }: EngineDependencies,
    status: 'completed' | 'failed',
    finishReason: string | null,
    error: PerspectiveFailure | null,
  ): void {
    if (this.ended) return;
    this.ended = true;
    const { usage, estimated } = producedUsage({
      reported: this.usage,
      text: this.text,
      whole: status === 'completed',
      promptTokens: () => promptTokens(this.plan, this.planned),
    });
    const known = price(this.planned.modelId, usage);
    const costNano = known ?? ZERO;
    const end: PerspectiveEnd = {
      status,
      content: this.text,
      finishReason,
      usage,
      costNano,
      latencyMs: this.startedAt === null ? null : clock.now() - this.startedAt,
      firstTokenMs:
        this.firstTokenAt === null || this.startedAt === null ? null : this.firstTokenAt - this.startedAt,
      keyStrategy: this.keyStrategy,
      error,
    };
    const line: ReceiptLine = {
      id: `perspective-${this.planned.index}`,
      purpose: 'perspective',
      perspective: this.planned.index,
      modelId: this.planned.modelId,
      keyStrategy: this.keyStrategy,
      usage,
      costNano,
      estimated,
      priced: known !== null,
    };
    // A call that produced nothing costs nothing and has no line: only what was produced is charged.
    store.endPerspective(this.planned.index, end, usage.inputTokens + usage.outputTokens > 0 ? line : null);
  }
}

/** Gathers deltas and writes them together: at once when the last write is long enough ago, else when it will be. */
class Flusher {
  readonly #dependencies: EngineDependencies;
  readonly #progress: ReadonlyMap<number, Progress>;
  readonly #onError: (error: unknown) => void;
  #pending = new Map<number, string>();
  #lastFlush = 0;
  #scheduled = false;

  constructor(
    dependencies: EngineDependencies,
    progress: ReadonlyMap<number, Progress>,
    onError: (error: unknown) => void,
  ) {
    this.#dependencies = dependencies;
    this.#progress = progress;
    this.#onError = onError;
  }

  add(index: number, text: string): void {
    this.#pending.set(index, (this.#pending.get(index) ?? '') + text);
    if (this.#scheduled) return;
    const wait = this.#lastFlush + FLUSH_INTERVAL_MS - this.#dependencies.clock.now();
    if (wait <= 0) {
      this.flush();
      return;
    }
    this.#scheduled = true;
    this.#dependencies.sleep(wait, this.#dependencies.signal).then(
      () => {
        try {
          this.flush();
        } catch (error) {
          this.#onError(error);
        }
      },
      () => undefined, // Cancelled: the end of each perspective flushes.
    );
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#pending.size === 0) return;
    const deltas: Delta[] = [];
    const kept = new Map<number, string>();
    for (const [index, text] of this.#pending) {
      if (this.#progress.get(index)?.ended !== false) continue;
      // A provider may part a character between two pieces; its first half waits for the second.
      const end = wholeUntil(text, text.length);
      if (end > 0) deltas.push({ index, text: text.slice(0, end) });
      if (end < text.length) kept.set(index, text.slice(end));
    }
    this.#pending = kept;
    this.#lastFlush = this.#dependencies.clock.now();
    if (deltas.length > 0) this.#dependencies.store.appendDeltas(deltas);
  }
}
