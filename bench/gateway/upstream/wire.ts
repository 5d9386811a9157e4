/** How the upstream answers in one wire format. Bytes are made beforehand: it must never be what limits a measurement. */
export interface Wire {
  readonly headers: Readonly<Record<string, string>>;
  readonly whole: Buffer;
  stream(pieces: number, withUsage: boolean): WireStream;
}

export interface WireStream {
  /** What comes before the first piece of text. */
  readonly head: Buffer;
  piece(index: number): Buffer;
  /** What comes after the last, with whatever ends a stream of this format. */
  readonly tail: Buffer;
}

/** One event as `data:` alone. */
export function dataEvent(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** One event with its name, which is also the data's `type`. */
export function namedEvent(type: string, fields: Readonly<Record<string, unknown>>): string {
  return `event: ${type}\n${dataEvent({ type, ...fields })}`;
}
