import type { UpstreamErrorInfo } from './conversation.ts';
import { CANCELLATION, UpstreamFailure } from './upstream-failure.ts';

/** The reason an attempt was stopped for, carried by its abort signal. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

interface Limit {
  readonly at: number;
  readonly reason: UpstreamErrorInfo;
}

/** Called every so often while the attempt is under way. */
export interface Beat {
  readonly everyMs: number;
  readonly run: () => void;
}

/**
 * Stops one attempt, whoever asks first: the caller's signal, a time limit, or the reader that goes away. Aborting `signal` closes the
 * connection to the provider; `reason` says why, because what `fetch` throws for it differs between runtimes and says nothing.
 *
 * The caller's signal is joined, not listened to: a listener on a request's own signal costs the runtime more than a tenth of a whole request,
 * since it is then run in JavaScript at the end of each.
 *
 * All limits share one timer, set for the next of them: a timer costs more than the rest of the switch together.
 */
export class StopSwitch {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #beat: Beat | undefined;
  #limits: Limit[] = [];
  #nextBeat: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #working = false;
  #reason: UpstreamErrorInfo | undefined;

  constructor(caller: AbortSignal, beat?: Beat) {
    this.#caller = caller;
    this.#beat = beat;
    this.#nextBeat = beat === undefined ? Number.POSITIVE_INFINITY : Date.now() + beat.everyMs;
    this.#signal = AbortSignal.any([caller, this.#controller.signal]);
    if (caller.aborted) this.stop(CANCELLATION);
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  get reason(): UpstreamErrorInfo | undefined {
    if (this.#reason === undefined && this.#caller.aborted) this.#reason = CANCELLATION;
    return this.#reason;
  }

  /** Ends the attempt; the first reason stays. */
  stop(reason: UpstreamErrorInfo): void {
    if (this.#controller.signal.aborted) return;
    this.#reason = this.reason ?? reason;
    this.release();
    this.#controller.abort(new Stopped(reason.message));
  }

  /** Stops the attempt after this long unless the returned function is called before. A limit that is no number of milliseconds is none. */
  limit(milliseconds: number, reason: UpstreamErrorInfo): () => void {
    if (this.reason !== undefined || !Number.isFinite(milliseconds)) return () => undefined;
    const limit = { at: Date.now() + Math.max(0, milliseconds), reason };
    this.#limits.push(limit);
    // The limits that an attempt begins with are gathered first: its work sets the timer, once.
    if (this.#working && limit.at < this.#timerAt) this.#arm();
    return () => {
      this.#limits = this.#limits.filter((other) => other !== limit);
    };
  }

  /** Runs work of the attempt. What fails after the stop fails for the stop's reason. */
  async guard<T>(
    work: (signal: AbortSignal) => Promise<T>,
    otherwise: (cause: unknown) => UpstreamFailure,
  ): Promise<T> {
    try {
      if (this.reason !== undefined) throw new UpstreamFailure(this.reason);
      if (!this.#working) {
        this.#working = true;
        this.#arm();
      }
      return await work(this.signal);
    } catch (cause) {
      if (this.reason !== undefined) throw new UpstreamFailure(this.reason);
      throw cause instanceof UpstreamFailure ? cause : otherwise(cause);
    }
  }

  /** The attempt is over: no timer stays behind. */
  release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#working = false;
    this.#limits = [];
    this.#nextBeat = Number.POSITIVE_INFINITY;
  }

  /** Sets the timer for whatever comes first. One that fires for a limit that was taken back looks for the next. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const next = this.#limits.reduce((first, { at }) => Math.min(first, at), this.#nextBeat);
    this.#timerAt = next;
    if (!Number.isFinite(next)) return;
    const wait = Math.min(Math.max(0, next - Date.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(this.#look, wait);
  }

  readonly #look = (): void => {
    const now = Date.now();
    const due = this.#limits.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)[0];
    if (due !== undefined) {
      this.stop(due.reason);
      return;
    }
    if (this.#beat !== undefined && now >= this.#nextBeat) {
      this.#nextBeat = now + this.#beat.everyMs;
      this.#beat.run();
    }
    this.#arm();
  };
}

/** Timers beyond a signed 32-bit count of milliseconds fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
