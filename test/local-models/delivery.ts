/** Sends a reply, streamed or whole, in its time and with the faults it was asked for. */

import { PADDING_MARK } from './answer.ts';
import type { Reply } from './ask.ts';
import type { Directives } from './directives.ts';
import type { Exchange } from './exchange.ts';
import { Fault } from './fault.ts';
import type { LocalModel } from './models.ts';
import type { Wire, WireEvent } from './wires/wire.ts';

/** Pieces that `cut` and `malformed` send before they fail. */
const GOOD_PIECES = 5;
/** The longest an unstreamed answer makes its client wait, unless the model is slow by nature. */
const LONGEST_WAIT_MS = 2000;
/** Events between two turns of the event loop when nothing else paces a stream. */
const EVENTS_PER_TURN = 32;

export interface Delivery {
  exchange: Exchange;
  wire: Wire;
  reply: Reply;
  model: LocalModel;
  directives: Directives;
  /** The server's delay a token. */
  tokenDelayMs: number;
}

function delayOf(delivery: Delivery): number {
  return delivery.model.tokenDelayMs ?? delivery.tokenDelayMs * delivery.model.pace;
}

/** An event's text with its padding, so that its data line is exactly as long as asked. */
class Padding {
  readonly #bytes: number;
  #padding: string | null = null;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  padded(data: string): string {
    if (!data.includes(PADDING_MARK)) return data;
    this.#padding ??= 'x'.repeat(
      Math.max(1, this.#bytes - Buffer.byteLength(`data: ${data}`) + PADDING_MARK.length),
    );
    return data.replaceAll(PADDING_MARK, this.#padding);
  }
}

function brokenEvent(event: WireEvent): WireEvent {
  return { ...event, data: event.data.slice(0, Math.max(8, Math.floor(event.data.length * 0.6))) };
}

/** Sends a reply as a stream of events. */
export async function deliverStream(delivery: Delivery): Promise<void> {
  const { exchange, wire, reply, model, directives } = delivery;
  const delay = delayOf(delivery);
  const padding = directives.sseLineBytes === null ? null : new Padding(directives.sseLineBytes);
  exchange.head(200, wire.streamType(reply.ask), { 'cache-control': 'no-cache' });
  exchange.response.flushHeaders();
  let position = 0;
  const frame = (event: WireEvent) =>
    wire.frame(
      padding === null ? event : { ...event, data: padding.padded(event.data) },
      position++,
      reply.ask,
    );
  for (const event of wire.events(reply)) {
    if (event.piece) {
      if (directives.stallAfter === exchange.piecesSent) await exchange.waitForever();
      if (directives.errorAfter === exchange.piecesSent) {
        await exchange.write(frame(wire.faultEvent(new Fault(529, 'Overloaded'), exchange.requestId)));
        break;
      }
      if (model.fault === 'malformed' && exchange.piecesSent === GOOD_PIECES) {
        await exchange.write(frame(brokenEvent(event)));
        break;
      }
      if (model.fault === 'cut' && exchange.piecesSent === GOOD_PIECES) {
        // Out of the process first: destroying a socket throws away what still waits in it.
        await exchange.flush(
          wire.frame({ ...event, data: event.data.slice(0, 20) }, position, reply.ask).slice(0, 26),
        );
        exchange.drop();
        return;
      }
      exchange.piecesSent++;
      if (delay > 0) await exchange.wait(delay);
    }
    await exchange.write(frame(event));
    if (delay === 0 && position % EVENTS_PER_TURN === 0) await exchange.yield();
  }
  exchange.response.end(wire.end(reply.ask));
}

/** Sends a reply in one piece, after the time that its tokens would have taken. */
export async function deliverWhole(delivery: Delivery): Promise<void> {
  const { exchange, wire, reply, model, directives } = delivery;
  const delay = delayOf(delivery) * reply.usage.output;
  if (delay > 0) await exchange.wait(model.tokenDelayMs === null ? Math.min(delay, LONGEST_WAIT_MS) : delay);
  if (directives.stallAfter !== null) await exchange.waitForever();
  if (directives.errorAfter !== null)
    throw new Fault(exchange.format === 'anthropic' ? 529 : 503, 'Overloaded');
  let text = JSON.stringify(wire.whole(reply));
  if (directives.sseLineBytes !== null)
    text = text.replaceAll(PADDING_MARK, 'x'.repeat(directives.sseLineBytes));
  sendWhole(exchange, text, model);
  if (model.fault === 'cut') await dropAfterHalf(exchange, text);
}

function sendWhole(exchange: Exchange, text: string, model: LocalModel): void {
  if (model.fault === 'malformed') exchange.send(200, text.slice(0, Math.floor(text.length / 2)));
  else if (model.fault !== 'cut') exchange.send(200, text);
}

/** Announces the whole body, sends half of it and breaks the connection. */
async function dropAfterHalf(exchange: Exchange, text: string): Promise<void> {
  const bytes = Buffer.from(text, 'utf8');
  exchange.head(200, 'application/json', { 'content-length': `${bytes.length}` });
  await exchange.flush(bytes.subarray(0, Math.floor(bytes.length / 2)));
  exchange.drop();
}

/** Sends any other JSON body (embeddings, counts) with the model's fault. */
export async function deliverJson(exchange: Exchange, body: unknown, model: LocalModel): Promise<void> {
  if (model.tokenDelayMs !== null) await exchange.wait(model.tokenDelayMs);
  const text = JSON.stringify(body);
  sendWhole(exchange, text, model);
  if (model.fault === 'cut') await dropAfterHalf(exchange, text);
}
