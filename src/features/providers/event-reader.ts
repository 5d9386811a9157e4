import type { Clock } from '../../platform/clock.ts';
import { createSseParser, SseOverflowError, type SseParser } from '../../platform/sse.ts';
import { MalformedUpstreamError, type StreamDecoder } from './codec.ts';
import type { ConversationEvent, UpstreamErrorInfo } from './conversation.ts';
import type { StopSwitch } from './stop-switch.ts';
import { CANCELLATION, UpstreamFailure } from './upstream-failure.ts';
import { ReportedUpstreamError } from './wire/fields.ts';

/** How a stream ended, told once. */
export type StreamOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly error: UpstreamErrorInfo }
  | { readonly kind: 'cancelled' };

export interface EventReaderOptions {
  readonly body: ReadableStream<Uint8Array>;
  readonly decoder: StreamDecoder;
  readonly stop: StopSwitch;
  readonly clock: Clock;
  /** Most milliseconds without a byte while one is waited for. */
  readonly idleMs: number;
  readonly providerName: string;
  /** Cleans what the provider said of an error. */
  readonly clean: (error: UpstreamErrorInfo) => UpstreamErrorInfo;
  readonly onEnd: (outcome: StreamOutcome) => void;
  /** Keeps the bytes beside the events, for who passes them on (`takeBytes`). */
  readonly keepBytes?: boolean;
  /** A decoder threw what it should not: a defect of ours, to be recorded. */
  readonly onDefect: (cause: unknown) => void;
}

/** Most bytes of one stream; an honest one stays far below. */
const MAX_STREAM_BYTES = 256 * 1024 * 1024;
/** How long a finished stream may take to close by itself before it is cut. */
const CLOSING_MS = 1_000;

/**
 * The events of a streamed answer. Written out rather than an async generator function, because such a function's clean-up does not run
 * when it is left before its first step, and the connection to the provider would stay open.
 *
 * Bytes are read only when an event is asked for, so a slow reader slows the provider and buffers nothing here.
 */
export class EventReader implements AsyncGenerator<ConversationEvent, void, void> {
  readonly #options: EventReaderOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser: SseParser = createSseParser();
  #queue: ConversationEvent[] = [];
  #position = 0;
  #bytes = 0;
  #kept: Uint8Array[] = [];
  #closed = false;
  #detached = false;
  #filling: Promise<void> | undefined;
  #waitingSince: number | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EventReaderOptions) {
    this.#options = options;
    this.#reader = options.body.getReader();
    // Not every runtime ends a pending read when the request is aborted; cancelling the body does.
    const cut = () => {
      if (!this.#detached) void this.#reader.cancel().catch(() => undefined);
    };
    if (options.stop.signal.aborted) cut();
    else options.stop.signal.addEventListener('abort', cut, { once: true });
  }

  /**
   * Waits until the answer has begun to say something. Throws `UpstreamFailure` when it fails or stays silent before: up to here
   * another attempt costs nobody anything.
   */
  async begin(firstEventMs: number): Promise<void> {
    const { stop, providerName } = this.#options;
    const inTime = stop.limit(firstEventMs, {
      kind: 'timeout',
      message: `${providerName} sent no content within ${firstEventMs} ms of its headers.`,
    });
    let first = this.#queue.find(saysSomething);
    while (first === undefined) {
      await this.#fill();
      first = this.#queue.find(saysSomething);
    }
    inTime();
    if (first.type === 'error') throw new UpstreamFailure(first.error);
  }

