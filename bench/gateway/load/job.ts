import type { WireFormat } from '../wire-format.ts';

/** One request, made many times. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Headers of many clients, taken in turns; those above are theirs too. Without them, one client asks. */
  readonly clients?: readonly Readonly<Record<string, string>>[];
  /** What it must be answered in. */
  readonly format: WireFormat;
}

/** Whole answers: each connection asks again as soon as it is answered. */
export interface WholeJob {
  readonly kind: 'whole';
  readonly target: Target;
  readonly connections: number;
  readonly requests: number;
}

/** Streams that begin together, each of so many pieces. */
export interface StreamJob {
  readonly kind: 'streams';
  readonly target: Target;
  readonly streams: number;
  readonly pieces: number;
  /** How often, one set of streams after the other. */
  readonly times: number;
}

export type LoadJob = WholeJob | StreamJob;

export interface LoadResult {
  readonly seconds: number;
  /** Of each request: until the answer was whole, or until its first piece of text. */
  readonly latenciesMs: readonly number[];
  /** CPU seconds of the load's own process. */
  readonly ownCpuSeconds: number;
}
