/** One request and its response on a socket: who is waiting, whether they are still there, and how bytes go out. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Format } from './ask.ts';
import type { LeftRequests } from './directives.ts';
import { providerHeaders } from './headers.ts';

/** The client is gone; nothing more can be said to it. */
export class ClientGone extends Error {
  override name = 'ClientGone';
}

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly format: Format;
  readonly requestId: string;
  readonly begunAt = Date.now();
  readonly #gone = new AbortController();
  #openRequests: number;
  /** What the statistics call the model; '' until it is known. */
  model = '';
  piecesSent = 0;
  tokens = 0;
  /** What the headers say of the limit of requests, where a test has a say in it. */
  left: LeftRequests | null = null;
  /** True once this side has broken the connection on purpose. */
  dropped = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    format: Format,
    requestId: string,
    openRequests: number,
  ) {
    this.request = request;
    this.response = response;
    this.format = format;
    this.requestId = requestId;
    this.#openRequests = openRequests;
    response.on('close', () => this.#gone.abort());
  }

  /** Whether the client went away before it had the whole answer. */
  get broken(): boolean {
    return this.#gone.signal.aborted && !this.response.writableFinished && !this.dropped;
  }

  /** Waits, unless the client goes away first (ClientGone). */
  async wait(ms: number): Promise<void> {
    await this.#unlessGone(() => setTimeout(ms, undefined, { signal: this.#gone.signal }));
  }

  /** Lets other requests have a turn. */
  async yield(): Promise<void> {
    await this.#unlessGone(() => setImmediate(undefined, { signal: this.#gone.signal }));
  }

  /** Waits until the client goes away, and then throws ClientGone. */
  async waitForever(): Promise<never> {
    if (!this.#gone.signal.aborted) await once(this.#gone.signal, 'abort');
    throw new ClientGone();
  }

  async #unlessGone(waiting: () => Promise<unknown>): Promise<void> {
    if (this.#gone.signal.aborted) throw new ClientGone();
    try {
      await waiting();
    } catch (error) {
      if (this.#gone.signal.aborted) throw new ClientGone();
      throw error;
    }
  }

  head(
    status: number,
    contentType: string,
    more: { [name: string]: string } = {},
    refusedForMs: number | null = null,
  ): void {
    this.response.writeHead(status, {
      'content-type': contentType,
      ...providerHeaders(this.format, {
        requestId: this.requestId,
        openRequests: this.#openRequests,
        tokens: this.tokens,
        refusedForMs,
        left: this.left,
        now: this.begunAt,
      }),
      ...more,
    });
  }

  /** Writes, and waits while the client reads more slowly than this side writes. */
  async write(text: string | Buffer): Promise<void> {
    if (this.#gone.signal.aborted) throw new ClientGone();
    if (!this.response.write(text))
      await this.#unlessGone(() => once(this.response, 'drain', { signal: this.#gone.signal }));
  }

  /** Writes and waits until the bytes have left for the socket. */
  async flush(text: string | Buffer): Promise<void> {
    await this.#unlessGone(
      () =>
        new Promise<void>((resolve, reject) =>
          this.response.write(text, (error) => (error ? reject(error) : resolve())),
        ),
    );
  }

  json(
    status: number,
    body: unknown,
    more: { [name: string]: string } = {},
    refusedForMs: number | null = null,
  ): void {
    this.send(status, JSON.stringify(body), more, refusedForMs);
  }

  /** Sends text that says of itself that it is JSON. */
  send(
    status: number,
    text: string,
    more: { [name: string]: string } = {},
    refusedForMs: number | null = null,
  ): void {
    if (this.#gone.signal.aborted) return;
    const bytes = Buffer.from(text, 'utf8');
    const type = this.format === 'gemini' ? 'application/json; charset=UTF-8' : 'application/json';
    this.head(status, type, { 'content-length': `${bytes.length}`, ...more }, refusedForMs);
    this.response.end(this.request.method === 'HEAD' ? undefined : bytes);
  }

  /** Breaks the connection. */
  drop(): void {
    this.dropped = true;
    this.response.destroy();
  }
}
