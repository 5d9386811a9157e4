/** Writes on their way to the client at once: each costs a hop to wait for, and none may be too much to hold. */
const IN_FLIGHT = 8;

/**
 * The client's end of a stream. A writer that waits for each piece pays for it twice; one that never waits fills memory when the client stops reading.
 * This one lets a few pieces be on their way.
 */
export class PacedWriter {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #onTheirWay = 0;
  #gone = false;

  constructor() {
    const { readable, writable } = new IdentityTransformStream();
    this.readable = readable;
    this.#writer = writable.getWriter();
    // What fails here fails for every write too, where it is noticed.
    this.#writer.closed.catch(() => undefined);
  }

  /** Whether the client has stopped reading for good. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Resolves when there is room for more; at once, mostly. After the client has gone, writes go nowhere. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#gone) return;
    const written = this.#writer.write(bytes).catch(() => {
      this.#gone = true;
    });
    this.#onTheirWay += 1;
    if (this.#onTheirWay < IN_FLIGHT) return;
    this.#onTheirWay = 0;
    await written;
  }

  /** Ends the stream, properly. */
  async close(): Promise<void> {
    if (this.#gone) return;
    await this.#writer.close().catch(() => {
      this.#gone = true;
    });
  }
}
