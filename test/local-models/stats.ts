/** Counters that tests read: what came in, what was broken off, and what the last requests said. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Format } from './ask.ts';

const MOST_ABORTED = 1000;
const MOST_KEPT = 10;
const MOST_BODY_BYTES = 128 * 1024;

/** The key for requests whose model is none of ours. */
export const UNKNOWN_MODEL = '(unknown)';

/** A request as it arrived. `at` is in milliseconds since 1970; `body` is its text, cut after 128 KiB. */
export interface SeenRequest {
  at: number;
  format: Format;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request whose client went away before the end of the answer. */
export interface AbortedRequest {
  at: number;
  model: string;
  format: Format;
  /** Milliseconds from the request to its end. */
  afterMs: number;
  piecesSent: number;
}

export interface StatsSnapshot {
  since: number;
  total: number;
  /** Requests by model and format. */
  requests: { [model: string]: { [format: string]: number } };
  openConnections: number;
  openRequests: number;
  /** The most requests that were open at one time. */
  mostOpenRequests: number;
  abortedTotal: number;
  /** The latest thousand, oldest first. */
  aborted: AbortedRequest[];
  /** The latest ten requests of each model, newest first. */
  last: { [model: string]: SeenRequest[] };
}

/** What a server hands out. */
export interface Stats {
  snapshot(): StatsSnapshot;
  /** Forgets everything but the open connections and requests; `rate-limited` starts counting anew. */
  reset(): void;
}

/** Collects the counters of one server. Every list in it is bounded. */
export class StatsCollector implements Stats {
  readonly #onReset: () => void;
  #since = Date.now();
  #total = 0;
  #requests = new Map<string, Map<Format, number>>();
  #openConnections = 0;
  #openRequests = 0;
  #mostOpenRequests = 0;
  #abortedTotal = 0;
  #aborted: AbortedRequest[] = [];
  #last = new Map<string, SeenRequest[]>();

  constructor(onReset: () => void) {
    this.#onReset = onReset;
  }

  connectionOpened(): void {
    this.#openConnections++;
  }

  connectionClosed(): void {
    this.#openConnections--;
  }

  requestBegun(): void {
    this.#openRequests++;
    this.#mostOpenRequests = Math.max(this.#mostOpenRequests, this.#openRequests);
  }

  requestEnded(): void {
    this.#openRequests--;
  }

  get openRequests(): number {
    return this.#openRequests;
  }

  /** Notes a request for a model; `body` is kept in part. */
  saw(model: string, format: Format, path: string, headers: IncomingHttpHeaders, body: Buffer): void {
    this.#total++;
    const formats = this.#requests.get(model) ?? new Map<Format, number>();
    formats.set(format, (formats.get(format) ?? 0) + 1);
    this.#requests.set(model, formats);
    const kept = this.#last.get(model) ?? [];
    kept.unshift({
      at: Date.now(),
      format,
      path,
      headers,
      body: body.subarray(0, MOST_BODY_BYTES).toString('utf8'),
    });
    kept.length = Math.min(kept.length, MOST_KEPT);
    this.#last.set(model, kept);
  }

  broke(model: string, format: Format, afterMs: number, piecesSent: number): void {
    this.#abortedTotal++;
    this.#aborted.push({ at: Date.now(), model, format, afterMs, piecesSent });
    if (this.#aborted.length > MOST_ABORTED) this.#aborted.shift();
  }

  snapshot(): StatsSnapshot {
    return {
      since: this.#since,
      total: this.#total,
      requests: Object.fromEntries(
        [...this.#requests].map(([model, formats]) => [model, Object.fromEntries(formats)]),
      ),
      openConnections: this.#openConnections,
      openRequests: this.#openRequests,
      mostOpenRequests: this.#mostOpenRequests,
      abortedTotal: this.#abortedTotal,
      aborted: [...this.#aborted],
      last: Object.fromEntries([...this.#last].map(([model, kept]) => [model, [...kept]])),
    };
  }

  reset(): void {
    this.#since = Date.now();
    this.#total = 0;
    this.#requests.clear();
    this.#mostOpenRequests = this.#openRequests;
    this.#abortedTotal = 0;
    this.#aborted = [];
    this.#last.clear();
    this.#onReset();
  }
}
