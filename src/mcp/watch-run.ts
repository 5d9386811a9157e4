import type { Run, RunEvent } from '../contracts/perspectives.ts';
import type { Principal } from '../contracts/principal.ts';
import type { RunService } from '../features/perspectives/index.ts';
import { ParallaxError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { createSseParser, type SseEvent } from '../platform/sse.ts';
import { dollarText, durationText } from './digest/figures.ts';
import type { Progress } from './progress.ts';

export interface Watch {
  readonly runs: RunService;
  readonly principal: Principal;
  readonly id: string;
  /** Milliseconds to wait for the end. */
  readonly patienceMs: number;
  readonly heartbeatMs: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** How long to wait before watching again after the run's object went away under us. */
const REOPEN_MS = 250;

/**
 * Watches a run and reports its progress, until it has finished, the patience is over or nobody waits any more. Returns the run as it is
 * then, which may be `running`, or null when nobody waits. Watching changes nothing in the run. Throws what `RunService` throws.
 */
export async function watchRun(watch: Watch): Promise<Run | null> {
  const { runs, principal, id, signal, log } = watch;
  const over = new AbortController();
  const stop = () => over.abort();
  const timer = setTimeout(stop, watch.patienceMs);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const reporter = createReporter(watch.progress, id);
  const heartbeat = setInterval(() => {
    reporter.beat().catch((error: unknown) => log.warn('progress could not be reported', { error }));
  }, watch.heartbeatMs);
  try {
    let after = 0;
    while (!over.signal.aborted) {
      try {
        const stream = await runs.eventStream(principal, id, after);
        for await (const event of eventsUntil(stream, over.signal)) {
          after = Number(event.id ?? after);
          const run = await reporter.take(event);
          if (run !== null) return run;
        }
      } catch (error) {
        if (error instanceof ParallaxError) throw error;
        // The run's object was moved or restarted: it goes on by itself, and we watch again from where we were.
        log.warn('watching a run was interrupted', { run: id, error });
      }
      if (!over.signal.aborted) await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
    }
  } finally {
    clearTimeout(timer);
    clearInterval(heartbeat);
    signal.removeEventListener('abort', stop);
  }
  return signal.aborted ? null : await runs.get(principal, id);
}

/** The events of a stream until it ends or the signal aborts, whichever is first. */
async function* eventsUntil(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<SseEvent, void, void> {
  const parser = createSseParser();
  const reader = stream.getReader();
  // Cancelling the reader is what ends a read that waits.
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel);
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

interface Reporter {
  /** Reports an event; gives the run when it was the last. */
  take(event: SseEvent): Promise<Run | null>;
  beat(): Promise<void>;
}

/** Turns a run's events into steps: one an answer, and a last one for what comes after (the merge, if any). */
function createReporter(progress: Progress, id: string): Reporter {
  let ended = 0;
  let models = 0;
  let merging = false;
  const total = () => models + 1;
  return {
    async take(event) {
      // Deltas are by far the most events; only their being there counts.
      if (event.event === 'perspective.delta') return null;
      if (event.event === 'merge.delta') {
        if (!merging) {
          merging = true;
          await progress.beat('Merging the answers.');
        }
        return null;
      }
      const parsed = JSON.parse(event.data) as RunEvent;
      switch (parsed.type) {
        case 'run.started':
          models = parsed.run.perspectives.length;
          await progress.report(
            0,
            total(),
            `Run ${id}: asking ${parsed.run.perspectives.map(({ model }) => model).join(', ')}.`,
          );
          return null;
        case 'perspective.completed':
        case 'perspective.failed': {
          ended += 1;
          const { model, latency_ms, cost_usd, error } = parsed.perspective;
          const took = latency_ms === null ? '' : ` in ${durationText(latency_ms)}`;
          const said =
            parsed.type === 'perspective.completed'
              ? `${model} answered${took} for ${dollarText(cost_usd)}`
              : `${model} failed: ${error?.message ?? 'no reason given'}`;
          await progress.report(ended, total(), `${ended} of ${models}: ${said}.`);
          return null;
        }
        case 'merge.completed':
          await progress.beat('Merged.');
          return null;
        case 'run.completed':
          await progress.report(total(), total(), `Run ${id}: ${parsed.run.status}.`);
          return parsed.run;
      }
      return null;
    },
    beat: () =>
      progress.beat(merging ? 'Still merging.' : `Still waiting: ${ended} of ${models} answers are in.`),
  };
}
