import { ParallaxError } from '../../../platform/errors.ts';
import { createSseParser, type SseEvent } from '../../../platform/sse.ts';
import { sleep } from '../../providers/index.ts';
import type { AnswerEvent } from '../run-service.ts';

/** How long to wait before watching again after the run's object went away under us, in milliseconds. */
const REOPEN_MS = 100;
/** Times in a row that watching may end without news before it is given up. */
const MAX_REOPENS = 20;

/**
 * Watches a run's answer to its end. A stream that breaks off is opened again after the last event that came, because the run itself goes on: its object was
 * moved or restarted. Throws what `open` throws, `unavailable` only when that lasts.
 */
export async function* watchAnswer(
  open: (after: number) => Promise<ReadableStream<Uint8Array>>,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void, void> {
  let after = 0;
  let answered = false;
  for (let broken = 0; !signal.aborted; broken++) {
    // Ends at once when the signal aborts, and the loop with it.
    if (broken > 0) await sleep(REOPEN_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    if (broken > MAX_REOPENS) {
      throw new ParallaxError('unavailable', 'The run cannot be watched at the moment. Read it by its id.');
    }
    const stream = await opened(() => open(after));
    if (stream === null) continue;
    for await (const event of eventsUntil(stream, signal)) {
      broken = 0;
      after = Number(event.id ?? after);
      switch (event.event) {
        case 'merge.delta':
          yield { type: 'text', text: JSON.parse(event.data) as string };
          break;
        case 'perspective.completed':
          if (!answered) yield { type: 'answered' };
          answered = true;
          break;
        case 'run.completed':
          return;
      }
    }
  }
}

/** A stream, or null when it cannot be had at the moment. */
async function opened(
  open: () => Promise<ReadableStream<Uint8Array>>,
): Promise<ReadableStream<Uint8Array> | null> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof ParallaxError && error.code === 'unavailable') return null;
    throw error;
  }
}

/** The events of a stream until it ends, breaks off, or the signal aborts. */
async function* eventsUntil(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<SseEvent, void, void> {
  const parser = createSseParser();
  const reader = stream.getReader();
  // Cancelling the reader is what ends a read that waits.
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    while (!signal.aborted) {
      const piece = await nextPiece(reader);
      if (piece === null) return;
      yield* parser.push(piece);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** The next bytes; null when there are none any more, whatever the reason. */
async function nextPiece(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | null> {
  try {
    const { done, value } = await reader.read();
    return done ? null : value;
  } catch {
    // The run's object went away under us; runtimes differ in what they throw for it.
    return null;
  }
}
