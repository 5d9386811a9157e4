import { systemClock } from '../../src/platform/clock.ts';
import { SSE_KEEP_ALIVE } from '../../src/platform/sse.ts';
import type { EventRow } from './storage.ts';

/** Longest silence on an event stream before a comment keeps it open. */
const KEEP_ALIVE_MS = 15_000;
/** Events rendered at a time; bounds what one slow reader holds in memory. */
const EVENT_PAGE = 256;

/** The events of a run, and how to learn that there are more. */
export interface RunEventRows {
  eventsAfter(id: number, limit: number): EventRow[];
  isRunning(): boolean;
  /** Resolves at the next change. */
  changed(): Promise<void>;
}

/**
 * A run's events after one of them as a stream of bytes: as many at a time as are there, each as `render` writes it (empty: it is passed over). Ends after
 * `run.completed`. A slow reader holds no memory, and one that leaves stops nothing.
 */
export function eventStream(
  source: RunEventRows,
  after: number,
  render: (rows: readonly EventRow[]) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let cursor = Number.isSafeInteger(after) && after > 0 ? after : 0;
  let gone = false;
  let wroteAt = systemClock.now();
  const write = (controller: ReadableStreamDefaultController<Uint8Array>, text: string) => {
    wroteAt = systemClock.now();
    controller.enqueue(encoder.encode(text));
  };
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      while (!gone) {
        const changed = source.changed();
        const rows = source.eventsAfter(cursor, EVENT_PAGE);
        const last = rows.at(-1);
        if (last !== undefined) {
          cursor = last.id;
          const text = render(rows);
          if (text !== '') write(controller, text);
          if (last.type === 'run.completed') {
            controller.close();
            return;
          }
          if (text !== '') return;
          continue;
        }
        if (!source.isRunning()) {
          controller.close();
          return;
        }
        // Counted from the last byte: what is passed over breaks no silence.
        const patience = wroteAt + KEEP_ALIVE_MS - systemClock.now();
        if ((await changeOrSilence(changed, patience)) === 'silence' && !gone) {
          write(controller, SSE_KEEP_ALIVE);
          return;
        }
      }
    },
    cancel: () => {
      gone = true;
    },
  });
}

async function changeOrSilence(changed: Promise<void>, patience: number): Promise<'change' | 'silence'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    timer = setTimeout(() => resolve('silence'), Math.max(0, patience));
  });
  const next = await Promise.race([changed.then(() => 'change' as const), silence]);
  clearTimeout(timer);
  return next;
}
