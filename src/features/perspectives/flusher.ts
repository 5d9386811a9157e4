import type { Clock } from '../../platform/clock.ts';
import type { Delta } from './run-store.ts';
import { wholeUntil } from './whole-characters.ts';

/** Pieces are gathered for this long before they are written, so that a fast stream costs few writes. */
export const FLUSH_INTERVAL_MS = 25;

export interface FlusherOptions {
  readonly clock: Clock;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Whether a perspective has not ended yet; what comes of one that has is left out. */
  readonly isOpen: (index: number) => boolean;
  readonly write: (pieces: readonly Delta[]) => void;
  /** A write that was made later failed. */
  readonly onError: (error: unknown) => void;
}

/** Gathers pieces of text and writes them together: at once when the last write is long enough ago, else when it will be. */
export class Flusher {
  readonly #options: FlusherOptions;
  #pending = new Map<number, string>();
  #lastFlush = 0;
  #scheduled = false;

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  add(index: number, text: string): void {
    const { clock, sleep, signal, onError } = this.#options;
    this.#pending.set(index, (this.#pending.get(index) ?? '') + text);
    if (this.#scheduled) return;
    const wait = this.#lastFlush + FLUSH_INTERVAL_MS - clock.now();
    if (wait <= 0) {
      this.flush();
      return;
    }
    this.#scheduled = true;
    sleep(wait, signal).then(
      () => {
        try {
          this.flush();
        } catch (error) {
          onError(error);
        }
      },
      () => undefined, // Cancelled: the end of each perspective flushes.
    );
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#pending.size === 0) return;
    const pieces: Delta[] = [];
    const kept = new Map<number, string>();
    for (const [index, text] of this.#pending) {
      if (!this.#options.isOpen(index)) continue;
      // A provider may part a character between two pieces; its first half waits for the second.
      const end = wholeUntil(text, text.length);
      if (end > 0) pieces.push({ index, text: text.slice(0, end) });
      if (end < text.length) kept.set(index, text.slice(end));
    }
    this.#pending = kept;
    this.#lastFlush = this.#options.clock.now();
    if (pieces.length > 0) this.#options.write(pieces);
  }
}
