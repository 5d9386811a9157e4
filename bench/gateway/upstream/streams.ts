import type { ServerResponse } from 'node:http';
import type { WireStream } from './wire.ts';

interface Running {
  readonly response: ServerResponse;
  readonly stream: WireStream;
  readonly pieces: number;
  sent: number;
}

/**
 * Every stream that is running, and one timer for all: each tick sends one piece on each. A stream is never caught up with, so that no
 * two pieces leave together because the timer was late.
 */
export class Streams {
  readonly #running = new Set<Running>();
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** The first piece is sent at once: what is measured as the first chunk's delay is then the gateway's alone. */
  start(response: ServerResponse, stream: WireStream, pieces: number): void {
    const running: Running = { response, stream, pieces, sent: 0 };
    response.on('close', () => this.#forget(running));
    response.write(stream.head);
    this.#running.add(running);
    this.#send(running);
    this.#timer ??= setInterval(() => {
      for (const each of this.#running) this.#send(each);
    }, this.#delayMs);
  }

  #send(running: Running): void {
    const { response, stream, pieces } = running;
    response.write(stream.piece(running.sent));
    running.sent += 1;
    if (running.sent < pieces) return;
    response.end(stream.tail);
    this.#forget(running);
  }

  #forget(running: Running): void {
    this.#running.delete(running);
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
