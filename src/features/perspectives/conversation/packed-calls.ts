import type { Message } from '../../providers/index.ts';
import type { AskedOptions, PerspectiveCall } from '../ask.ts';

/** The calls of a group as they travel: each message once, however many calls share it. A conversation may have megabytes. */
interface PackedCalls {
  readonly messages: readonly Message[];
  readonly options: readonly AskedOptions[];
  readonly calls: readonly PackedCall[];
}

interface PackedCall extends Omit<PerspectiveCall, 'messages' | 'options'> {
  /** Places in `messages`. */
  readonly messages: readonly number[];
  /** Place in `options`. */
  readonly options?: number;
}

/** Calls as JSON text. Messages and options count as shared when they are the same objects. */
export function packCalls(calls: readonly PerspectiveCall[]): string {
  const messages = new Places<Message>();
  const options = new Places<AskedOptions>();
  const packed = calls.map(
    ({ messages: own, options: asked, ...call }): PackedCall => ({
      ...call,
      messages: own.map((message) => messages.placeOf(message)),
      ...(asked === undefined ? {} : { options: options.placeOf(asked) }),
    }),
  );
  return JSON.stringify({
    messages: messages.items,
    options: options.items,
    calls: packed,
  } satisfies PackedCalls);
}

/** The calls of a text that `packCalls` made. */
export function unpackCalls(text: string): PerspectiveCall[] {
  const { messages, options, calls } = JSON.parse(text) as PackedCalls;
  return calls.map(({ messages: places, options: place, ...call }) => ({
    ...call,
    messages: places.map((at) => itemAt(messages, at)),
    ...(place === undefined ? {} : { options: itemAt(options, place) }),
  }));
}

class Places<T> {
  readonly items: T[] = [];
  readonly #places = new Map<T, number>();

  placeOf(item: T): number {
    const known = this.#places.get(item);
    if (known !== undefined) return known;
    const place = this.items.push(item) - 1;
    this.#places.set(item, place);
    return place;
  }
}

function itemAt<T>(items: readonly T[], place: number): T {
  const item = items[place];
  if (item === undefined) throw new RangeError(`the packed calls have no item ${place}`);
  return item;
}
