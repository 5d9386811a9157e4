import type { z } from 'zod';
import type {
  mergeRunRequestSchema,
  PerspectivesRequest,
  Quote,
  Run,
  RunEvent,
} from '../../contracts/perspectives.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { TokenState } from '../identity/index.ts';
import type { RunConversation } from './conversation/carried.ts';
import type { RunModelSpec } from './conversation/plan-conversation.ts';
import type { RunAnswer } from './run-answer.ts';
import type { runs } from './schema.ts';

/** Where a run was asked from; recorded with it. */
export type RunOrigin = 'rest' | 'mcp' | 'demo' | 'gateway';

/** A finished run in the index. */
export type RunRow = typeof runs.$inferSelect;

export interface StartOptions {
  readonly origin: RunOrigin;
  /** The client's `Idempotency-Key`: the same key and body give the same run, another body is refused. */
  readonly idempotencyKey?: string;
}

/** A run that was started, or was there already for the same request. */
export interface StartedRun {
  readonly id: string;
  /** How its user's limit of tokens stood when it had taken its own; absent where it took none. */
  readonly tokens?: TokenState;
}

/** A run that carries a whole conversation and answers like one model. */
export interface ConversationRun {
  readonly spec: RunModelSpec;
  readonly conversation: RunConversation;
  /** Milliseconds that each model may take. */
  readonly timeoutMs?: number;
}

/** What a chat client's answer needs of a run while it is under way. */
export type AnswerEvent =
  /** A model has answered: the run will not fail altogether. */
  | { readonly type: 'answered' }
  /** The next piece of the merged text. */
  | { readonly type: 'text'; readonly text: string };

/**
 * Runs, for every surface alike (REST, MCP, the demonstration page): they translate, this decides. Errors are `ParallaxError`s:
 * `model_not_found` with the nearest names, `no_provider_key`, `max_cost_exceeded` with the estimate, `invalid_parameter`, `not_found` (also for another
 * tenant's run).
 */
export interface RunService {
  /** Checks, prices and starts a run; it goes on whether or not anyone watches. */
  start(principal: Principal, request: PerspectivesRequest, options: StartOptions): Promise<StartedRun>;
  /** The same for a run that carries a conversation. Errors besides: `payload_too_large`. */
  startConversation(principal: Principal, asked: ConversationRun, options: StartOptions): Promise<StartedRun>;
  /**
   * What an answer needs of the run's events, from its start to its end, each once, also when the run's object is moved meanwhile. Ends when the run has finished, or
   * at once when the signal aborts; that stops watching, not the run.
   */
  answerEvents(
    principal: Principal,
    id: string,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerEvent, void, void>;
  /** What the run has come to as one model's turn, as far as it has. */
  answer(principal: Principal, id: string): Promise<RunAnswer>;
  /** What the run is now, finished or not. */
  get(principal: Principal, id: string): Promise<Run>;
  /** The run once it has finished. */
  finished(principal: Principal, id: string): Promise<Run>;
  /**
   * The run's events after `after` (0: from the start) as SSE bytes with ids; ends after `run.completed`.
   * Cancelling the stream stops watching, not the run.
   */
  eventStream(principal: Principal, id: string, after: number): Promise<ReadableStream<Uint8Array>>;
  /** The same, parsed. */
  events(
    principal: Principal,
    id: string,
    after: number,
  ): AsyncGenerator<{ readonly id: number; readonly event: RunEvent }, void, void>;
  /** Merges a finished run (again), and returns it with the merge. */
  merge(principal: Principal, id: string, request: z.infer<typeof mergeRunRequestSchema>): Promise<Run>;
  /** Stops a run: upstream calls are aborted, what was produced is kept and recorded. */
  cancel(principal: Principal, id: string): Promise<void>;
  quote(principal: Principal, request: PerspectivesRequest): Promise<Quote>;
  /** Finished runs, newest first. */
  list(
    principal: Principal,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ readonly rows: readonly RunRow[]; readonly nextCursor: string | null }>;
}
