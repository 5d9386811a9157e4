import type { z } from 'zod';
import type {
  mergeRunRequestSchema,
  PerspectivesRequest,
  Quote,
  Run,
  RunEvent,
} from '../../contracts/perspectives.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { runs } from './schema.ts';

/** Where a run was asked from; recorded with it. */
export type RunOrigin = 'rest' | 'mcp' | 'demo';

/** A finished run in the index. */
export type RunRow = typeof runs.$inferSelect;

export interface StartOptions {
  readonly origin: RunOrigin;
  /** The client's `Idempotency-Key`: the same key and body give the same run, another body is refused. */
  readonly idempotencyKey?: string;
}

/**
 * Runs, for every surface alike (REST, MCP, the demonstration page): they translate, this decides. Errors are `ParallaxError`s:
 * `model_not_found` with the nearest names, `no_provider_key`, `max_cost_exceeded` with the estimate, `invalid_parameter`, `not_found` (also for another
 * tenant's run).
 */
export interface RunService {
  /** Checks, prices and starts a run; it goes on whether or not anyone watches. */
  start(
    principal: Principal,
    request: PerspectivesRequest,
    options: StartOptions,
  ): Promise<{ readonly id: string }>;
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
