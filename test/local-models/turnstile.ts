/** Counts how often the same request was turned away. */

const REFUSALS = 2;
const MOST_REMEMBERED = 10_000;

/** Refuses each distinct request twice and lets the third through; then it starts anew. Remembers 10,000 requests. */
export class Turnstile {
  #refused = new Map<string, number>();

  /** Whether this request is to be refused now. */
  refuses(request: string): boolean {
    const before = this.#refused.get(request) ?? 0;
    this.#refused.delete(request);
    if (before >= REFUSALS) return false;
    this.#refused.set(request, before + 1);
    if (this.#refused.size > MOST_REMEMBERED) {
      const oldest = this.#refused.keys().next();
      if (oldest.done !== true) this.#refused.delete(oldest.value);
    }
    return true;
  }

  forget(): void {
    this.#refused.clear();
  }
}
