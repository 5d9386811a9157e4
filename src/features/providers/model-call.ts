import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Logger } from '../../platform/log.ts';
import type {
  ConversationEvent,
  ConversationRequest,
  ConversationResponse,
  Dropped,
  UpstreamErrorInfo,
  WireFormat,
} from './conversation.ts';
import type { Beat } from './stop-switch.ts';

/** Where a call goes: one model at one provider. The catalog makes it; the call needs nothing else about the model. */
export interface ModelTarget {
  /** `provider/name` as Parallax knows it. */
  readonly modelId: string;
  readonly provider: string;
  /** The name the provider knows it by. */
  readonly upstreamName: string;
  /** When the model speaks another format than its provider's row says. */
  readonly wire?: WireFormat;
}

/** Whose key pays for a call. `none` is a model that needs no key (local). */
export type KeyStrategy = 'bridge' | 'tenant' | 'openrouter' | 'platform' | 'none';

/** Bounds of one attempt, in milliseconds. */
export interface CallTimeouts {
  /** Until response headers. */
  readonly headersMs: number;
  /** From headers until the first event that says something. */
  readonly firstEventMs: number;
  /** Between two pieces of a stream. */
  readonly idleMs: number;
  /** The whole call with its retries and fallbacks. */
  readonly totalMs: number;
}

export const DEFAULT_TIMEOUTS: CallTimeouts = {
  headersMs: 60_000,
  firstEventMs: 60_000,
  idleMs: 60_000,
  totalMs: 120_000,
};

/** What a call needs from around it; injected, so that tests say the time and the dice. */
export interface CallContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 ≤ x < 1, for jitter. */
  readonly random: () => number;
  /** Waits; ends early by throwing the signal's reason when it aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** What a target may do. */
export interface TargetLeave {
  /** Why it is not asked; the next is then tried. */
  readonly refusal?: UpstreamErrorInfo;
  /** The bound of its answer in tokens, in place of what the request says. */
  readonly maxTokens?: number;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeouts?: Partial<CallTimeouts>;
  /**
   * Called before the first attempt at each target, when its key is known; says what the target may do. What it throws ends the call. A `ParallaxError` is thrown on as
   * it is.
   */
  readonly beforeTarget?: (
    target: ModelTarget,
    keyStrategy: KeyStrategy,
    /** The tenant's own key, where it is one. */
    providerKeyId: string | undefined,
  ) => Promise<TargetLeave>;
  /** Called every so often while an attempt is under way, its stream included. */
  readonly beat?: Beat;
  /** Attempts a target, the first included; 3 unless said otherwise. */
  readonly attempts?: number;
  /** Tried in order when a target fails before its first event in a way that another may not. */
  readonly fallbacks?: readonly ModelTarget[];
}

/** A call that has produced its first event: from here on nothing is retried. */
export interface ModelStream {
  readonly target: ModelTarget;
  readonly keyStrategy: KeyStrategy;
  /** The tenant's key that was used; absent where it was another's. */
  readonly providerKeyId?: string | undefined;
  /** What the format of the provider could not say. */
  readonly dropped: readonly Dropped[];
  /** Attempts that failed before this one, oldest first. */
  readonly failures: readonly AttemptFailure[];
  /**
   * The answer's events, the first included, ending with `end` or `error`. Never throws for what the provider does: that is an `error` event
   * (a cut stream, malformed data, a time-out, an abort). Stopping early (`return()`) aborts the upstream call.
   */
  readonly events: AsyncGenerator<ConversationEvent, void, void>;
}

export interface ModelAnswer {
  readonly target: ModelTarget;
  readonly keyStrategy: KeyStrategy;
  /** The tenant's key that was used; absent where it was another's. */
  readonly providerKeyId?: string | undefined;
  readonly dropped: readonly Dropped[];
  readonly failures: readonly AttemptFailure[];
  readonly response: ConversationResponse;
}

export interface AttemptFailure {
  readonly target: ModelTarget;
  readonly error: UpstreamErrorInfo;
  readonly latencyMs: number;
  /** Whose key it was made with; `none` also where it failed for want of one. */
  readonly keyStrategy: KeyStrategy;
  /** The tenant's key that was used; absent where it was another's. */
  readonly providerKeyId?: string | undefined;
}

/** All targets failed before a first event. `error` is the last failure; `failures` are all. */
export class ModelCallError extends Error {
  override readonly name = 'ModelCallError';
  readonly error: UpstreamErrorInfo;
  readonly failures: readonly AttemptFailure[];
  /** When the provider said to come back, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(error: UpstreamErrorInfo, failures: readonly AttemptFailure[], retryAfterMs?: number) {
    super(error.message);
    this.error = error;
    this.failures = failures;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Starts a streamed call. Resolves at the first event; throws `ModelCallError` when no target gives one. */
export type StreamModel = (
  context: CallContext,
  target: ModelTarget,
  request: Omit<ConversationRequest, 'model' | 'stream'>,
  options: CallOptions,
) => Promise<ModelStream>;

/** Makes a call that is answered whole. Throws `ModelCallError`. */
export type AskModel = (
  context: CallContext,
  target: ModelTarget,
  request: Omit<ConversationRequest, 'model' | 'stream'>,
  options: CallOptions,
) => Promise<ModelAnswer>;