  /**
   * Reads one more piece of the stream. False when there is none: the last events, an `error` among them, may still be to take. For who takes
   * many events at a time: a promise an event costs more than the event.
   */
  async more(): Promise<boolean> {
    if (this.#closed) return false;
    await this.#fill();
    return true;
  }

  /** The events that have come and were not taken. */
  takeEvents(): readonly ConversationEvent[] {
    const events = this.#position === 0 ? this.#queue : this.#queue.slice(this.#position);
    this.#queue = [];
    this.#position = 0;
    return events;
  }

  /** The bytes that have come and were not taken, as they came. */
  takeBytes(): readonly Uint8Array[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }

  /** Whether the stream has ended, one way or the other. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Gives the rest of the body away, unread; null when the stream has ended already. From here on the reader knows nothing of the answer: `onEnd`
   * is not called any more.
   */
  detach(): ReadableStream<Uint8Array> | null {
    if (this.#closed) return null;
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    this.#detached = true;
    this.#reader.releaseLock();
    return this.#options.body;
  }

  async next(): Promise<IteratorResult<ConversationEvent, void>> {
    for (;;) {
      const event = this.#queue[this.#position];
      if (event !== undefined) {
        this.#position += 1;
        if (this.#position === this.#queue.length) {
          this.#queue = [];
          this.#position = 0;
        }
        return { value: event, done: false };
      }
      if (this.#closed) return { value: undefined, done: true };
      await this.#fill();
    }
  }

  async return(): Promise<IteratorResult<ConversationEvent, void>> {
    this.#queue = [];
    this.#position = 0;
    if (!this.#closed) {
      this.#close({ kind: 'cancelled' });
      this.#options.stop.stop(CANCELLATION);
    }
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<ConversationEvent, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** One read for all who wait: the events it brings are taken in order. */
  #fill(): Promise<void> {
    this.#filling ??= this.#read().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  async #read(): Promise<void> {
    const { stop, decoder } = this.#options;
    let chunk: { readonly done: boolean; readonly value?: Uint8Array | undefined };
    try {
      this.#watchIdle();
      chunk = await this.#reader.read();
    } catch {
      // Runtimes differ in what they throw for a broken connection; none of it is for the person.
      if (!this.#closed) this.#fail(stop.reason ?? this.#broken());
      return;
    } finally {
      this.#waitingSince = undefined;
    }
    if (this.#closed) return;
    if (stop.reason !== undefined) return this.#fail(stop.reason);
    try {
      if (chunk.done || chunk.value === undefined) {
        this.#take(decoder.end());
        if (!this.#closed) this.#fail(this.#broken());
        return;
      }
      this.#bytes += chunk.value.byteLength;
      if (this.#options.keepBytes === true) this.#kept.push(chunk.value);
      if (this.#bytes > MAX_STREAM_BYTES) return this.#fail(this.#malformed('a stream without end'));
      for (const event of this.#parser.push(chunk.value)) {
        this.#take(decoder.event(event));
        if (this.#closed) return;
      }
    } catch (cause) {
      if (cause instanceof ReportedUpstreamError) return this.#fail(this.#options.clean(cause.error));
      if (!(cause instanceof MalformedUpstreamError || cause instanceof SseOverflowError))
        this.#options.onDefect(cause);
      this.#fail(this.#malformed('something that is not of its format'));
    }
  }

  #take(events: readonly ConversationEvent[]): void {
    for (const event of events) {
      if (event.type === 'error') {
        this.#fail(this.#options.clean(event.error));
        return;
      }
      this.#queue.push(event);
      if (event.type === 'end') {
        this.#complete();
        return;
      }
    }
  }

  /** The proper end: the connection is given a moment to close by itself, so that it counts as whole on the other side too. */
  #complete(): void {
    this.#close({ kind: 'completed' });
    const { stop } = this.#options;
    stop.limit(CLOSING_MS, CANCELLATION);
    this.#reader.read().then(
      ({ done }) => (done ? stop.release() : stop.stop(CANCELLATION)),
      () => stop.release(),
    );
  }

  #fail(error: UpstreamErrorInfo): void {
    this.#queue.push({ type: 'error', error });
    this.#close(error.code === CANCELLATION.code ? { kind: 'cancelled' } : { kind: 'failed', error });
    this.#options.stop.stop(error);
  }

  #close(outcome: StreamOutcome): void {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    this.#options.onEnd(outcome);
  }

  #broken(): UpstreamErrorInfo {
    return {
      kind: 'connection',
      message: `${this.#options.providerName} broke off in the middle of its answer.`,
    };
  }

  #malformed(what: string): UpstreamErrorInfo {
    return { kind: 'malformed', message: `${this.#options.providerName} sent ${what}.` };
  }

  /**
   * One timer for the stream, not one a chunk: it looks from time to time how long the present read has waited. Time the reader
   * of the events takes for itself does not count.
   */
  #watchIdle(): void {
    const { clock, idleMs } = this.#options;
    this.#waitingSince = clock.now();
    if (this.#idleTimer !== undefined || !Number.isFinite(idleMs)) return;
    const look = () => {
      const waited = this.#waitingSince === undefined ? 0 : clock.now() - this.#waitingSince;
      if (waited >= idleMs) {
        this.#options.stop.stop({
          kind: 'timeout',
          message: `${this.#options.providerName} sent nothing for ${idleMs} ms in the middle of its answer.`,
        });
      } else this.#idleTimer = setTimeout(look, Math.max(1, idleMs - waited));
    };
    this.#idleTimer = setTimeout(look, idleMs);
  }
}

/** `start` and `usage` announce; everything else is answer, or its end. */
function saysSomething(event: ConversationEvent): boolean {
  return event.type !== 'start' && event.type !== 'usage';
}
