import type { UpstreamErrorInfo } from './conversation.ts';
import { CANCELLATION, UpstreamFailure } from './upstream-failure.ts';

/** The reason an attempt was stopped for, carried by its abort signal. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Stops one attempt, whoever asks first: the caller's signal, a time limit, or the reader that goes away. Aborting `signal` closes the
 * connection to the provider; `reason` says why, because what `fetch` throws for it differs between runtimes and says nothing.
 */
export class StopSwitch {
  readonly #controller = new AbortController();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #caller: AbortSignal;
  #reason: UpstreamErrorInfo | undefined;

  constructor(caller: AbortSignal) {
    this.#caller = caller;
    if (caller.aborted) this.stop(CANCELLATION);
    else caller.addEventListener('abort', this.#cancel, { once: true });
  }

  readonly #cancel = (): void => this.stop(CANCELLATION);

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): UpstreamErrorInfo | undefined {
    return this.#reason;
  }

  /** Ends the attempt; the first reason stays. */
  stop(reason: UpstreamErrorInfo): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.release();
    this.#controller.abort(new Stopped(reason.message));
  }

  /** Stops the attempt after this long unless the returned function is called before. A limit that is no number of milliseconds is none. */
  limit(milliseconds: number, reason: UpstreamErrorInfo): () => void {
    if (this.#reason !== undefined || !Number.isFinite(milliseconds)) return () => undefined;
    const timer = setTimeout(() => this.stop(reason), Math.max(0, Math.min(milliseconds, MAX_TIMER_MS)));
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** Runs work of the attempt. What fails after the stop fails for the stop's reason. */
  async guard<T>(
    work: (signal: AbortSignal) => Promise<T>,
    otherwise: (cause: unknown) => UpstreamFailure,
  ): Promise<T> {
    try {
      if (this.#reason !== undefined) throw new UpstreamFailure(this.#reason);
      return await work(this.signal);
    } catch (cause) {
      if (this.#reason !== undefined) throw new UpstreamFailure(this.#reason);
      throw cause instanceof UpstreamFailure ? cause : otherwise(cause);
    }
  }

  /** The attempt is over: no timer and no listener stays behind. */
  release(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#caller.removeEventListener('abort', this.#cancel);
  }
}

/** Timers beyond a signed 32-bit count of milliseconds fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
