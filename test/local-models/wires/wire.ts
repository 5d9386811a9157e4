/** What a wire format has to be able to write. */
import type { Ask, Reply } from '../ask.ts';
import type { Fault } from '../fault.ts';

/** One event of a stream. `piece` marks those that carry a token, which are the ones that take time. */
export interface WireEvent {
  name: string | null;
  data: string;
  piece: boolean;
}

export interface Wire {
  /** The unstreamed body. */
  whole(reply: Reply): unknown;
  /** The stream's events, in order. */
  events(reply: Reply): Iterable<WireEvent>;
  /** An event's bytes; `position` counts from 0. */
  frame(event: WireEvent, position: number, ask: Ask): string;
  /** What follows the last event. */
  end(ask: Ask): string;
  streamType(ask: Ask): string;
  /** The body of an error. */
  faultBody(fault: Fault, requestId: string): unknown;
  /** An error in the middle of a stream. */
  faultEvent(fault: Fault, requestId: string): WireEvent;
}

/** Server-sent events with line feeds, as OpenAI and Anthropic send them. */
export function sseFrame(event: WireEvent): string {
  return event.name === null ? `data: ${event.data}\n\n` : `event: ${event.name}\ndata: ${event.data}\n\n`;
}

export const SSE_TYPE = 'text/event-stream; charset=utf-8';
