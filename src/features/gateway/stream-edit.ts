import type { JsonObject } from '../providers/index.ts';

/**
 * What becomes of an event that tells usage: the same object (left as it is), another one in its place, or null (left out). Pure.
 */
export type EventEdit = (data: JsonObject) => JsonObject | null;

/**
 * Cuts the bytes of an event stream into whole events and a rest. Events are bounded by a blank line, in any of the three line endings of the
 * standard. A rest without a line's end is only put aside, so that a line of any length costs linear time.
 */
export class EventCutter {
  #pieces: Uint8Array[] = [];

  /** Takes the next bytes; returns the whole events that stand complete now, as they came, or null when there is none. */
  push(bytes: Uint8Array): Uint8Array | null {
    if (this.#pieces.length > 0 && !endsALine(bytes)) {
      this.#pieces.push(bytes);
      return null;
    }
    const all = this.#pieces.length === 0 ? bytes : joined([...this.#pieces, bytes]);
    const end = lastBoundary(all);
    this.#pieces = end === all.length ? [] : [all.subarray(end)];
    return end === 0 ? null : all.subarray(0, end);
  }
}

/** Whether there is a line ending in it at all. */
function endsALine(bytes: Uint8Array): boolean {
  return bytes.includes(LF) || bytes.includes(CR);
}

const LF = 10;
const CR = 13;

/** Where the last blank line ends; 0 when there is none. */
export function lastBoundary(bytes: Uint8Array): number {
  for (let end = bytes.length; end >= 2; end--) {
    const last = bytes[end - 1];
    if (last !== LF && last !== CR) continue;
    const line = lineEndAt(bytes, end);
    // The blank line's own ending, and the ending of the line before it.
    if (line > 0 && lineEndAt(bytes, end - line) > 0 && !(bytes[end - 1] === CR && bytes[end] === LF))
      return end;
  }
  return 0;
}

/** Length of the line ending that ends at `end`: 2 for CRLF, 1 for LF or CR, 0 for none. */
function lineEndAt(bytes: Uint8Array, end: number): number {
  const last = bytes[end - 1];
  if (last === LF) return bytes[end - 2] === CR ? 2 : 1;
  return last === CR ? 1 : 0;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/**
 * The text of whole events with those edited whose data are JSON objects. Everything else stays as it is, or, with `onlyWhole`, is left out: broken
 * data, and ends that are no end.
 */
export function editEvents(text: string, edit: EventEdit, onlyWhole = false): string {
  let result = '';
  for (const block of text.split(/(?<=\r\n\r\n|\n\n|\r\r(?!\n))/)) {
    const edited = editEvent(block, edit, onlyWhole);
    if (edited !== null) result += edited;
  }
  return result;
}

function editEvent(block: string, edit: EventEdit, onlyWhole: boolean): string | null {
  const lines = block.split(/\r\n|\n|\r/);
  const data = lines.filter((line) => line.startsWith('data:'));
  if (data.length === 0) return block;
  const value = objectOf(data.map((line) => line.slice(line.startsWith('data: ') ? 6 : 5)).join('\n'));
  if (value === undefined) return onlyWhole ? null : block;
  const edited = edit(value);
  if (edited === value) return block;
  if (edited === null) return null;
  const others = lines.filter((line) => line !== '' && !line.startsWith('data:'));
  return `${[...others, `data: ${JSON.stringify(edited)}`].join('\n')}\n\n`;
}

function objectOf(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    // Not ours to mend: it goes on as it came.
    return undefined;
  }
}
