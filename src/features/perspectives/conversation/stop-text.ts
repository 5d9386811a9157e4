/** Most sequences that are looked for, and the longest, in UTF-16 units. Providers take four or five short ones; what is beyond is left to the models. */
const MAX_SEQUENCES = 16;
const MAX_SEQUENCE_LENGTH = 256;

/**
 * Ends a text at the stop sequence that is complete first, which is left out, as providers do: a model stops writing at that moment. Of two that are complete at the
 * same letter the longer counts. What may still become one is held back. Providers do this for what their own models write; a text that was merged from several answers has nobody else to do it.
 */
export class StopText {
  /** The sequence that ended the text; null as long as none has. */
  met: string | null = null;
  readonly #sequences: readonly string[];
  #held = '';

  constructor(sequences: readonly string[]) {
    this.#sequences = sequences
      .filter(({ length }) => length > 0 && length <= MAX_SEQUENCE_LENGTH)
      .slice(0, MAX_SEQUENCES);
  }

  /** Takes the next piece and gives what of the text is certain by now; nothing once a sequence was met. */
  push(piece: string): string {
    if (this.met !== null) return '';
    this.#held += piece;
    const found = this.#sequences
      .map((sequence) => ({ sequence, at: this.#held.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at + a.sequence.length - (b.at + b.sequence.length) || a.at - b.at)[0];
    if (found === undefined) return this.#release(this.#held.length - this.#openLength());
    this.met = found.sequence;
    return this.#release(found.at);
  }

  /** The text has ended: gives what was held back. */
  end(): string {
    return this.met === null ? this.#release(this.#held.length) : '';
  }

  #release(length: number): string {
    const ready = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return ready;
  }

  /** Length of the longest end of what is held that a sequence begins with. */
  #openLength(): number {
    let open = 0;
    for (const sequence of this.#sequences) {
      const most = Math.min(sequence.length - 1, this.#held.length);
      for (let length = most; length > open; length--) {
        if (this.#held.endsWith(sequence.slice(0, length))) open = length;
      }
    }
    return open;
  }
}
