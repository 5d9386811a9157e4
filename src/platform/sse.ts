/**
 * Server-sent events (WHATWG HTML, section 9.2), both ways. The parser takes bytes in any cut (inside a line ending,
 * inside a multi-byte character) and gives whole events; it never holds more than `maxEventLength` UTF-16 code units of one.
 */
export interface SseEvent {
  /** The event's name; `message` when the stream names none. */
  readonly event: string;
  readonly data: string;
  readonly id?: string;
}

/** One event grew past the bound: the stream is hostile or broken and is to be given up. */
export class SseOverflowError extends Error {
  override readonly name = 'SseOverflowError';
}

export interface SseParser {
  /** Takes the next bytes and returns the events that they complete. Throws `SseOverflowError`. */
  push(bytes: Uint8Array): SseEvent[];
}

/** Default bound of one event, in UTF-16 code units: enough for an inlined image of usual size. */
export const MAX_EVENT_LENGTH = 8 * 1024 * 1024;

/** Makes a parser for one stream. An event without its closing blank line is dropped, as the standard says. */
export function createSseParser(maxEventLength: number = MAX_EVENT_LENGTH): SseParser {
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });
  // Pieces of an unfinished line are joined only when it ends, so that one long line in many pieces costs linear time.
  let pieces: string[] = [];
  let piecesLength = 0;
  let skipLineFeed = false;
  let data: string[] = [];
  let dataLength = 0;
  let event = '';
  let id: string | undefined;

  const line = (text: string, events: SseEvent[]): void => {
    if (text === '') {
      if (data.length > 0) {
        const joined = data.length === 1 ? (data[0] ?? '') : data.join('\n');
        events.push({ event: event || 'message', data: joined, ...(id === undefined ? {} : { id }) });
      }
      data = [];
      dataLength = 0;
      event = '';
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    let value = colon < 0 ? '' : text.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') {
      dataLength += value.length;
      if (dataLength > maxEventLength)
        throw new SseOverflowError(`one event is longer than ${maxEventLength} characters`);
      data.push(value);
    } else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };

  return {
    push(bytes) {
      const events: SseEvent[] = [];
      const text = decoder.decode(bytes, { stream: true });
      if (text === '') return events;
      let start = skipLineFeed && text.startsWith('\n') ? 1 : 0;
      skipLineFeed = false;
      let cr = text.indexOf('\r', start);
      for (;;) {
        const lf = text.indexOf('\n', start);
        if (cr >= 0 && cr < start) cr = text.indexOf('\r', start);
        const end = lf < 0 ? cr : cr < 0 ? lf : Math.min(lf, cr);
        if (end < 0) break;
        const tail = text.slice(start, end);
        line(piecesLength === 0 ? tail : pieces.join('') + tail, events);
        pieces = [];
        piecesLength = 0;
        start = end + 1;
        if (end === cr) {
          if (start === text.length) skipLineFeed = true;
          else if (text.charCodeAt(start) === 10) start += 1;
        }
      }
      if (start < text.length) {
        pieces.push(text.slice(start));
        piecesLength += text.length - start;
        if (piecesLength > maxEventLength)
          throw new SseOverflowError(`one line is longer than ${maxEventLength} characters`);
      }
      return events;
    },
  };
}

/** Reads a body as a stream of events. The body is cancelled when the reader stops early. */
export async function* readSse(
  body: ReadableStream<Uint8Array>,
  maxEventLength: number = MAX_EVENT_LENGTH,
): AsyncGenerator<SseEvent, void, void> {
  const parser = createSseParser(maxEventLength);
  const reader = body.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield* parser.push(value);
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

/** One event as text: `data` may have several lines; `event` and `id` must have none. */
export function formatSse(event: {
  readonly event?: string;
  readonly id?: string;
  readonly data: string;
}): string {
  let text = '';
  if (event.id !== undefined) text += `id: ${event.id}\n`;
  if (event.event !== undefined) text += `event: ${event.event}\n`;
  if (!/[\r\n]/.test(event.data)) return `${text}data: ${event.data}\n\n`;
  for (const part of event.data.split(/\r\n|\r|\n/)) text += `data: ${part}\n`;
  return `${text}\n`;
}

/** A comment that keeps proxies from closing an idle stream. */
export const SSE_KEEP_ALIVE = ': keep-alive\n\n';

/** Headers of every event stream we send; the last one stops nginx-like proxies from buffering it. */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};
